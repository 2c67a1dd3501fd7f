"""A page's bytes split into rows, without making Python objects of them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from attrs import frozen

from halo_async.errors import DecodeError
from halo_async.list_answer import SIDECARS
from halo_async.transport import Response
from halo_async.transport.decode import decode_json

_BOM = b"\xef\xbb\xbf"
_split = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw]).decode
_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode


@frozen
class Page:
    """One answer to a list call."""

    rows: list[bytes]
    """Each one JSON value without blanks or line feeds between its parts; strings and numbers untouched."""
    total: int | None
    """`record_count`, where the answer has one."""
    bare: bool
    """A JSON array, not an object around one."""
    size: int
    """Bytes of the answer."""


def split(response: Response, key: str | None) -> Page:
    """The rows of a page; `key` names the list in an envelope.

    :raises DecodeError: the answer is no list of rows.
    """
    body = response.body.removeprefix(_BOM)
    try:
        body.decode()  # msgspec does not look into strings that it only passes on
        value = _split(msgspec.json.format(body, indent=-1)) if body else []
        if isinstance(value, list):
            return Page([bytes(row) for row in value], None, True, len(response.body))
        rows = [bytes(row) for row in _rows(_list_of(value, key))]
    except (ValueError, RecursionError):
        raise _unreadable(response) from None
    return Page(rows, _total(value), False, len(response.body))


def _list_of(envelope: Mapping[str, msgspec.Raw], key: str | None) -> bytes:
    """The envelope's list: under its known name, else the only list there is."""
    named = {name.lower(): raw for name, raw in envelope.items()}
    if key is not None and key.lower() in named:
        raw = bytes(named[key.lower()])
        return b"[]" if raw == b"null" else raw
    lists = [raw for name, raw in named.items() if name not in SIDECARS and bytes(raw).startswith(b"[")]
    if len(lists) == 1:
        return bytes(lists[0])
    if _total(envelope) == 0:
        return b"[]"  # nulls are left out, an empty list may be too
    raise ValueError("no list of rows")


def _total(envelope: Mapping[str, msgspec.Raw]) -> int | None:
    text = bytes(envelope.get("record_count", b"")).strip(b'"')
    return int(text) if text.isdigit() and len(text) < 16 else None


def _unreadable(response: Response) -> DecodeError:
    try:
        decode_json(response)  # says what is wrong with it, if it is no JSON at all
    except DecodeError as error:
        return error
    return DecodeError(f"the answer ({len(response.body)} bytes) holds no list of rows")
