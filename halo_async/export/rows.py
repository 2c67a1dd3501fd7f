"""Splitting of a page's bytes into rows, without creating Python objects of them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import msgspec

from halo_async._utils.byte_order_mark import strip_bom
from halo_async._utils.json_depth import DEPTH_LIMIT, exceeds_depth, has_openers
from halo_async.errors import DecodeError
from halo_async.export.lenient import Restore, despite_lone_surrogates
from halo_async.pagination.envelope import SIDECARS, says_error
from halo_async.transport import Response
from halo_async.transport.decode import decode_json

_split = msgspec.json.Decoder(list[msgspec.Raw] | dict[str, msgspec.Raw]).decode
_rows = msgspec.json.Decoder(list[msgspec.Raw]).decode
_NOTHING = frozenset({b"null", b'""', b"false", b"0", b"[]", b"{}"})


class _Numbered(msgspec.Struct):
    id: int


_numbered = msgspec.json.Decoder(list[_Numbered]).decode


@attrs.frozen
class RowPage:
    """One response of a list."""

    rows: list[bytes]
    """Each one JSON value without whitespace between its parts; strings and numbers unchanged."""
    total: int | None
    """`record_count`, if the response has one."""
    bare: bool
    """True for a JSON array, not an object around one."""
    size: int
    """Bytes of the response."""
    listed: bool = True
    """True if the response has a list of rows; False for an envelope that counts none and leaves it out."""
    ids: list[int] | None = None
    """The rows' ids in their order; None unless every row has an integer there."""

    @property
    def ascending(self) -> bool:
        """True if every row has an id, each greater than the one before."""
        ids = self.ids
        return ids is not None and all(map(int.__lt__, ids, ids[1:]))

    @property
    def descending(self) -> bool:
        """True if every row has an id, each less than the one before."""
        ids = self.ids
        return ids is not None and all(map(int.__gt__, ids, ids[1:]))

    def upright(self) -> RowPage:
        """Return the same page with its rows by ascending ids, if they were in descending order."""
        if not self.descending:
            return self
        return attrs.evolve(self, rows=self.rows[::-1], ids=None if self.ids is None else self.ids[::-1])


def split(response: Response, key: str | None) -> RowPage:
    """The rows of a page; `key` names the list in an envelope.

    :raises DecodeError: the response is not a list of rows: it is empty, says that it is an error, or holds none.
    """
    body = strip_bom(response.body)
    size = len(response.body)
    try:
        return _page(body, key, size)
    except (ValueError, RecursionError):
        pass
    try:
        return despite_lone_surrogates(body, lambda made: _page(made, key, size), _restored)
    except (ValueError, RecursionError):
        raise _unreadable(response) from None


def _page(body: bytes, key: str | None, size: int) -> RowPage:
    if not body.isascii():
        body.decode()  # msgspec does not validate strings that it only passes on
    body = msgspec.json.format(body, indent=-1)
    value = _split(body)
    if isinstance(value, list):
        rows = [bytes(row) for row in value]
        page = RowPage(rows, None, True, size, ids=ids_of(rows))
    else:
        page = _of_envelope(value, key, size)
    _check_depth(body, page)
    return page


def _check_depth(body: bytes, page: RowPage) -> None:
    """:raises RecursionError: the body is nested too deeply. msgspec passes strings and levels on unseen.

    It takes 2 % of the time for a page of flat rows, whose brackets are too few, and 7 % for one of nested rows.
    """
    count = min(DEPTH_LIMIT, 4 * len(page.rows) + 100)
    if len(body) <= 2 * DEPTH_LIMIT or not has_openers(body, count):
        return
    beside = len(body) - sum(map(len, page.rows)) - len(page.rows)
    above = 1 if page.bare else 2
    if any(exceeds_depth(row, DEPTH_LIMIT - above) for row in page.rows) or (
        beside > 2 * DEPTH_LIMIT and exceeds_depth(body)
    ):
        raise RecursionError


def _of_envelope(value: Mapping[str, msgspec.Raw], key: str | None, size: int) -> RowPage:
    if any(says_error(name, key) and bytes(raw) not in _NOTHING for name, raw in value.items()):
        raise ValueError("The response is an error.")
    found = _list_of(value, key)
    rows = [bytes(row) for row in _rows(found or b"[]")]
    return RowPage(rows, _total(value), False, size, found is not None, _ids(found or b"[]"))


def _restored(page: RowPage, restore: Restore) -> RowPage:
    return attrs.evolve(page, rows=[restore(row) for row in page.rows])


def ids_of(rows: list[bytes]) -> list[int] | None:
    """The rows' ids in their order; None unless every row has an integer there."""
    return _ids(b"[" + b",".join(rows) + b"]")


def _ids(rows: bytes) -> list[int] | None:
    try:
        return [row.id for row in _numbered(rows)]
    except (msgspec.DecodeError, RecursionError):
        return None


def _list_of(envelope: Mapping[str, msgspec.Raw], key: str | None) -> bytes | None:
    """The envelope's list: under its known name, else the only list there is; None if it counts no rows."""
    named = {name.lower(): raw for name, raw in envelope.items()}
    if key is not None and key.lower() in named:
        raw = bytes(named[key.lower()])
        return None if raw == b"null" and _total(envelope) == 0 else raw
    lists = [raw for name, raw in named.items() if name not in SIDECARS and bytes(raw).startswith(b"[")]
    if len(lists) == 1:
        return bytes(lists[0])
    if _total(envelope) == 0:
        return None  # nulls are omitted, an empty list may be too
    raise ValueError("The response has no list of rows.")


def _total(envelope: Mapping[str, msgspec.Raw]) -> int | None:
    text = bytes(envelope.get("record_count", b"")).strip(b'"')
    return int(text) if text.isdigit() and len(text) < 16 else None


def _unreadable(response: Response) -> DecodeError:
    try:
        value = decode_json(response)  # raises with the reason, if it is not JSON at all
    except DecodeError as error:
        return error
    if value is None:
        return DecodeError("Expected a list, got an empty response.")
    return DecodeError(f"The response ({len(response.body)} bytes) has no list of rows, or is an error.")
