"""A page's rows by Python's own JSON scanner, one value after the other: slow, and independent of the splitter."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from halo_async._operations.list_envelope import ERRORS, SIDECARS
from halo_async._utils.json_depth import DEPTH_LIMIT

_SPACE = re.compile(r"[ \t\n\r]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^ \t\n\r"]+|[ \t\n\r]+', re.DOTALL)
Found = tuple[list[bytes], int | None, bool, bool, list[int] | None]


def reference(body: bytes, key: str | None) -> Found:
    """Return rows, total, `bare`, `listed` and ids of a page.

    :raises ValueError: it is not one.
    """
    text = body.removeprefix(b"\xef\xbb\xbf").decode()
    if _depth(text) > DEPTH_LIMIT:
        raise ValueError("deep")
    value, end = _scan(text, _after_space(text, 0))
    if _after_space(text, end) != len(text):
        raise ValueError("more follows")
    if isinstance(value, list):
        return _page(list(_items(text)), None, True, True)
    if not isinstance(value, dict):
        raise ValueError("no list")
    if any(
        item and name.lower() in ERRORS and name.lower() != (key or "").lower()
        for name, item in value.items()
    ):
        raise ValueError("an error")
    total = _total(value.get("record_count"))
    name = _name(value, key, total)
    if name is None:
        return _page([], total, False, False)
    part = [raw for member, raw in _members(text) if member == name][-1]
    return _page(list(_items(part)), total, False, True)


def _page(rows: list[str], total: int | None, bare: bool, listed: bool) -> Found:
    found = [
        [_scan(raw, 0)[0] for name, raw in _members(row) if name == "id"] for row in rows if row[0] == "{"
    ]
    known = len(found) == len(rows) and all(ids and all(type(id) is int for id in ids) for ids in found)
    lines = [_line(row).encode() for row in rows]
    return lines, total, bare, listed, [ids[-1] for ids in found] if known else None


def _line(row: str) -> str:
    if "\n" not in row and "\r" not in row:
        return row
    return "".join(token for token in _TOKEN.findall(row) if token.strip(" \t\n\r"))


def _total(count: Any) -> int | None:
    if isinstance(count, str):
        count = int(count) if re.fullmatch("[0-9]{1,15}", count) else None
    return count if type(count) is int and 0 <= count < 10**15 else None


def _name(value: dict[str, Any], key: str | None, total: int | None) -> str | None:
    folded = {name.lower(): name for name in value}
    wanted = folded.get(key.lower()) if key is not None else None
    if wanted is not None:
        if isinstance(value[wanted], list):
            return wanted
        if value[wanted] is None and total == 0:
            return None
        raise ValueError("not a list")
    lists = [
        name for lower, name in folded.items() if isinstance(value[name], list) and lower not in SIDECARS
    ]
    if len(lists) == 1:
        return lists[0]
    if total == 0:
        return None
    raise ValueError("which list?")


def _constant(name: str) -> Any:
    raise ValueError(name)


_scan = json.JSONDecoder(parse_constant=_constant).raw_decode


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _items(text: str) -> Iterator[str]:
    """Yield the texts of a valid array's items."""
    at = _after_space(text, _after_space(text, 0) + 1)
    while text[at] != "]":
        _, end = _scan(text, at)
        yield text[at:end]
        at = _after_space(text, end)
        if text[at] == ",":
            at = _after_space(text, at + 1)


def _members(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names and the values' texts of a valid object."""
    at = _after_space(text, _after_space(text, 0) + 1)
    while text[at] != "}":
        name, end = _scan(text, at)
        at = _after_space(text, _after_space(text, end) + 1)
        _, end = _scan(text, at)
        yield name, text[at:end]
        at = _after_space(text, end)
        if text[at] == ",":
            at = _after_space(text, at + 1)


def _depth(text: str) -> int:
    depth = deepest = 0
    for token in _TOKEN.findall(text):
        if token[0] != '"':
            for sign in token:
                depth += (sign in "[{") - (sign in "]}")
                deepest = max(deepest, depth)
    return deepest
