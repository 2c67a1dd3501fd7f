"""Rows that the decoder refuses: numbers beyond every type, lone surrogates, objects nested too deeply.

Such a value becomes text, and the row's other values stay what they are. What is here is only called for
rows that were refused, and recurses nowhere.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_decode = msgspec.json.Decoder().decode
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{},:]|[^"\[\]{},:\s]+', re.DOTALL)
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u([dD][89a-fA-F][0-9a-fA-F]{2})|.)"
)
"""One escape in a JSON string; the group is a surrogate without its other half."""
_REFUSED = (ValueError, RecursionError)


class JsonText(str):
    """An object or a list, as the JSON text that came."""

    __slots__ = ()


def made_up(name: str) -> str:
    """A name that is made of another, always the same for it: numbers would change from run to run."""
    return f"{name}_{zlib.crc32(name.encode()):08x}"


def is_made_up(name: str) -> bool:
    """Return whether a field happens to be called as `made_up` would call another."""
    return name[-9:-8] == "_" and made_up(name[:-9]) == name


def decode_row(row: bytes, note: Callable[[Any, str, str], None] | None = None) -> Any:
    """A row with text for what cannot be decoded: a dict, or a value.

    :param note: is told the row's id, the field, and a predicate such as `has … and is stored as text`.
    """
    if row[:1] != b"{":
        value, wrong = _decode_value(row)
        if wrong and note:
            note(None, "value", f"has {wrong} and is stored as text")
        return value
    found: dict[str, Any] = {}
    said: list[tuple[str, str]] = []
    for key, raw in members(row):
        name, wrong_name = _string(key)
        name = made_up(name) if wrong_name else name
        found[name], wrong = _decode_value(raw)
        said += [(name, f"stands for a name that has {wrong_name}")] if wrong_name else []
        said += [(name, f"has {wrong} and is stored as text")] if wrong else []
    if note:
        for name, text in said:
            note(found.get("id"), name, text)
    return found


def listed(text: JsonText) -> list[Any]:
    """The elements of a list, each as a row is decoded; none of an object."""
    raw = text.encode()
    return [decode_row(item) for item in _split_parts(raw)] if raw[:1] == b"[" else []


def value_of(row: bytes, name: str) -> Any:
    """A field of an object; text where it cannot be decoded."""
    if row[:1] != b"{":
        return None
    found = None
    for key, raw in members(row):
        if _string(key)[0] == name:
            found = raw
    return None if found is None else _decode_value(found)[0]


def members(row: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and values of a JSON object, as they came."""
    for part in _split_parts(row):
        end = _TOKEN.match(part).end()  # type: ignore[union-attr]  # JSON: a string, and a colon after it
        yield part[:end], part[part.index(b":", end) + 1 :].strip()


def _split_parts(container: bytes) -> Iterator[bytes]:
    """Yield what stands between the outer commas of an object or a list."""
    depth, start = 0, 1
    for token in _TOKEN.finditer(container):
        sign = token[0]
        if sign in (b"{", b"["):
            depth += 1
        elif sign in (b"}", b"]"):
            depth -= 1
        if (sign == b"," and depth == 1) or depth == 0:
            part = container[start : token.start()].strip()
            if part:
                yield part
            start = token.end()


def _decode_value(raw: bytes) -> tuple[Any, str | None]:
    """A value, and what is the matter with it if it became text."""
    try:
        return _decode(raw), None
    except _REFUSED:
        pass
    if raw[:1] in (b"{", b"["):
        return JsonText(raw.decode()), None  # tables have it as JSON text in any case
    if raw[:1] == b'"':
        return _string(raw)
    return raw.decode(), "a number out of range"


def _string(raw: bytes) -> tuple[str, str | None]:
    try:
        return str(_decode(raw)), None
    except _REFUSED:
        return str(_decode(_ESCAPE.sub(_spelled, raw))), "a lone surrogate"


def _spelled(escape: re.Match[bytes]) -> bytes:
    """The six characters that stand for it, in place of a lone surrogate."""
    return b"\\" + escape[0] if escape[1] else escape[0]


def despite_lone_surrogates(body: bytes, read: Callable[[bytes], T], back: Callable[[T, Restore], T]) -> T:
    """Read JSON with lone surrogates, which JSON allows and UTF-8 has no bytes for.

    They go as characters that the body does not have, and come back as they were.

    :param read: reads it without them.
    :param back: brings them back, by a function for bytes.
    :raises ValueError: there are none, or `read` raises that.
    """
    sign = next((sign for sign in (b"e", b"E") if not re.search(rb"\\u" + sign + rb"[0-7]", body)), None)
    made, count = (body, 0) if sign is None else _ESCAPE.subn(lambda escape: _hidden(escape, sign), body)
    if not count or made == body:
        raise ValueError("There are no lone surrogates.")
    shown = re.compile(rb"\\u" + (sign or b"") + rb"([0-7])")
    return back(read(made), lambda data: shown.sub(lambda found: b"\\ud%x" % (int(found[1]) + 8), data))


Restore = Callable[[bytes], bytes]


def _hidden(escape: re.Match[bytes], sign: bytes) -> bytes:
    code = escape[1]
    return b"\\u%b%x%b" % (sign, int(code[1:2], 16) - 8, code[2:]) if code else escape[0]
