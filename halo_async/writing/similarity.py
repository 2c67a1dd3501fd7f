"""Similarity of a returned record and a row that was sent, whatever an instance made of its values.

Instances trim strings, change their case, round numbers, write dates another way, turn text into HTML, and add
defaults.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from math import isfinite
from typing import Any

from halo_async._utils.dates import is_never, parse_date

EXACT, NEAR, SAME, PART, OTHER = 4, 3, 2, 1, -4
"""Grades of a value that came back: as it was sent; the same string but for blanks and markup; the same written
otherwise; a part of it; another one."""
Path = tuple[str, ...]
_DEEPEST = 6
_LONGEST = 10_000
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_TAG = re.compile(r"<[^<>]{0,1000}>")
_SHORTEST_PART = 4
_LONG_PART = 30
"""Length from which a text may be cut within a number."""


class Plain:
    """A plain value, and what of it is not only the way that it is written; each is determined once."""

    __slots__ = ("_bare", "_canonical", "_letters", "identity", "value")

    def __init__(self, value: Any) -> None:
        self.value = value
        self.identity = type(value).__name__, value
        """Key of this value, exactly as it is."""
        self._canonical: tuple[str, Any] | None = None
        self._bare: str | None = None
        self._letters: str | None = None

    @property
    def canonical(self) -> tuple[str, Any]:
        """The value without what is only the way that it is written."""
        if self._canonical is None:
            self._canonical = canonical(self.value)
        return self._canonical

    @property
    def near_identity(self) -> tuple[str, Any]:
        """Key of this value but for blanks and markup."""
        if not isinstance(self.value, str):
            return self.identity
        if self._bare is None:
            self._bare = _bare(self.value[:_LONGEST])
        return "text", self._bare

    @property
    def letters(self) -> str:
        """Letters and digits of the value, without accents and case."""
        if self._letters is None:
            decomposed = unicodedata.normalize("NFKD", str(self.canonical[1])).casefold()
            self._letters = "".join(filter(str.isalnum, decomposed))
        return self._letters

    @property
    def is_never(self) -> bool:
        """True if it is a date that stands for none."""
        return self.canonical[0] == "moment" and is_never(self.canonical[1])


def parse_plain(value: Any, paths: Container[Path] | None = None) -> dict[Path, Plain]:
    """Return the plain values of a row by where they stand, or those at some paths.

    What is null or empty says nothing.
    """
    return {path: Plain(item) for path, item in _leaves(value, (), 0) if paths is None or path in paths}


def _leaves(value: Any, path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not name.startswith("_"):  # flags of the request: no record has them
                yield from _leaves(item, (*path, name.lower()), depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, _name_element(item, number)), depth + 1)
    elif value is not None and value != "":
        yield path, value


def _name_element(item: Any, number: int) -> str:
    """Elements of lists, such as custom fields, by their id or name where they have one."""
    if isinstance(item, Mapping):
        for name in ("id", "name"):
            if isinstance(item.get(name), int | str):
                return f"{name}={item[name]}"
    return str(number)


def grade(sent: Plain, came: Plain) -> int:
    """Return how a value that came back is like the one that was sent."""
    if sent.identity == came.identity:
        return EXACT
    ours, theirs = sent.canonical, came.canonical
    if ours == theirs and isinstance(sent.value, str) and isinstance(came.value, str):
        return NEAR if sent.near_identity == came.near_identity else SAME
    if ours == theirs or _is_rounded(ours, theirs):
        return SAME
    return PART if _is_part(ours, theirs) else OTHER


def canonical(value: Any) -> tuple[str, Any]:
    """A value without what is only the way that it is written."""
    if isinstance(value, int | float):
        return "number", value
    text = str(value)[:_LONGEST].strip()
    lower = text.lower()
    if lower in ("true", "false"):
        return "number", lower == "true"
    if _NUMBER.fullmatch(text):
        return "number", float(text) if "." in text else int(text)
    return _read_moment(text) or ("text", _bare(text).casefold())


def _read_moment(text: str) -> tuple[str, Any] | None:
    if not (len(text) >= 10 and text[:4].isdecimal() and text[4] == "-"):
        return None
    try:
        moment = parse_date(text)
    except ValueError:
        return None
    return None if moment is None else ("moment", moment.replace(microsecond=0))


def _bare(text: str) -> str:
    without_markup = html.unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text
    return " ".join(unicodedata.normalize("NFKC", without_markup).split())


def _is_rounded(sent: tuple[str, Any], came: tuple[str, Any]) -> bool:
    number, rounded = sent[1], came[1]
    if sent[0] != "number" or came[0] != "number" or not isinstance(number, float) or not isfinite(number):
        return False
    return abs(rounded) < 1e15 and any(abs(round(number, digits) - rounded) < 1e-9 for digits in range(7))


def _is_part(sent: tuple[str, Any], came: tuple[str, Any]) -> bool:
    """Cut at the end, or with something put around it."""
    return sent[0] == came[0] == "text" and is_part_of(*sorted((sent[1], came[1]), key=len))


def is_part_of(shorter: str, longer: str) -> bool:
    """Return whether a text is in another one. `row 1` is not in `row 12`: the numbers are not the same."""
    if len(shorter) < _SHORTEST_PART:
        return False
    start = longer.find(shorter)
    while start >= 0:
        end = start + len(shorter)
        before, after = longer[max(start - 1, 0) : start + 1], longer[end - 1 : end + 1]
        if len(shorter) >= _LONG_PART or not (_is_in_number(before) or _is_in_number(after)):
            return True
        start = longer.find(shorter, start + 1)
    return False


def _is_in_number(around: str) -> bool:
    """Return whether the two characters around a place are both digits."""
    return len(around) == 2 and around.isdigit()
