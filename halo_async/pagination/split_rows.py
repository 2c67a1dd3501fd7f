"""Splitting of a page's bytes into rows, without keeping Python objects of them.

Where the rows hold no other objects, they are cut out by their braces; else a pass of the decoder cuts them out. Each
row is then read by itself for its id, so that what is made of one is gone before the next. What is left of the page,
the envelope, is read with a mark in the place of the rows. Together these check every byte of the body.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

import attrs
import msgspec
from msgspec import Raw

from halo_async._operations.list_envelope import AN_ERROR, SIDECARS, are_errors, says_error
from halo_async._utils.byte_order_mark import strip_bom
from halo_async._utils.json_depth import DEPTH_LIMIT, OPENERS, decode, exceeds_depth, has_openers
from halo_async._utils.lenient import Restore, despite_lone_surrogates
from halo_async.errors import DecodeError
from halo_async.pagination.body_pieces import read_in_pieces
from halo_async.pagination.flat_rows import flat_rows
from halo_async.transport import Response
from halo_async.transport.decode import decode_json


class _Numbered(msgspec.Struct, gc=False):
    id: int


class NumberedRow(Protocol):
    """A row with an integer as its id."""

    id: int


RowReader = Callable[[bytes], NumberedRow]
"""Decoder of one row.

It raises `ValueError` for what is not a JSON object with an integer as its `id`, or not what else it expects.
"""

_Scalar = None | bool | int | float | str
_Body = list[Any] | dict[str, Any]
"""A list's items, or an envelope whose lists are such; the items are `_Numbered` or `Raw`."""
_read_numbered = msgspec.json.Decoder(_Numbered).decode
_decode_numbered = msgspec.json.Decoder(
    list[_Numbered] | dict[str, list[_Numbered] | dict[str, Raw] | _Scalar]
).decode
_decode_raw = msgspec.json.Decoder(list[Raw] | dict[str, list[Raw] | dict[str, Raw] | _Scalar]).decode
_split = msgspec.json.Decoder(list[Raw] | dict[str, Raw]).decode
_decode_part = msgspec.json.Decoder(list[Raw] | dict[str, Raw] | _Scalar).decode
_MAX_TOTAL = 10**15


@attrs.frozen
class RowPage:
    """One response of a list."""

    rows: list[bytes]
    """Each one JSON value in one line, as it came; one with line breaks between its parts is without whitespace."""
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
    read_by: RowReader | None = None
    """The reader given to `split`, if it read every row."""

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


def split(response: Response, key: str | None, reader: RowReader | None = None) -> RowPage:
    """The rows of a page; `key` names the list in an envelope.

    :param reader: is tried on each row, before one that expects an id alone.
    :raises DecodeError: the response is not a list of rows: it is empty, says that it is an error, or holds none.
    """
    cut = partial(_split_at_once, key=key, reader=reader)
    page = read_in_pieces(response, key, cut, _joined, _row_count)
    size = len(response.body)
    return page if page.size == size else attrs.evolve(page, size=size)


def _row_count(page: RowPage) -> int:
    return len(page.rows)


def _joined(parts: list[RowPage]) -> RowPage:
    """The rows of all parts, for the rest as the last one."""
    last, every = parts[-1], [part.ids for part in parts]
    rows = [row for part in parts for row in part.rows]
    ids = None if None in every else [id for ids in every if ids is not None for id in ids]
    same = all(part.read_by is last.read_by for part in parts)
    return attrs.evolve(last, rows=rows, ids=ids, read_by=last.read_by if same else None)


def _split_at_once(response: Response, key: str | None, reader: RowReader | None = None) -> RowPage:
    body = strip_bom(response.body)
    size = len(response.body)
    try:
        return _decode_page(body, key, size, reader)
    except (ValueError, RecursionError):
        pass
    try:
        return despite_lone_surrogates(body, lambda made: _decode_page(made, key, size), _restored)
    except (ValueError, RecursionError):
        raise _unreadable(response) from None


def _decode_page(body: bytes, key: str | None, size: int, reader: RowReader | None = None) -> RowPage:
    if not body.isascii():
        body.decode()  # msgspec does not validate strings that it only passes on
    page = _page_of_flat_rows(body, key, size, reader)
    if page is None:
        page = _page_of_parts(body, key, size, reader)
    if page.bare and page.rows:
        _check_errors(page.rows)
    return page


def _check_errors(rows: list[bytes]) -> None:
    """:raises ValueError: all are errors. The first that is none ends it, as one that takes more to decode does."""
    with suppress(msgspec.DecodeError, RecursionError):
        if are_errors(map(decode, rows)):
            raise ValueError(AN_ERROR)


