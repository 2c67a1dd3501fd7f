"""JSON Lines: the gathered lines are already the file. A schema of their columns stands beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, ClassVar

from halo_async.export.seen_ids import row_id
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.files import finish, hidden_part
from halo_async.export.sinks.row_schema import scan_of, write_schema
from halo_async.export.spool import SpoolCodec, lines
from halo_async.export.spool_tail import read_block
from halo_async.tables.schema_scan import SchemaScan

_BATCH = 1000
_BLOCK = 2**18
"""Bytes that are looked through at a time: few enough to stay in the processor's cache."""


class JsonlSink:
    """Sink that only removes the `.part` suffix, once the columns of the lines are known."""

    scans: ClassVar[bool] = True
    follows: ClassVar[bool] = True

    def __init__(self, codec: SpoolCodec) -> None:
        self._codec = codec

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""
        final = self._file(material.folder, material.name)
        scan = material.scan or scan_of(material)
        if material.hides and material.spool.exists():
            part = hidden_part(final)
            with part.open("wb") as file:
                self._write_rows(file, material.rows(), scan)
            finish(part, final)
            material.spool.unlink()
        elif material.spool.exists():
            for block in material.blocks() if material.scan is None else ():
                scan.add_lines(block)
            finish(material.spool, final)
        elif material.scan is None:  # it has its name already, and the schema was not written
            self._look_through(final, material, scan)
        write_schema(material, scan)
        return SinkOutcome(final.name)

    def there(self, folder: Path, name: str) -> bool:
        """See `Sink.there`."""
        return self._file(folder, name).exists()

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. Changed rows are appended."""
        old = self._file(changes.folder, changes.name)
        count = {"rows": 0, "deleted": 0}

        def rows() -> Iterator[bytes]:
            for row in lines(old, self._codec):
                changes.go_on()
                key = row_id(row, changes.key)
                count["deleted"] += key in deleted
                if key not in deleted and key not in changes.replaced:
                    yield row
            yield from changes.rows()

        part, scan = hidden_part(old), scan_of(changes)
        with part.open("wb") as file:
            count["rows"] = self._write_rows(file, rows(), scan)
        finish(part, old)
        write_schema(changes, scan)
        return MergeResult(**count), SinkOutcome(old.name)

    def _look_through(self, final: Path, material: SinkInput, scan: SchemaScan) -> None:
        with self._codec.reader(final) as file:
            while block := read_block(file, _BLOCK):
                material.go_on()
                scan.add_lines(block)

    def _write_rows(self, file: BinaryIO, rows: Iterator[bytes], scan: SchemaScan) -> int:
        """Write rows, and return how many."""
        count = 0
        while batch := list(islice(rows, _BATCH)):
            count += len(batch)
            scan.add(batch)
            file.write(self._codec.pack(b"\n".join(batch) + b"\n"))
        return count

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """See `Sink.ids`."""
        return (row_id(row, field) for row in lines(self._file(folder, name), self._codec))

    def _file(self, folder: Path, name: str) -> Path:
        return folder / f"{name}.jsonl{self._codec.suffix}"
