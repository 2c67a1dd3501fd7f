"""Parquet: one file per resource, its schema wide enough for every row, compressed with zstd."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, ClassVar

from halo_async.export.sinks import Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.sinks.files import finish, hidden_part
from halo_async.export.sinks.parquet_file import ParquetWriter, batches, pq
from halo_async.export.sinks.parts import Parts
from halo_async.export.sinks.tables import make_file, outcome
from halo_async.export.sinks.upgrade import Upgrade
from halo_async.tables.arrow_casts import cast_anyway
from halo_async.tables.arrow_types import arrow_schema, pa, pc
from halo_async.tables.schema import TableSchema
from halo_async.tables.value_types import EXACT


class ParquetSink:
    """One `.parquet` per resource."""

    scans: ClassVar[bool] = False
    follows: ClassVar[bool] = True

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
        kept, columns = merged(old, part, changes, deleted)
        finish(part, old)
        return MergeResult(pq.read_metadata(str(old)).num_rows, kept.deleted), outcome(
            old.name, columns, changes
        )

    def ids(self, folder: Path, name: str, field: str = "id") -> Iterator[Id]:
        """See `Sink.ids`."""
        for batch in batches(_file(folder, name), [field]):
            if field in batch.schema.names:  # a name with a dot may come along
                yield from map(_simplify_id, batch[field].to_pylist())


def _simplify_id(id: Any) -> Id:
    return id if isinstance(id, int | float | str | None) else int(id)


def merged(old: Path, new: Path, changes: SinkInput, deleted: Collection[Id]) -> tuple[KeptRows, TableSchema]:
    """Write a Parquet file of the rows of another that stay, and then the changed ones."""
    upgrade = Upgrade(old, changes)
    rows = new.with_name(f"{new.name}.rows")
    columns = Parts(changes, rows, upgrade.columns, passing=True).write()
    wanted = arrow_schema(columns)
    kept = KeptRows(changes, deleted)
    with ParquetWriter(new, wanted) as writer:
        for batch in kept.of(batches(old)):
            writer.write(cast_anyway(upgrade.of(batch), wanted))
        for batch in batches(rows):
            writer.write(batch)
    rows.unlink()
    return kept, columns


class KeptRows:
    """The rows of a table that stay when changes are merged."""

    def __init__(self, changes: SinkInput, deleted: Collection[Id]) -> None:
        self.deleted = 0
        self._changes = changes
        self._gone = list(deleted)

    def of(self, rows: Iterator[Any]) -> Iterator[Any]:
        """Yield what stays of record batches."""
        for batch in rows:
            self._changes.go_on()
            yield self._remove_rows(batch) if self._changes.key in batch.schema.names else batch

    def _remove_rows(self, batch: Any) -> Any:
        keys = batch[self._changes.key]
        gone = _among(keys, self._gone)
        self.deleted += pc.sum(gone).as_py() or 0
        return batch.filter(pc.invert(pc.or_(gone, _among(keys, list(self._changes.replaced)))))


def _among(ids: Any, wanted: list[Id]) -> Any:
    """Return which ids are wanted. None is: rows without an id are all different."""
    if pa.types.is_string(ids.type):
        some: list[Any] = [str(id) for id in wanted]
    else:
        exact = EXACT if pa.types.is_floating(ids.type) else 10**38 - 1
        exact = 2**63 - 1 if pa.types.is_integer(ids.type) else exact
        some = [id for id in wanted if isinstance(id, int | float) and abs(id) <= exact]
        if not pa.types.is_floating(ids.type):
            some = [int(id) for id in some if id == int(id)]
    if not some:
        return pa.array([False] * len(ids))
    return pc.is_in(ids, value_set=pa.array(some, ids.type))


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.parquet"
