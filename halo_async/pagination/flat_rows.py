"""Cutting of a page into rows by its braces alone, where each of them is known to begin a row."""

from __future__ import annotations

import msgspec

_check = msgspec.json.Decoder(msgspec.Raw).decode
_TRIES = 4
"""Closing braces tried as the last row's end; those before it are in its strings."""


def flat_rows(body: bytes, count: int, *, bare: bool) -> list[bytes] | None:
    """Return the rows of a page that is valid JSON; None unless its only objects are the rows and the envelope.

    Each row, and the envelope, has one opening brace at least. So if there are no more than these in the whole body,
    none is in a string, and the row ends at the last closing brace before the next row. The search for a single byte is
    ten times as fast as a pass of a decoder.

    :param count: the number of rows, at least one, which are all objects.
    :param bare: whether the body is an array, not an object around one.
    """
    find, last = body.find, body.rfind
    start = find(b"{") if bare else find(b"{", find(b"{") + 1)
    rows = []
    for _ in range(count - 1):
        following = find(b"{", start + 1)
        rows.append(body[start : last(b"}", start, following) + 1])
        start = following
    if find(b"{", start + 1) >= 0:
        return None
    end = _end(body, start)
    return None if end is None else [*rows, body[start:end]]


def _end(body: bytes, start: int) -> int | None:
    """Return the end of the object that begins there: no shorter part of it is valid JSON."""
    end = start
    for _ in range(_TRIES):
        end = body.find(b"}", end) + 1
        try:
            _check(body[start:end])
        except msgspec.DecodeError:
            continue
        return end
    return None
