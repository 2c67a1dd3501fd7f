"""`halo-async fleet`: commands over all instances of a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping

__all__ = ["HELP", "load_commands"]

HELP = """Run a command on many instances, and show the results side by side.

The instances are those of a TOML file (--file), or your profiles. One that fails is reported and keeps no other from
its result.

Exit codes: 0 if all are done, 5 if some failed or are incomplete, 2 wrong usage; `drift` as without `fleet`.
"""


def load_commands() -> Mapping[str, Callable[..., int]]:
    """Import and return the commands by name: they cost a tenth of the time of `halo-async --help`."""
    from halo_async.cli.fleet.call import call
    from halo_async.cli.fleet.documents import diff, drift
    from halo_async.cli.fleet.export import export
    from halo_async.cli.fleet.login import doctor, whoami

    return {
        "whoami": whoami,
        "doctor": doctor,
        "call": call,
        "export": export,
        "diff": diff,
        "drift": drift,
    }
