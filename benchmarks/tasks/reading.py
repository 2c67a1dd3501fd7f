"""Reading of row attributes, as in user code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.rows import names

Read = Callable[[Any], None]


def reader(read: int, *, keys: bool) -> Read:
    """Return a loop over rows with the reads written out, since `getattr` would cost more than a read.

    The attributes, or the `keys` of dicts, are spread over the row, so that dates are among them as often
    as in it.
    """
    every = names()
    chosen = every[:: len(every) // read][:read] if read else []
    word = '["{}"]' if keys else ".{}"
    lines = "; ".join(f"row{word.format(name)}" for name in chosen) or "pass"
    scope: dict[str, Any] = {}
    exec(f"def read(rows):\n    for row in rows: {lines}" if read else "def read(rows): pass", scope)
    made: Read = scope["read"]
    return made
