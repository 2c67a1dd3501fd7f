"""Rows converted once: into a file of the columns known by then; later rows that need others begin another part.

Looking through all rows for their columns beforehand costs nearly as much again as writing them. Parts are put
together at the end, at Arrow's speed. What a wider column cannot take as it came from an earlier part, such as a date
in a column that has become text, is converted from the rows again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from glob import escape
from itertools import islice
from pathlib import Path
from typing import Any

import attrs

from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.parquet_file import ParquetWriter, pq
from halo_async.tables.arrow_builder import ArrowBuilder
from halo_async.tables.arrow_casts import cast
from halo_async.tables.declared import declared_columns, record_of
from halo_async.tables.schema import TableColumn, TableSchema


def builder_of(material: SinkInput, known: Sequence[TableColumn] = ()) -> ArrowBuilder:
    """Return a builder of record batches of a resource's rows."""
    record = record_of(material.operation)
    return ArrowBuilder(
        material.only(declared_columns(record)),
        record=None if record is None else record.__name__,
        flatten=material.flatten,
        nested=material.nested,
        never_as_null=material.never_as_null,
        notes=material.notes,
        known=known,
    )


@attrs.define
class _Part:
    path: Path
    writer: ParquetWriter


class Parts:
    """The parts of one Parquet file, and the columns that hold all rows so far."""

    def __init__(
        self,
        material: SinkInput,
        final: Path,
        known: Sequence[TableColumn] = (),
        *,
        passing: bool = False,
    ) -> None:
        """`final`: path of the joined file; the parts are next to it.

        :param known: see `ArrowBuilder`.
        :param passing: see `ParquetWriter`.
        """
        self._material = material
        self._final = final
        self._passing = passing
        self._builder = builder_of(material, known)
        self._parts: list[_Part] = []

    def write(self) -> TableSchema:
        """Write all rows and return their columns.

        :raises OSError: they cannot be written.
        :raises SinkStoppedError: the export was interrupted.
        :raises SpoolTailLostError: the rows begin again.
        """
        for stale in self._final.parent.glob(f"{escape(self._final.name)}.*"):
            stale.unlink()  # from a killed run
        try:
            for block in self._material.blocks():
                self._add(self._builder.add(block))
            if not self._parts:
                self._begin_part()
            self._end_part()
        except BaseException:
            self._discard()
            raise
        if len(self._parts) == 1:
            self._parts[0].path.replace(self._final)
        else:
            self._together()
        return self._builder.schema

    def _add(self, batch: Any) -> None:
        if not self._parts or self._parts[-1].writer.schema != batch.schema:
            self._end_part()
            self._begin_part()
        self._parts[-1].writer.write(batch)

    def _begin_part(self) -> None:
        path = self._final.with_name(f"{self._final.name}.{len(self._parts)}")
        self._parts.append(_Part(path, self._writer(path)))

    def _writer(self, path: Path) -> ParquetWriter:
        return ParquetWriter(path, self._builder.arrow_schema, passing=self._passing)

    def _end_part(self) -> None:
        if self._parts:
            self._parts[-1].writer.close()

    def _discard(self) -> None:
        """Delete what is written: it would be in the way of nobody, but takes room."""
        for part in self._parts:
            with suppress(OSError):  # the disk may be full
                part.writer.abandon()
            part.path.unlink(missing_ok=True)

    # Putting together -----------------------------------------------------------------------------

    def _together(self) -> None:
        wanted = self._builder.arrow_schema
        again = _Again(self._material)
        with self._writer(self._final) as writer:
            for part in self._parts:
                with pq.ParquetFile(str(part.path)) as file:
                    for group, blocks in enumerate(part.writer.groups):
                        self._material.go_on()
                        table = cast(file.read_row_group(group), wanted)
                        if table is None:
                            made = map(self._builder.add, again.take(blocks))
                        else:
                            again.skip(blocks)
                            made = iter(table.to_batches())
                        for batch in made:
                            writer.write(batch)
        for part in self._parts:
            part.path.unlink()


class _Again:
    """The blocks of a resource, read again where some are needed."""

    def __init__(self, material: SinkInput) -> None:
        self._material = material
        self._blocks: Iterator[bytes] | None = None
        self._passed = 0

    def skip(self, count: int) -> None:
        self._passed += count

    def take(self, count: int) -> Iterator[bytes]:
        if self._blocks is None:
            self._blocks = self._material.blocks()
        for _ in islice(self._blocks, self._passed):
            pass
        self._passed = 0
        yield from islice(self._blocks, count)
