"""Terminal output: consoles, and escaping of untrusted text."""

from __future__ import annotations

import sys
from typing import Any

from rich.console import Console
from rich.text import Text


def output() -> Console:
    """Return a console for results. Created on each call: tests and pipes replace stdout."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False, soft_wrap=False)


def messages() -> Console:
    """Return a console for progress and remarks."""
    return Console(file=sys.stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def clean(text: str) -> str:
    """Strip from an instance's text the control characters that could move a terminal's cursor."""
    return "".join(character if character.isprintable() else " " for character in text)


def text(value: Any, *, style: str = "") -> Text:
    """Return a cell: never markup, never control characters."""
    return Text(clean(str(value)), style=style, overflow="ellipsis", no_wrap=True)


def size(count: int) -> str:
    """Format bytes for people: `640 B`, `1.2 MB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        if value < 1000 or unit == "GB":
            break
    return f"{value:.1f} {unit}"
