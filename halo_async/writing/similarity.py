"""Similarity of a returned record and a row that was sent, whatever an instance made of its values.

Instances trim strings, change their case, round numbers, write dates another way, turn text into HTML, and add
defaults.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from halo_async._utils.dates import parse_date

EXACT, NEAR, SAME, PART, OTHER = 4, 3, 2, 1, -4
"""Grades of a value that came back: as it was sent; the same string but for blanks and markup; the same written
otherwise; a part of it; another one."""
Path = tuple[str, ...]
_DEEPEST = 6
_LONGEST = 10_000
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_TAG = re.compile(r"<[^<>]{0,1000}>")
_SHORTEST_PART = 4


def leaves(value: Any) -> dict[Path, Any]:
    """The plain values of a row by where they stand. Of what is null or empty nothing can be told."""
    return dict(_leaves(value, (), 0))


def _leaves(value: Any, path: Path, depth: int) -> Iterator[tuple[Path, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, item in value.items():
            if not name.startswith("_"):  # flags of the request: no record has them
                yield from _leaves(item, (*path, name.lower()), depth + 1)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves(item, (*path, _name(item, number)), depth + 1)
    elif value is not None and value != "":
        yield path, value


def _name(item: Any, number: int) -> str:
    """Elements of lists, such as custom fields, by their id or name where they have one."""
    if isinstance(item, Mapping):
        for name in ("id", "name"):
            if isinstance(item.get(name), int | str):
                return f"{name}={item[name]}"
    return str(number)


def grade(sent: Any, came: Any) -> int:
    """Return how a value that came back is like the one that was sent."""
    if type(sent) is type(came) and sent == came:
        return EXACT
    ours, theirs = canonical(sent), canonical(came)
    if ours == theirs and isinstance(sent, str) and isinstance(came, str):
        return NEAR if _bare(sent[:_LONGEST]) == _bare(came[:_LONGEST]) else SAME
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
    return _moment(text) or ("text", _bare(text).casefold())


def _moment(text: str) -> tuple[str, Any] | None:
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
    if sent[0] != "text" or came[0] != "text":
        return False
    shorter, longer = sorted((sent[1], came[1]), key=len)
    return len(shorter) >= _SHORTEST_PART and shorter in longer
