"""Copy of a document with only what UTF-8 and JSON can represent; the rest is dropped and reported."""

from __future__ import annotations

from typing import Any

from halo_generator.report import CanonicalReport, pointer

_HALVES = range(0xD800, 0xE000)


class OddNumber(str):
    """A number that JSON can write but no program reads: `1e400`, `NaN`, or one of thousands of digits."""

    __slots__ = ()


LONGEST = 300
"""Maximum number of digits of a whole number."""


def whole(text: str) -> int | OddNumber:
    """Parse a whole number of a document."""
    return int(text) if len(text) <= LONGEST else OddNumber(text)


def fraction(text: str) -> float | OddNumber:
    """Parse any other number of a document."""
    number = float(text)
    return OddNumber(text) if number in (float("inf"), float("-inf")) else number


def copied(node: Any, report: CanonicalReport, *place: str | int) -> Any:
    """Return a copy of ``node``, which is at ``place``."""
    if isinstance(node, dict):
        kept = {}
        for name, value in node.items():
            if _is_broken(name):
                report.degraded[pointer(*place, name)] = (
                    "left out: half a character (a lone surrogate) in a name"
                )
            else:
                kept[name] = copied(value, report, *place, name)
        return kept
    if isinstance(node, list):
        return [copied(value, report, *place, index) for index, value in enumerate(node)]
    if isinstance(node, OddNumber):
        report.degraded[pointer(*place)] = f"left out: {_why(node)}"
        return None
    if isinstance(node, str) and _is_broken(node):
        report.degraded[pointer(*place)] = "half a character (a lone surrogate) became U+FFFD"
        return "".join("\N{REPLACEMENT CHARACTER}" if ord(c) in _HALVES else c for c in node)
    return node


def _why(number: OddNumber) -> str:
    if number.strip("+-.").isalpha():
        return f"{str(number)!r} is not a number of JSON"
    return f"a number too large for any program ({len(number):,} characters)"


def _is_broken(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
