"""Parquet: one file per resource, its schema wide enough for every row, compressed with zstd."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from halo_async.export.columns import EXACT, ColumnType, ExportColumns
from halo_async.export.schema_evolution import WidenedColumn, widen_columns
from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.arrow import (
    ROWS,
    cast,
    has_large,
    kind_of,
    pa,
    pc,
    pq,
    schema,
    tables,
    writer_of,
)
from halo_async.export.sinks.files import finish, hidden_part
from halo_async.export.sinks.parts import Parts
from halo_async.export.sinks.tables import make_file, outcome, scanned


class ParquetSink:
    """One `.parquet` per resource."""

    def finish(self, material: SinkInput) -> SinkOutcome:
        """See `Sink.finish`."""
        return make_file(material, "parquet", lambda path: Parts(material, path).write())

    def there(self, folder: Path, name: str) -> bool:
        """See `Sink.there`."""
        return _file(folder, name).exists()

    def merge(self, changes: SinkInput, deleted: Collection[Id]) -> tuple[MergeResult, SinkOutcome]:
        """See `Sink.merge`. Changed rows are appended."""
        old = _file(changes.folder, changes.name)
        part = hidden_part(old)
        with pq.ParquetFile(str(old)) as file:
            wide = _widened(old, scanned(changes))
            wanted = schema(wide.columns, list(wide.labels))
            kept = _Kept(changes, deleted, wanted)
            with writer_of(part, wanted) as writer:
                for table in (*kept.of(file), *tables(changes, wide.columns, wanted)):
                    writer.write_table(table)
        finish(part, old)
        rows = pq.read_metadata(str(old)).num_rows
        return MergeResult(rows, kept.deleted), outcome(old.name, wide.columns)

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """See `Sink.ids`."""
        with pq.ParquetFile(str(_file(folder, name))) as file:
            for batch in file.iter_batches(batch_size=ROWS, columns=[field]):
                if field in batch.schema.names:  # a name with a dot may come along
                    yield from batch[field].to_pylist()


class _Kept:
    """The rows that stay, in the new schema."""

    def __init__(self, changes: SinkInput, deleted: Collection[Id], wanted: Any) -> None:
        self.deleted = 0
        self._changes = changes
        self._gone = list(deleted)
        self._wanted = wanted

    def of(self, file: Any) -> Iterator[Any]:
        for batch in file.iter_batches(batch_size=ROWS):
            self._changes.go_on()
            table = pa.Table.from_batches([batch])
            if self._changes.key in table.column_names:
                table = self._without(table)
            yield cast(table, self._wanted)

    def _without(self, table: Any) -> Any:
        keys = table[self._changes.key]
        gone = _among(keys, self._gone)
        self.deleted += pc.sum(gone).as_py() or 0
        return table.filter(pc.invert(pc.or_(gone, _among(keys, list(self._changes.replaced)))))


def _among(ids: Any, wanted: list[Id]) -> Any:
    """Return which ids are wanted. None is: rows without an id are all different."""
    if pa.types.is_string(ids.type):
        some: list[Any] = [str(id) for id in wanted]
    else:
        exact = EXACT if pa.types.is_floating(ids.type) else 2**63 - 1
        some = [id for id in wanted if isinstance(id, int | float) and abs(id) <= exact]
        if pa.types.is_integer(ids.type):
            some = [int(id) for id in some if id == int(id)]
    if not some:
        return pa.array([False] * len(ids))
    return pc.is_in(ids, value_set=pa.array(some, ids.type))


def _widened(path: Path, new: ExportColumns) -> WidenedColumn:
    before: dict[str, ColumnType] = {field.name: kind_of(field.type) for field in pq.read_schema(str(path))}
    return widen_columns(before, new, partial(has_large, path))


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"