def _page_of_flat_rows(body: bytes, key: str | None, size: int, reader: RowReader | None) -> RowPage | None:
    cut = flat_rows(body)
    if cut is None:
        return None
    try:
        ids, read_by = _read_ids(cut.rows, reader)
        value: _Body = _decode_numbered(cut.frame)
    except (msgspec.DecodeError, RecursionError):
        return None  # it is not JSON, or some item of a list has no integer as its id
    listed = _list_in(value, key)
    if listed is None or len(listed) != 1:  # the mark is elsewhere
        return None
    bare = isinstance(value, list)
    page = RowPage(_in_one_line(cut.rows, body), _total(value), bare, size, ids=ids, read_by=read_by)
    _check_depth(body, page, (b"[",))  # there are as few objects as rows
    return page


def _page_of_parts(body: bytes, key: str | None, size: int, reader: RowReader | None) -> RowPage:
    value = _decode_body(body)
    listed = _list_in(value, key)
    rows = _in_one_line([bytes(row) for row in listed or ()], body)
    ids: list[int] | None = None
    read_by = None
    with suppress(msgspec.DecodeError, RecursionError):
        ids, read_by = _read_ids(rows, reader)
    page = RowPage(rows, _total(value), isinstance(value, list), size, listed is not None, ids, read_by)
    _check_depth(body, page)
    return page


def _read_ids(rows: list[bytes], reader: RowReader | None) -> tuple[list[int], RowReader | None]:
    """Return the rows' ids, and the reader if it read all of them.

    :raises DecodeError: a row has no integer as its id.
    """
    if reader is not None:
        with suppress(ValueError, RecursionError):
            return [reader(row).id for row in rows], reader
    return [_read_numbered(row).id for row in rows], None


def _decode_body(body: bytes) -> _Body:
    try:
        value: _Body = _decode_raw(body)
    except msgspec.ValidationError:
        split = _split(body)
        value = split if isinstance(split, list) else {name: _decode_rest(raw) for name, raw in split.items()}
    return value


def _decode_rest(raw: Raw) -> Any:
    try:
        return _decode_part(raw)
    except msgspec.ValidationError:  # a number out of range
        return bytes(raw).decode()


def _in_one_line(rows: list[bytes], body: bytes) -> list[bytes]:
    if b"\n" not in body and b"\r" not in body:  # JSON has them between its parts only
        return rows
    return [msgspec.json.format(row, indent=-1) if b"\n" in row or b"\r" in row else row for row in rows]


def _check_depth(body: bytes, page: RowPage, signs: tuple[bytes, ...] = OPENERS) -> None:
    """:raises RecursionError: the body is nested too deeply. msgspec passes strings and levels on unseen.

    It takes little time where the brackets are too few for that, and most in pages of many nested rows.
    """
    count = min(DEPTH_LIMIT, 4 * len(page.rows) + 100)
    if len(body) <= 2 * DEPTH_LIMIT or not has_openers(body, count, signs):
        return
    beside = len(body) - sum(map(len, page.rows)) - len(page.rows)
    above = 1 if page.bare else 2
    if any(exceeds_depth(row, DEPTH_LIMIT - above) for row in page.rows) or (
        beside > 2 * DEPTH_LIMIT and exceeds_depth(body)
    ):
        raise RecursionError


def _restored(page: RowPage, restore: Restore) -> RowPage:
    return attrs.evolve(page, rows=[restore(row) for row in page.rows])


def ids_of(rows: list[bytes]) -> list[int] | None:
    """The rows' ids in their order; None unless every row has an integer there."""
    try:
        return [_read_numbered(row).id for row in rows]
    except (msgspec.DecodeError, RecursionError):
        return None


def _list_in(value: _Body, key: str | None) -> list[Any] | None:
    """The list of rows: in an envelope under its known name, else the only one there; None if it counts no rows.

    :raises ValueError: there is none, or the envelope is an error.
    """
    if isinstance(value, list):
        return value
    if any(part and says_error(name, key) for name, part in value.items()):
        raise ValueError("The response is an error.")
    named = {name.lower(): part for name, part in value.items()}
    if key is not None and key.lower() in named:
        part = named[key.lower()]
        lists = [part] if isinstance(part, list) else []
        is_left_out = part is None
    else:
        lists = [part for name, part in named.items() if isinstance(part, list) and name not in SIDECARS]
        is_left_out = len(lists) != 1
    if len(lists) == 1:
        return lists[0]
    if is_left_out and _total(value) == 0:
        return None  # nulls are omitted, an empty list may be too
    raise ValueError("The response has no list of rows.")


def _total(value: _Body) -> int | None:
    count = None if isinstance(value, list) else value.get("record_count")
    if isinstance(count, str) and count.isascii() and count.isdigit() and len(count) < 16:
        count = int(count)
    return count if type(count) is int and 0 <= count < _MAX_TOTAL else None


def _unreadable(response: Response) -> DecodeError:
    try:
        value = decode_json(response)  # raises with the reason, if it is not JSON at all
    except DecodeError as error:
        return error
    if value is None:
        return DecodeError("Expected a list, got an empty response.")
    return DecodeError(f"The response ({len(response.body)} bytes) has no list of rows, or is an error.")
