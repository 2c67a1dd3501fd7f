"""Conversion of a resource's gathered lines to the requested file format."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

import attrs

from halo_async.errors import SettingsError
from halo_async.export.notes import Notes
from halo_async.export.row_columns import cutter
from halo_async.export.seen_ids import row_id
from halo_async.export.spool import SpoolCodec, codec, lines
from halo_async.export.spool_tail import SpoolTail, read_block
from halo_async.tables.rows import lines_at_a_time

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async.export.layout import Layouts
    from halo_async.tables.schema import TableSchema
    from halo_async.tables.schema_scan import SchemaScan

_ROWS = 2000
"""Rows of a block, where they are looked at one by one."""
Id = int | str | float | None
T = TypeVar("T")


class SinkStoppedError(Exception):
    """The export was interrupted while a file was being made."""


@attrs.frozen
class SinkInput:
    """Input of a sink."""

    name: str
    folder: Path
    spool: Path
    codec: SpoolCodec
    operation: Operation
    flatten: tuple[str, ...]
    stop: Event
    """Set when the export is interrupted: the work is then abandoned."""
    latest: Mapping[Id, int] | None = None
    """For each id, the line that counts; None if all do."""
    key: str = "id"
    """The field that tells which rows of a file these take the place of, in a merge."""
    replaced: Collection[Id] = ()
    """Values of that field: the rows of the file that have one of them are no more."""
    notes: Notes = attrs.field(factory=Notes)
    """Get what a table cannot hold as it came."""
    columns: tuple[str, ...] = ()
    """The fields that the file has, in this order; none for all that the rows have."""
    hides: bool = False
    """True if the lines have other fields, too."""
    nested: bool = True
    """Objects and lists have types of their own where the format has some; else they are JSON text."""
    never_as_null: bool = False
    """Dates that mean "never" are null."""
    scan: SchemaScan | None = None
    """Has all lines, if they were added while they were gathered."""
    tail: SpoolTail | None = None
    """Set while rows are still added to the spool: `blocks` then waits for them, and `rows` would not."""

    def rows(self) -> Iterator[bytes]:
        """Yield the lines that count; each call starts again.

        :raises Stopped: the export was interrupted.
        """
        for number, row in enumerate(lines(self.spool, self.codec)):
            self.go_on()
            if self.latest is None or self.latest.get(row_id(row), number) == number:
                yield cutter(self.columns)([row])[0] if self.hides else row

    def only(self, fields: Mapping[str, T]) -> dict[str, T]:
        """Return what is known of fields, of the chosen ones in their order; of all where none is chosen."""
        if not self.columns:
            return dict(fields)
        return {name: fields[name] for name in self.columns if name in fields}

    @property
    def is_chosen_from(self) -> bool:
        """True if not all lines count, or not all of their fields."""
        return self.latest is not None or self.hides

    def blocks(self) -> Iterator[bytes]:
        """Yield the lines that count, many at a time, each with its line feed; each call starts again.

        :raises Stopped: the export was interrupted.
        :raises SpoolTailLostError: the rows that are still added take the place of some that were yielded.
        """
        if self.tail is not None:
            yield from self.tail.blocks(self.go_on)
            return
        if self.is_chosen_from:
            for some in lines_at_a_time(self.rows(), _ROWS):
                yield b"".join(row + b"\n" for row in some)
            return
        with self.codec.reader(self.spool) as file:
            while block := read_block(file):
                self.go_on()
                yield block

    def go_on(self) -> None:
        """Check that the export was not interrupted.

        :raises Stopped: the export was interrupted.
        """
        if self.stop.is_set():
            raise SinkStoppedError


@attrs.frozen
class MergeResult:
    """Result of updating a file."""

    rows: int
    """Rows in the file after the merge."""
    deleted: int
    """Rows deleted from the file."""


@attrs.frozen
class SinkOutcome:
    """Result of a sink."""

    file: str
    columns: int | None = None
    added: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()
    schema: TableSchema | None = None
    """The columns, where the format has some."""


class ExportSink(Protocol):
    """Writer of one resource's file from its lines. Repeating it after any interruption is safe."""

    scans: ClassVar[bool]
    """True if `finish` takes `SinkInput.scan`, so that columns are to be found while rows are gathered."""
    follows: ClassVar[bool]
    """True if `finish` takes the lines by `blocks` alone, so that it can begin before all are there.

    Where it then raises, it leaves nothing behind.
    """

    def finish(self, material: SinkInput) -> SinkOutcome:
        """Write the file, complete and durable, under its final name.

        :raises OSError: it cannot be written.
        :raises Stopped: the export was interrupted.
        """
        ...

    def there(self, folder: Path, name: str) -> bool:
        """Return whether a resource of an earlier run is in the folder."""
        ...

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """Merge changed rows into the file, in the place of those with a replaced key. Safe to repeat.

        The keys of the changes and a batch of rows are in memory. The existing file stays until all is
        written.

        :param deleted: keys of rows that are deleted; they are counted.

        :raises OSError: it cannot be read or written.
        :raises Stopped: the export was interrupted.
        """
        ...

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """Yield the ids of the rows of an existing resource, or the values of another field; none without one.

        :raises OSError: it cannot be read.
        """
        ...


def sink(format: str, layouts: Layouts | None = None) -> ExportSink:
    """Return the sink for a format.

    :param layouts: by resource, of Parquet.

    :raises SettingsError: a package that it needs is not installed.
    """
    try:
        if format == "csv":
            from halo_async.export.sinks.csv import CsvSink

            return CsvSink()
        if format == "sqlite":
            from halo_async.export.sinks.sqlite import SqliteSink

            return SqliteSink()
        if layouts:
            from halo_async.export.sinks.parquet_folder import ParquetFolderSink

            return ParquetFolderSink(layouts)
        if format == "parquet":
            from halo_async.export.sinks.parquet import ParquetSink

            return ParquetSink()
        if format == "duckdb":
            from halo_async.export.sinks.duckdb import DuckdbSink

            return DuckdbSink()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise SettingsError(f'{format} requires {package}. Run pip install "halo-async[{format}]".') from None
    from halo_async.export.sinks.jsonl import JsonlSink

    return JsonlSink(codec(format.partition(".")[2]))
