"""From the gathered lines of a resource to the file that was asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

from attrs import field, frozen

from halo_async.errors import SettingsError
from halo_async.export.notes import Notes
from halo_async.export.seen_ids import row_id
from halo_async.export.spool import SpoolCodec, codec, lines

if TYPE_CHECKING:
    from halo_async.operations.operation import Operation


Id = int | str | float | None


class SinkStoppedError(Exception):
    """The export was interrupted while a file was being made."""


@frozen
class SinkInput:
    """What a sink works with."""

    name: str
    folder: Path
    spool: Path
    codec: SpoolCodec
    operation: Operation
    explode: tuple[str, ...]
    stop: Event
    """Set when the export is interrupted: the work is then given up."""
    latest: Mapping[Id, int] | None = None
    """For each id, the line that counts; None where all do."""
    notes: Notes = field(factory=Notes)
    """Get what a table cannot hold as it came."""

    def rows(self) -> Iterator[bytes]:
        """The lines that count, again each time.

        :raises Stopped: it is to be given up.
        """
        for number, row in enumerate(lines(self.spool, self.codec)):
            self.go_on()
            if self.latest is None or self.latest.get(row_id(row), number) == number:
                yield row

    def go_on(self) -> None:
        """Do so, or not.

        :raises Stopped: it is to be given up.
        """
        if self.stop.is_set():
            raise SinkStoppedError


@frozen
class MergeResult:
    """What bringing a file up to date came to."""

    rows: int
    """That it has now."""
    deleted: int
    """That are in it no more."""


@frozen
class SinkOutcome:
    """What was made."""

    file: str
    columns: int | None = None
    added: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()


class ExportSink(Protocol):
    """Makes one resource's file out of its lines. Doing it again after a stop at any instant does no harm."""

    def finish(self, material: SinkInput) -> SinkOutcome:
        """Make the file, whole and durable, under its final name.

        :raises OSError: it cannot be written.
        :raises Stopped: it was given up.
        """
        ...

    def there(self, folder: Path, name: str) -> bool:
        """Whether a resource of an earlier run is in the folder."""
        ...

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """Bring what is there up to date: changed rows in, deleted ones out, one row an id. Again does no harm.

        The ids of the changes are in memory, and some rows at a time. What was there stays until all is written.

        :raises OSError: it cannot be read, or not be written.
        :raises Stopped: it was given up.
        """
        ...

    def ids(self, folder: Path, name: str) -> Iterator[Id]:
        """The ids of the rows of a resource that is there.

        :raises OSError: it cannot be read.
        """
        ...


def sink(format: str) -> ExportSink:
    """The sink for a format.

    :raises SettingsError: a package that it needs is not installed.
    """
    try:
        if format == "csv":
            from halo_async.export.sinks.csv import CsvSink

            return CsvSink()
        if format == "sqlite":
            from halo_async.export.sinks.sqlite import SqliteSink

            return SqliteSink()
        if format == "parquet":
            from halo_async.export.sinks.parquet import ParquetSink

            return ParquetSink()
        if format == "duckdb":
            from halo_async.export.sinks.duckdb import DuckdbSink

            return DuckdbSink()
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        raise SettingsError(f'{format} needs {package}: pip install "halo-async[{format}]"') from None
    from halo_async.export.sinks.jsonl import JsonlSink

    return JsonlSink(codec(format.partition(".")[2]))
