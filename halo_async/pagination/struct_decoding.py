"""Decoding the later pages of a long list faster, by the shape of the earlier ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import MsgspecError, Struct

from halo_async._operations.list_envelope import SIDECARS, PageData, joined, row_count, total_of
from halo_async.pagination.body_pieces import read_in_pieces

if TYPE_CHECKING:
    from halo_async.records.read_fields import Part, ReadFields
    from halo_async.records.record import Record
    from halo_async.records.struct_rows import RowShape
    from halo_async.transport.types import Response

_MANY_ROWS = 20
_PAGES_TO_COME = 3
"""Learning a shape and making its classes takes about as long as is saved on two pages."""
_MOST = 0.75
"""Share of the fields that is read above which dicts are cheaper.

Measured for rows of 80 fields: 328 µs for 100 rows of a shape, 3.2 more for each field that is put into `__dict__`; 638
for dicts, each of whose fields is read 15 ns faster.
"""
_LUCK, _MISS = 8, 3
"""Pages of the shape that make up for one that was not, and the maximum that count."""


class StructPageDecoder:
    """Reader of the pages of one list, and converter of their rows to records.

    The first pages become dicts. When their rows agree on an order of their fields and more pages are
    expected, those become rows of that shape, until pages with unseen fields are too frequent, or the
    records turn out to be read so much that dicts are cheaper. The content of the records is the same
    either way.
    """

    def __init__(
        self,
        read: Callable[[Response], PageData],
        make: Callable[[list[Any]], list[Any]],
        cls: Callable[[], type[Record]],
    ) -> None:
        """`read` reads a response into dicts, `make` makes records of these; `cls` returns their class."""
        self._read_dicts = read
        self._make_of_dicts = make
        self._cls = cls
        self._shape: RowShape | None = None
        self._luck = _MISS
        self._pages = self._rows = 0
        self._fields: ReadFields | None = None
        self._parts: dict[type[Struct], Part | None] = {}
        """By the class of the rows that it is for: a row of another may lack its fields."""

    def read(self, response: Response) -> PageData:
        """Return the response, with rows as dicts or of the shape. Large ones are read in threads, several at once.

        :raises DecodeError: it is not a list.
        """
        shape, page = self._shape, None
        if shape is not None:
            page = self._shaped(shape, response)
        if page is None:
            page = self._read_dicts(response)
            if self._luck >= 0 and self._is_worth_it(page):
                self._learn_shape(shape, page)
        self._pages += 1
        self._rows += len(page.rows)
        return page

    def make(self, rows: list[Any]) -> list[Any]:
        """Return the records of a page.

        :raises DecodeError: a row is not an object.
        """
        if not rows or not isinstance(rows[0], Struct):
            return self._make_of_dicts(rows)
        from halo_async.records.record import from_json_rows

        cls, fields, kind = self._cls(), self._read_fields(), type(rows[0])
        if not fields.wants_another():
            return from_json_rows(cls, rows, self._parts.get(kind))
        watched = from_json_rows(cls, [fields.watch(rows[0])])
        self._parts = {kind: self._choose_part(fields, kind)}
        return watched + from_json_rows(cls, rows[1:], self._parts[kind])

    # The shape --------------------------------------------------------------------------------

    def _shaped(self, shape: RowShape, response: Response) -> PageData | None:
        try:
            page = read_in_pieces(response, shape.names.key, partial(_of_shape, shape), joined, row_count)
        except _OTHER:  # the dict reader reports it best
            page = None
        if page is None or _has_lists(page.rest):
            self._luck -= _MISS
            if self._luck < 0:
                self._give_up()
            return None
        self._luck = min(_LUCK, self._luck + 1)
        return page

    def _is_worth_it(self, page: PageData) -> bool:
        count = len(page.rows)
        if count < _MANY_ROWS or not all(type(row) is dict for row in page.rows):
            return False
        if page.total is None:
            return self._pages >= _PAGES_TO_COME
        return page.total - self._rows - count >= _PAGES_TO_COME * count

    def _learn_shape(self, shape: RowShape | None, page: PageData) -> None:
        from halo_async.records.struct_rows import (
            FieldNames,
            fit,
            let_read_rows,  # not loaded for lists of a page or two
            nested_fields,
            order_of,
            shape_of,
        )

        known = shape.names if shape else None
        names = order_of(page.rows, known.rows if known else ())
        beside = tuple(dict.fromkeys([*(known.envelope or () if known else ()), *page.rest]))
        fits = names is not None and fit(names) and fit({*beside, page.key or "rows"})
        cls: Any = self._cls()
        if names is None or not fits or _has_lists(page.rest) or not let_read_rows(cls, names):
            self._give_up()
        else:
            envelope = None if page.key is None else beside
            nested = nested_fields([*page.rows, page.rest]) | (known.nested if known else frozenset())
            self._shape = shape_of(FieldNames(names, envelope, page.key, nested))
            self._parts = {}  # one of their fields may hold lists now

    def _give_up(self) -> None:
        self._shape, self._luck = None, -1

    # What is read of the records --------------------------------------------------------------

    def _read_fields(self) -> ReadFields:
        if self._fields is None:
            from halo_async.records.read_fields import ReadFields

            self._fields = ReadFields()
        return self._fields

    def _choose_part(self, fields: ReadFields, kind: type[Struct]) -> Part | None:
        """Return what puts the fields that are usually read into `__dict__`; decode to dicts if those are most.

        The rows may be of an earlier shape, if a later page was fetched ahead.
        """
        from halo_async.records.read_fields import can_be_written, part_of

        names = kind.__struct_fields__
        usual = fields.usual(names)
        if fields.usually_whole or len(usual) > _MOST * len(names):
            self._give_up()
        shape = self._shape
        if shape is None:
            return None
        nested = shape.names.nested
        simple = tuple(name for name in usual if name not in nested and can_be_written(name))
        return part_of(simple) if simple else None


_OTHER = (MsgspecError, RecursionError, ValueError)
"""Errors for a body that is not of the shape."""


def _of_shape(shape: RowShape, response: Response) -> PageData:
    rows, rest = shape.decode(response.body)
    key = shape.names.key
    return PageData(rows, total_of(rest.get("record_count")), bare=key is None, key=key, rest=rest)


def _has_lists(rest: dict[str, Any]) -> bool:
    """Return whether an envelope contains lists that could be the rows, distinguishable only by name."""
    return any(type(value) is list and name not in SIDECARS for name, value in rest.items())
