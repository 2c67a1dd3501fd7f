"""Progress of a fleet on a terminal: how many instances are done, and which are still waited for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from halo_async.cli.log_output import is_json
from halo_async.cli.output import messages

SHOWN = 3
"""Names that are shown of those that are waited for."""


@contextmanager
def watched(names: Sequence[str]) -> Iterator[Callable[[str], None]]:
    """Show a line on a terminal while the block runs; the function that it yields takes each name that is done."""
    count = len(names)
    left = dict.fromkeys(names)
    if is_json() or sys.stderr is None or not sys.stderr.isatty():
        yield lambda name: None
        return
    with messages().status(_format_progress(count, list(left))) as line:

        def done(name: str) -> None:
            left.pop(name, None)
            line.update(_format_progress(count, list(left)))

        yield done


def _format_progress(count: int, left: Sequence[str]) -> str:
    more = f" and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
    waiting = f", waiting for {', '.join(left[:SHOWN])}{more}" if left else ""
    return f"{count - len(left)} of {count} instances{waiting}"
