"""`halo-async fleet`: commands over all instances of a file."""

from __future__ import annotations

from halo_async.cli.commands import Listed

__all__ = ["COMMANDS", "HELP"]

HELP = """Run a command on many instances, and show the results side by side.

The instances are those of a TOML file (--file), or your profiles. One that fails is reported and keeps no other from
its result.

Exit codes: 0 if all are done, 5 if some failed or are incomplete, 2 wrong usage; `drift` as without `fleet`.
"""


COMMANDS = {
    "whoami": Listed(
        "fleet.login:whoami", "Show the login of each instance: tenant, version, scopes and agent."
    ),
    "doctor": Listed("fleet.login:doctor", "Find out which connections are wrong, and at which step."),
    "call": Listed(
        "fleet.call:call", "Call one operation on each instance, and show the responses as one table."
    ),
    "export": Listed(
        "fleet.export:export",
        "Export the same lists of each instance, into folders that are read as one table.",
    ),
    "diff": Listed(
        "fleet.documents:diff",
        "Show how the API of each instance differs from one of them, or from another document.",
    ),
    "drift": Listed(
        "fleet.documents:drift",
        "Exit with 1 if the API of an instance differs from the one in use, and show which.",
    ),
}
