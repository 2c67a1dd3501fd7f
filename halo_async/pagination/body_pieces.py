"""Large pages, read in pieces.

A call of the decoder keeps every thread of the process from running, the event loop's among them: 190 ms for 5,000 rows
of 150 fields. So the rows of a large body are cut into runs of `PIECE` bytes, and each run is read as a body of its own
with the page's envelope around it, 3 ms at a time.

Nothing is read otherwise than in one piece. JSON is read from left to right: where a run that begins at a row is a
series of whole values, it ends between two rows, whatever follows. The last piece has the whole envelope.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from typing import TypeVar

import attrs
import msgspec

from halo_async._operations.list_envelope import SIDECARS
from halo_async._utils.byte_order_mark import strip_bom
from halo_async._utils.json_depth import decode
from halo_async.errors import DecodeError
from halo_async.transport.types import Response

PIECE = 2**19
"""Bytes: about 3 ms of decoding. Bodies up to twice as large are read at once."""
_HEAD = 2**18
"""Maximum bytes before the first row."""
_SHORT = 2**16
"""Bytes at the end of the body in which the last piece begins, if a row does."""
_TRIES = 64
"""Places tried as the end of a run: in rows of objects most commas between braces are not between rows."""
_LIST = re.compile(rb'"([^"\\]*)"\s*:\s*\[\s*(?=\{)')
_BETWEEN = re.compile(rb"\}\s*,\s*(?=\{)")

_values = msgspec.json.Decoder(list[msgspec.Raw]).decode


P = TypeVar("P")


@attrs.frozen
class _Envelope:
    """The bytes around the rows of a page.

    :ivar head: all before the first row.
    :ivar close: what ends a page without anything behind its rows.
    :ivar name: the field that has the rows; None for a bare array.
    """

    head: bytes
    close: bytes
    name: bytes | None = None


def read_in_pieces(
    response: Response,
    key: str | None,
    read: Callable[[Response], P],
    join: Callable[[list[P]], P],
    count: Callable[[P], int],
    *,
    size: int = PIECE,
) -> P:
    """Return `read(response)`, of pieces if the body is large and can be cut.

    :param key: the field of an envelope that has the rows, if it is known.
    :param read: returns the rows of a body, and raises `DecodeError` if it has none.
    :param join: returns the page of the rows of all parts, for the rest as the last one.
    :param count: returns the number of rows of a part.
    :raises DecodeError: the response is not a list.
    """
    if len(response.body) <= 2 * size:
        return read(response)
    parts: list[P] = []
    try:
        for body, expected in _pieces(response.body, key, size):
            part = read(msgspec.structs.replace(response, body=body))
            if count(part) != expected >= 0:
                raise _Uncut  # the reader takes another list for the rows
            parts.append(part)
    except (_Uncut, DecodeError):  # an error is that of the whole body
        return read(response)
    return join(parts)


class _Uncut(Exception):
    """The body cannot be cut."""


def _pieces(body: bytes, key: str | None, size: int) -> Iterator[tuple[bytes, int]]:
    """Yield bodies of a part of the rows each, and how many there are; -1 for the last body.

    :raises _Uncut: the body is not a list of objects, or what is between them is not seen.
    """
    envelope = _envelope(body, key)
    start, end = len(envelope.head), len(body)
    with suppress(_Uncut):  # the rows behind it are read at once
        while end - start > 2 * size:
            start, run, count = _find_run(body, start, _BETWEEN.finditer(body, start + size))
            yield b"%b%b%b" % (envelope.head, run, envelope.close), count
    with suppress(_Uncut):  # a last piece of few rows is quicker to check
        near_end = _BETWEEN.finditer(body, max(start, end - _SHORT))
        start, run, count = _find_run(body, start, reversed(list(near_end)))
        yield b"%b%b%b" % (envelope.head, run, envelope.close), count
    last = envelope.head + body[start:]
    if envelope.name is not None and not _has_once(last, envelope.name):
        raise _Uncut
    yield last, -1


def _envelope(body: bytes, key: str | None) -> _Envelope:
    """:raises _Uncut: no list of objects is seen at once."""
    before = len(body) - len(strip_bom(body))
    opening = re.compile(rb"\s*").match(body, before)
    assert opening is not None
    first = opening.end()
    if body[first : first + 1] == b"[":
        return _Envelope(body[: first + 1], b"]")
    for found in islice(_LIST.finditer(body, first, first + _HEAD), _TRIES):
        name, head = found[1], body[: found.end()]
        if _is_of_rows(name, key) and _ends_with_list(head, name):
            return _Envelope(head, b"]}", name)
    raise _Uncut


def _is_of_rows(name: bytes, key: str | None) -> bool:
    """Return whether the readers take the list under a name for the rows, unless they find it ambiguous."""
    text = name.decode(errors="replace").lower()
    return text not in SIDECARS if key is None else text == key.lower()


def _ends_with_list(head: bytes, name: bytes) -> bool:
    """Return whether the list that opens at the end is a field of the envelope itself."""
    try:
        value = decode(strip_bom(head) + b"]}")
    except (ValueError, RecursionError):
        return False
    last = list(value)[-1:] if isinstance(value, dict) else []
    return last == [name.decode()] and value[last[0]] == []


def _find_run(body: bytes, start: int, candidates: Iterable[re.Match[bytes]]) -> tuple[int, bytes, int]:
    """Return the start of the row behind a run of whole rows, the run, and how many rows it has.

    :raises _Uncut: none of the first candidates is a place between rows.
    """
    for between in islice(candidates, _TRIES):
        run = body[start : between.start() + 1]
        try:
            return between.end(), run, len(_values(b"[%b]" % run))
        except (ValueError, RecursionError):
            continue
    raise _Uncut


def _has_once(body: bytes, name: bytes) -> bool:
    """Return whether an envelope has one field of this name: of several the last one counts, which is not ours."""
    try:
        pairs = json.loads(body, object_pairs_hook=list)
        return [str(each).lower() for each, _ in pairs].count(name.decode().lower()) == 1
    except (ValueError, RecursionError):
        return False
