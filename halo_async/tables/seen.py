"""Types of columns as rows need them: what is declared, widened by what is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

import attrs

from halo_async._utils.lenient import JsonText
from halo_async.tables.column_types import (
    BOOL,
    DECIMAL,
    DEEPEST,
    FLOAT,
    INT,
    JSON,
    LONG,
    MIXED,
    NULL,
    TEXT,
    TIMESTAMP,
    ColumnType,
    Kind,
    joined,
    list_of,
    tamed,
)
from halo_async.tables.dates import all_dates, is_date
from halo_async.tables.declared import UNDECLARED, DeclaredColumns, DeclaredType
from halo_async.tables.naming import folded_labels
from halo_async.tables.rows import BATCH, Row, RowNotes, batch_of, lines_at_a_time
from halo_async.tables.schema import NO_COLUMNS, TableColumn, TableSchema, Widening

EXACT = 2**53
"""Largest integer up to which all integers are exact as floating point numbers."""
_LONGEST, _GREATEST = 2**63, 10**38
_DIGITS = bytes(b"0"[0] if chr(byte).isdigit() and byte < 128 else 32 for byte in range(256))
_LONG_DIGITS = b"0" * 16
"""Pattern of integers beyond `EXACT` in a row whose digits became 0 and all else blanks."""
_PLAIN = frozenset({Kind.BOOL, Kind.INT, Kind.LONG, Kind.FLOAT, Kind.TEXT})
_FIXED: dict[type, ColumnType] = {type(None): NULL, bool: BOOL, float: FLOAT, JsonText: JSON}


class SeenColumns:
    """The columns that rows need; it grows with them."""

    def __init__(
        self,
        declared: DeclaredColumns,
        *,
        record: str | None = None,
        flatten: Sequence[str] = (),
        nested: bool = True,
        notes: RowNotes | None = None,
        only: Collection[str] | None = None,
        known: Sequence[TableColumn] = (),
    ) -> None:
        """`nested`: objects and lists have types of their own, else they are JSON text.

        :param only: the fields to look at; None for all.
        :param known: columns that the table has already; they come first, and none of them gets narrower.
        """
        self._known = {column.name: column for column in known}
        self._labels: dict[str, str] = {}
        self._only = only
        self._declared = declared
        self._record = record
        self._flatten = flatten
        self._nested = nested
        self._notes = notes
        self._types: dict[str, ColumnType] = {}
        self._widenings: dict[str, Widening] = {}
        self._schema: TableSchema | None = None

    @property
    def fields(self) -> Sequence[str]:
        """The fields that were seen, in the order of the rows."""
        return tuple(self._types)

    def add(self, rows: Sequence[bytes]) -> bool:
        """Look through rows, and return whether they need more than those before.

        :param rows: lines of JSON, no more than fit into memory.
        """
        return self._add(rows, self._notes)

    def sample(self, rows: Sequence[bytes]) -> None:
        """Look through the first rows of some that are added in any case if there is anything to tell of them."""
        self._add(rows, None)

    def _add(self, rows: Sequence[bytes], notes: RowNotes | None) -> bool:
        batch = batch_of(rows, self._flatten, notes)
        names: dict[str, Any] = {}
        pairs: set[tuple[str, type]] = set()
        for row in batch:
            names.update(row)
            pairs.update(zip(row, map(type, row.values()), strict=True))
        if self._only is not None:
            names = {name: None for name in self._only if name in names}
            pairs = {pair for pair in pairs if pair[0] in names}
        kinds: dict[str, set[type]] = {name: set() for name in names}
        for name, kind in pairs:
            kinds[name].add(kind)
        suspect = any(_LONG_DIGITS in row.translate(_DIGITS) for row in rows)
        before = dict(self._types)
        for name, some in kinds.items():
            self._look(name, some, batch, suspect)
        changed = self._types != before
        if changed:
            self._schema = None
        return changed

    def _look(self, name: str, kinds: set[type], batch: Sequence[Row], suspect: bool) -> None:
        declared = self._declared.get(name, UNDECLARED)
        start = self._start(name, declared)
        before = self._types.get(name)
        found = reduce(
            joined, (self._of_kind(kind, name, declared, batch, suspect) for kind in kinds), before or start
        )
        found = tamed(found)
        self._types[name] = found
        before = before or start
        plain = before.kind is Kind.NULL and found.kind in _PLAIN and len(kinds - {type(None)}) == 1
        if found != before and name not in self._widenings and not plain:
            self._widenings.update(self._widening(name, declared, before, found, batch))

    def _start(self, name: str, declared: DeclaredType) -> ColumnType:
        """Return the type of a field before any row is seen."""
        type = self._of_declared(declared)
        if not self._known:
            return type
        if name not in self._labels:
            (self._labels[name],) = folded_labels(self._known, [name])
        known = self._known.get(self._labels[name])
        return type if known is None else joined(known.type, type)

    def _of_declared(self, declared: DeclaredType) -> ColumnType:
        type = declared.type
        return JSON if not self._nested and type.kind in (Kind.STRUCT, Kind.LIST) else type

    def _of_kind(
        self, kind: type, name: str, declared: DeclaredType, batch: Sequence[Row], suspect: bool
    ) -> ColumnType:
        if kind in _FIXED:
            return _FIXED[kind]
        if kind is int:
            if not suspect:
                return INT
            values: list[Any] = [value for row in batch if type(value := row.get(name)) is int]
            return joined(_integer(min(values)), _integer(max(values)))
        if kind is str:
            if declared.type is not TIMESTAMP:
                return TEXT
            values = [row.get(name) for row in batch]
            dates = all_dates(values)
            return (TIMESTAMP if any(values) else NULL) if dates else TEXT
        if not self._nested:
            return JSON
        return reduce(
            joined, (type_of(value, declared) for row in batch if type(value := row.get(name)) is kind), NULL
        )

    def _widening(
        self,
        name: str,
        declared: DeclaredType,
        before: ColumnType,
        after: ColumnType,
        batch: Sequence[Row],
    ) -> Iterator[tuple[str, Widening]]:
        """Yield what to report: not what becomes known of a column, and no numbers that stay exact."""
        known = declared is not UNDECLARED
        so_far = before
        for row in batch:
            value = row.get(name)
            kind = JSON if not self._nested and type(value) in (dict, list) else type_of(value, declared)
            wider = joined(so_far, kind)
            if _is_wider(so_far, wider, known):
                path, start, end = _leaf(name, INT if so_far.kind is Kind.NULL else so_far, after)
                yield name, Widening(path, start, end, _said(value, kind, start, path != name), row.get("id"))
                return
            so_far = wider

    def schema(self) -> TableSchema:
        """Return the columns: those declared in their order, then others as they turned up."""
        if self._schema is None:
            self._schema = self._made()
        return self._schema

    def _made(self) -> TableSchema:
        names = [*self._declared, *(name for name in self._types if name not in self._declared)]
        if not names and not self._known:
            return attrs.evolve(NO_COLUMNS, record=self._record)
        labels = folded_labels(self._known, names)
        columns = {label: self._column(label, name) for label, name in zip(labels, names, strict=True)}
        known = {
            label: columns.get(label) or attrs.evolve(column, seen=False, declared=True)
            for label, column in self._known.items()
        }
        return TableSchema(
            tuple({**known, **columns}.values()), self._record, tuple(self._widenings.values())
        )

    def _column(self, label: str, name: str) -> TableColumn:
        type = self._types.get(name) or self._start(name, self._declared.get(name, UNDECLARED))
        return TableColumn(label, name, type, name in self._declared, name in self._types)


def scan(
    rows: Iterable[bytes],
    declared: DeclaredColumns,
    flatten: Sequence[str] = (),
    notes: RowNotes | None = None,
    *,
    record: str | None = None,
    nested: bool = False,
    known: Sequence[TableColumn] = (),
) -> TableSchema:
    """Look through all rows once, and return their columns.

    :param notes: get what is not as it came.
    :param nested: objects and lists have types of their own, else they are JSON text.
    :param known: columns that the table has already; they come first, and none of them gets narrower.
    """
    seen = SeenColumns(declared, record=record, flatten=flatten, nested=nested, notes=notes, known=known)
    for some in lines_at_a_time(rows, BATCH):
        seen.add(some)
    return seen.schema()


def type_of(value: Any, declared: DeclaredType = UNDECLARED, levels: int = DEEPEST + 1) -> ColumnType:
    """Return the narrowest type of a decoded value, of dates only where they are declared.

    :param levels: how many of objects and lists are looked into.
    """
    kind = type(value)
    if not levels and kind in (dict, list):
        return JSON
    if kind in _FIXED:
        return _FIXED[kind]
    if kind is int:
        return _integer(value)
    if kind is dict:
        fields = declared.fields()
        return ColumnType(
            Kind.STRUCT,
            tuple(
                (name, type_of(item, fields.get(name, UNDECLARED), levels - 1))
                for name, item in value.items()
            ),
        )
    if kind is list:
        return list_of(
            reduce(joined, (type_of(item, declared.item or UNDECLARED, levels - 1) for item in value), NULL)
        )
    if declared.type is not TIMESTAMP:
        return TEXT
    return (TIMESTAMP if value else NULL) if is_date(value) else TEXT


def _integer(value: int) -> ColumnType:
    if -EXACT <= value <= EXACT:
        return INT
    if -_LONGEST <= value < _LONGEST:
        return LONG
    return DECIMAL if -_GREATEST < value < _GREATEST else MIXED


_NUMBERS = {Kind.NULL, Kind.INT, Kind.LONG}


def _is_wider(before: ColumnType, after: ColumnType, declared: bool) -> bool:
    if after.kind in (Kind.DECIMAL, Kind.MIXED) and before.kind is not after.kind:
        return not (before.kind is Kind.TEXT and after.kind is Kind.MIXED)
    if before.kind is Kind.NULL or after == before:
        return False
    if {before.kind, after.kind} <= {Kind.INT, Kind.LONG}:
        return False
    if before.kind is Kind.INT and after.kind is Kind.FLOAT:
        return declared
    if before.kind is Kind.STRUCT is after.kind:
        fields = dict(after.fields)
        return any(_is_wider(type, fields[name], declared) for name, type in before.fields)
    if before.item is not None and after.item is not None:
        return _is_wider(before.item, after.item, declared)
    return True


def _leaf(path: str, before: ColumnType, after: ColumnType) -> tuple[str, ColumnType, ColumnType]:
    """Return what is wider in nested types, with its path."""
    if before.item is not None and after.item is not None:
        return _leaf(f"{path}[]", before.item, after.item)
    if before.kind is Kind.STRUCT is after.kind:
        fields = dict(after.fields)
        for name, type in before.fields:
            if _is_wider(type, fields[name], declared=True):
                return _leaf(f"{path}.{name}", type, fields[name])
    return path, before, after


_WORDS: Mapping[Kind, str] = {
    Kind.BOOL: "a boolean",
    Kind.INT: "an integer",
    Kind.LONG: "an integer that floating point numbers would round",
    Kind.DECIMAL: "an integer beyond 64 bits",
    Kind.FLOAT: "a number with a fraction",
    Kind.TIMESTAMP: "a date",
    Kind.TEXT: "a text",
    Kind.JSON: "an object or a list",
    Kind.STRUCT: "an object",
    Kind.LIST: "a list",
}


def _said(value: Any, kind: ColumnType, before: ColumnType, nested: bool) -> str:
    if nested:
        return "a nested value of another type"
    if type(value) is int and kind.kind is Kind.MIXED:
        return "an integer beyond 38 digits"
    if kind.kind is Kind.TEXT and before.kind is Kind.TIMESTAMP:
        return "a text that is not a date"
    return _WORDS.get(kind.kind, "a value of another type")
