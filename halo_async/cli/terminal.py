"""What goes to the terminal: consoles, and text that cannot harm it."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.text import Text


def output() -> Console:
    """For results. Made anew each time: tests and pipes replace stdout."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False)


def messages() -> Console:
    """For progress and remarks."""
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def clean(text: str) -> str:
    """Text from an instance without the control characters that could move a terminal's cursor."""
    return "".join(character if character.isprintable() else " " for character in text)


def text(value: Any, *, style: str = "") -> Text:
    """A cell: never markup, never control characters."""
    return Text(clean(str(value)), style=style, overflow="ellipsis", no_wrap=True)


def size(count: int) -> str:
    """Bytes for people: `640 B`, `1.2 MB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            break
    return f"{value:.1f} {unit}"
