"""Types of columns as rows need them: what is declared, widened by what is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import reduce
from typing import Any

import attrs

from halo_async.tables.column_types import (
    INT,
    JSON,
    NULL,
    TEXT,
    TIMESTAMP,
    ColumnType,
    Kind,
    joined,
    tamed,
)
from halo_async.tables.dates import all_dates
from halo_async.tables.declared import UNDECLARED, DeclaredColumns, DeclaredType
from halo_async.tables.naming import folded_labels
from halo_async.tables.rows import BATCH, Row, RowNotes, batch_of, lines_at_a_time
from halo_async.tables.schema import NO_COLUMNS, TableColumn, TableSchema, Widening
from halo_async.tables.value_types import FIXED, integer_type, type_of
from halo_async.tables.widenings import first_widening

_DIGITS = bytes(b"0"[0] if chr(byte).isdigit() and byte < 128 else 32 for byte in range(256))
_LONG_DIGITS = b"0" * 16
"""Pattern of integers beyond `EXACT` in a row whose digits became 0 and all else blanks."""
_PLAIN = frozenset({Kind.BOOL, Kind.INT, Kind.LONG, Kind.FLOAT, Kind.TEXT})


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
            self._look_at_values(name, some, batch, suspect)
        changed = self._types != before
        if changed:
            self._schema = None
        return changed

    def _look_at_values(self, name: str, kinds: set[type], batch: Sequence[Row], suspect: bool) -> None:
        declared = self._declared.get(name, UNDECLARED)
        start = self._choose_start(name, declared)
        before = self._types.get(name)
        found = reduce(
            joined, (self._of_kind(kind, name, declared, batch, suspect) for kind in kinds), before or start
        )
        found = tamed(found)
        self._types[name] = found
        before = before or start
        plain = before.kind is Kind.NULL and found.kind in _PLAIN and len(kinds - {type(None)}) == 1
        if found != before and name not in self._widenings and not plain:
            widening = first_widening(name, declared, before, found, batch, nested=self._nested)
            if widening is not None:
                self._widenings[name] = widening

    def _choose_start(self, name: str, declared: DeclaredType) -> ColumnType:
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
        if kind in FIXED:
            return FIXED[kind]
        if kind is int:
            if not suspect:
                return INT
            values: list[Any] = [value for row in batch if type(value := row.get(name)) is int]
            return joined(integer_type(min(values)), integer_type(max(values)))
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

    def schema(self) -> TableSchema:
        """Return the columns: those declared in their order, then others as they turned up."""
        if self._schema is None:
            self._schema = self._build_schema()
        return self._schema

    def _build_schema(self) -> TableSchema:
        names = [*self._declared, *(name for name in self._types if name not in self._declared)]
        if not names and not self._known:
            return attrs.evolve(NO_COLUMNS, record=self._record)
        labels = folded_labels(self._known, names)
        columns = {label: self._build_column(label, name) for label, name in zip(labels, names, strict=True)}
        known = {
            label: columns.get(label) or attrs.evolve(column, seen=False, declared=True)
            for label, column in self._known.items()
        }
        return TableSchema(
            tuple({**known, **columns}.values()), self._record, tuple(self._widenings.values())
        )

    def _build_column(self, label: str, name: str) -> TableColumn:
        type = self._types.get(name) or self._choose_start(name, self._declared.get(name, UNDECLARED))
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
