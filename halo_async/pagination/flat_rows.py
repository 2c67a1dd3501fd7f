"""Cutting of a page into rows by its braces alone, where each of them is known to begin a row."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

MARK = b'{"id":0}'
"""Takes the place of the rows in the envelope."""
_check = msgspec.json.Decoder(msgspec.Raw).decode
_TRIES = 4
"""Closing braces tried as the last row's end; those before it are in its strings."""
_WHITESPACE = b" \t\r\n"


class FlatRows(NamedTuple):
    """A body that was cut.

    It is valid JSON if each row is an object in JSON, and the frame is JSON whose only object, except the envelope, is
    the mark: an element of a list, in whose place several are as good.
    """

    rows: list[bytes]
    frame: bytes
    """The envelope with the mark in the place of the rows."""


def flat_rows(body: bytes) -> FlatRows | None:
    """Return the rows of a page and what is around them; None unless its only objects are the rows and the envelope.

    A row ends at the last closing brace before the next opening one; nothing but a comma may be between them. The
    search for a single byte is ten times as fast as a pass of a decoder.
    """
    find, last = body.find, body.rfind
    start = find(b"{")
    if body.lstrip(_WHITESPACE)[:1] != b"[":
        start = find(b"{", start + 1)
    if start < 0:
        return None
    head, rows = body[:start], []
    while (following := find(b"{", start + 1)) >= 0:
        end = last(b"}", start, following) + 1
        if body[end:following] != b"," and body[end:following].strip(_WHITESPACE) != b",":
            return None
        rows.append(body[start:end])
        start = following
    last_end = _find_end(body, start)
    if last_end is None:
        return None
    return FlatRows([*rows, body[start:last_end]], b"%b%b%b" % (head, MARK, body[last_end:]))


def _find_end(body: bytes, start: int) -> int | None:
    """Return the end of the object that begins there: no shorter part of it is valid JSON."""
    end = start
    for _ in range(_TRIES):
        end = body.find(b"}", end) + 1
        if not end:
            return None
        try:
            _check(body[start:end])
        except msgspec.DecodeError:
            continue
        return end
    return None
