"""From the gathered lines of a resource to the file that was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Protocol

from attrs import frozen

from halo_async.errors import SettingsError
from halo_async.export.spool import Codec, lines

if TYPE_CHECKING:
    from halo_async.declaration import Operation


class Stopped(Exception):
    """The export was interrupted while a file was being made."""


@frozen
class Material:
    """What a sink works with."""

    name: str
    folder: Path
    spool: Path
    codec: Codec
    operation: Operation
    explode: tuple[str, ...]
    stop: Event
    """Set when the export is interrupted: the work is then given up."""

    def rows(self) -> Iterator[bytes]:
        """The lines, again each time.

        :raises Stopped: it is to be given up.
        """
        for row in lines(self.spool, self.codec):
            if self.stop.is_set():
                raise Stopped
            yield row


@frozen
class Outcome:
    """What was made."""

    file: str
    columns: int | None = None
    added: tuple[str, ...] = ()
    widened: tuple[str, ...] = ()


class Sink(Protocol):
    """Makes one resource's file out of its lines. Doing it again after a stop at any instant does no harm."""

    def finish(self, material: Material) -> Outcome:
        """Make the file, whole and durable, under its final name.

        :raises OSError: it cannot be written.
        :raises Stopped: it was given up.
        """
        ...


def sink(format: str) -> Sink:
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

    return JsonlSink()
