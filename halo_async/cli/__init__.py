"""The `halo-async` command."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_EXTRA = frozenset({"typer", "rich", "click"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code (see `halo_async.cli.errors.Exit`)."""
    if "_HALO_ASYNC_COMPLETE" in os.environ:
        from halo_async.cli.completion import print_candidates

        return print_candidates(sys.argv[1:] if arguments is None else arguments)
    try:
        import rich  # noqa: F401 - used by the commands later; missing, it is to be missed here

        from halo_async.cli.app import run
    except KeyboardInterrupt:
        print("error: interrupted", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        print('error: the command needs more packages: pip install "halo-async[cli]"', file=sys.stderr)
        return 2
    return run(arguments)
