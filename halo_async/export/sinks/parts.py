"""Rows scanned once: written as if all were like those before; the first that differs starts another part.

Scanning all rows for their columns beforehand costs nearly as much again as writing them. So the first rows
determine the columns, and the decoder rejects rows that do not fit: those are scanned, and if they need
another schema, a part with a wider one begins. Parts are joined at the end, at Arrow's speed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from glob import escape
from pathlib import Path
from typing import Any

import attrs

from halo_async.export.columns import (
    ColumnType,
    ExportColumn,
    ExportColumns,
    lines_at_a_time,
    scan,
    surface_of,
)
from halo_async.export.schema_evolution import widen_columns
from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.arrow import ROWS, cast, has_large, pa, pq, schema, writer_of
from halo_async.export.sinks.decoding import StrictColumns
from halo_async.export.sinks.tables import batches_of, converted


class Parts:
    """The parts of one Parquet file, and the columns that hold all rows so far."""

    def __init__(self, material: SinkInput, final: Path) -> None:
        """`final`: path of the joined file; the parts are next to it."""
        self._material = material
        self._final = final
        self._strict: StrictColumns | None = None
        self._writer: Any = None
        self._paths: list[Path] = []
        self.columns = ExportColumns(())

    def write(self) -> ExportColumns:
        """Write all rows and return their columns.

        :raises OSError: they cannot be written.
        """
        for stale in self._final.parent.glob(f"{escape(self._final.name)}.*"):
            stale.unlink()  # from a killed run
        try:
            for some in lines_at_a_time(self._material.rows(), ROWS):
                self._add(some)
            if self._writer is None and not self._paths:
                self._look(())
        finally:
            self._end_part()
        if len(self._paths) == 1:
            self._paths[0].replace(self._final)
        else:
            self._together()
        return self._compared()

    def _add(self, rows: Sequence[bytes]) -> None:
        table = None if self._strict is None else self._table(self._strict.of(rows), len(rows))
        if table is None:
            self._look(rows)
            values = None if self._strict is None else self._strict.of(rows)
            values = values or converted(self.columns, batches_of(rows, self._material.flatten))
            table = self._table(values, len(rows))
        self._writer.write_table(table)

    def _table(self, values: Sequence[Sequence[Any]] | None, count: int) -> Any:
        """Return the rows as an Arrow table; None if they do not fit."""
        if values is None:
            return None
        wanted = schema(self.columns)
        try:
            arrays = [
                pa.array(some, field.type) if column.seen else pa.nulls(count, field.type)
                for column, some, field in zip(self.columns.columns, values, wanted, strict=True)
            ]
        except (OverflowError, pa.ArrowInvalid):  # an integer beyond 64 bits, or one that a float would round
            return None
        return pa.Table.from_arrays(arrays, schema=wanted)

    def _look(self, rows: Sequence[bytes]) -> None:
        """Scan rows for the columns they need, and begin a part if that is another schema."""
        before = self.columns
        surface = {} if before.columns else self._material.only(surface_of(self._material.operation))
        flatten = self._material.flatten
        self.columns = _joined(before, scan(rows, surface, flatten, self._material.notes), self._is_large)
        if self._writer is None or schema(self.columns) != schema(before):
            self._begin_part()
        # Named values have to be searched in every row.
        self._strict = None if flatten else StrictColumns(self.columns)

    # Parts ----------------------------------------------------------------------------------------

    def _begin_part(self) -> None:
        self._end_part()
        path = self._final.with_name(f"{self._final.name}.{len(self._paths)}")
        self._writer = writer_of(path, schema(self.columns))
        self._paths.append(path)

    def _end_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _is_large(self, name: str) -> bool:
        """Return whether a part has integers in a column that floating point numbers would round."""
        self._end_part()
        return any(has_large(path, name) for path in self._paths)

    def _together(self) -> None:
        wanted = schema(self.columns)
        with writer_of(self._final, wanted) as writer:
            for path in self._paths:
                for table in _tables(path, wanted):
                    self._material.go_on()
                    writer.write_table(table)
        for path in self._paths:
            path.unlink()

    def _compared(self) -> ExportColumns:
        """Return the columns with those added to the surface and those widened."""
        surface = self._material.only(surface_of(self._material.operation))
        added = tuple(name for name in self.columns.names if name not in surface)
        wider = tuple(
            f"{column.name}: {surface[column.name]} -> {column.kind}"
            for column in self.columns.columns
            if surface.get(column.name, ColumnType.NONE) not in (ColumnType.NONE, column.kind)
        )
        return attrs.evolve(self.columns, added=added, widened=wider)


def _joined(before: ExportColumns, new: ExportColumns, is_large: Any) -> ExportColumns:
    wide = widen_columns({column.name: column.kind for column in before.columns}, new, is_large)
    known = {column.name: column for column in before.columns}
    return ExportColumns(tuple(_both(known.get(column.name), column) for column in wide.columns.columns))


def _both(old: ExportColumn | None, new: ExportColumn) -> ExportColumn:
    """Return the column for values of either; its kind holds both."""
    if old is None or not old.seen:
        return new
    plain = old.plain and old.kind is new.kind and (new.plain or not new.seen)
    return attrs.evolve(new, seen=True, plain=plain)


def _tables(path: Path, wanted: Any) -> Iterator[Any]:
    with pq.ParquetFile(str(path)) as file:
        for batch in file.iter_batches(batch_size=ROWS):
            yield cast(pa.Table.from_batches([batch]), wanted)
