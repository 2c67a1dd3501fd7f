"""Division of a Parquet file into a folder of smaller ones, each sorted by id.

Rows are assigned to buckets: so many neighbours, by id, of one file of one partition. The ids and the partitions of
all rows are in memory, and the rows of some buckets; others wait on disk. Buckets are written in the order of the
files, so that one of these is open at a time.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import attrs

from halo_async.errors import SettingsError
from halo_async.export.layout import UNITS, Layout
from halo_async.export.sinks.files import sync_file

pa: Any = import_module("pyarrow")  # optional, and untyped
pc: Any = import_module("pyarrow.compute")
pq: Any = import_module("pyarrow.parquet")

NOTHING = "__HIVE_DEFAULT_PARTITION__"
"""Hive's name of the partition without a value."""
MOST = 10_000
"""Partitions of one resource."""
READ, GROUP, GROUP_BYTES, HELD = 4_000, 100_000, 16_000_000, 32_000_000
"""Rows read at a time; most rows and about as many bytes of a row group; bytes of rows that wait in memory."""
_LONGEST = 180
"""Characters of a folder's name."""
_ISO = r"^\d{4}-\d{2}-\d{2}"


@attrs.frozen
class _Bucket:
    """Some rows of one file."""

    file: int
    rows: int


@attrs.define
class _Waiting:
    """Rows of a bucket that came so far."""

    tables: list[Any] = attrs.field(factory=list)
    spilt: list[Path] = attrs.field(factory=list)
    rows: int = 0
    bytes: int = 0


class Division:
    """The files that the rows of a Parquet file go to."""

    def __init__(self, source: Path, layout: Layout) -> None:
        """Look at the ids and the field of all rows.

        :raises SettingsError: the field has more values than there may be folders.
        """
        self._source = source
        self._layout = layout
        with pq.ParquetFile(str(source)) as file:
            self._schema = file.schema_arrow
            self._key = self._free_name(layout.key)
            names = [name for name in ("id", layout.field or "") if name in self._schema.names]
            ids, labels = self._looked_at(file, names)
            bytes_of_all = sum(
                file.metadata.row_group(at).total_byte_size for at in range(file.num_row_groups)
            )
        count = len(labels)
        self._names, numbers = self._numbered(labels)
        self._group = max(1, min(GROUP, GROUP_BYTES * count // max(1, bytes_of_all) or 1, count or 1))
        table = pa.table({"partition": numbers, "id": ids})
        order = pc.sort_indices(table, sort_keys=[("partition", "ascending"), ("id", "ascending")])
        self._files, self._buckets = self._divided(pc.value_counts(numbers))
        places = pa.concat_arrays(
            [pa.array([], pa.int32())]
            + [pa.repeat(pa.scalar(at, pa.int32()), bucket.rows) for at, bucket in enumerate(self._buckets)]
        )
        self._bucket_of = pc.take(places, pc.sort_indices(order))
        """For each row of the source, the number of its bucket."""

    def _free_name(self, name: str) -> str:
        while name in self._schema.names:
            name += "_"
        return name

    def _looked_at(self, file: Any, names: list[str]) -> tuple[Any, Any]:
        """Return the ids and the labels of the partitions, one for each row."""
        ids, labels = [], []
        field = self._layout.field
        for batch in file.iter_batches(batch_size=GROUP, columns=names):
            empty = pa.nulls(batch.num_rows, pa.string())
            ids.append(_sortable(batch["id"]) if "id" in batch.schema.names else empty)
            labels.append(self._labels(batch[field]) if field in batch.schema.names else empty)
        kind = ids[0].type if ids else pa.int64()
        return pa.chunked_array(ids, kind).combine_chunks(), pa.chunked_array(
            labels, pa.string()
        ).combine_chunks()

    def _labels(self, values: Any) -> Any:
        """Return the texts that name the partitions; null where there is no value, or no date."""
        texts = pc.cast(values, pa.string())
        if self._layout.unit is None:
            return texts
        texts = pc.if_else(pc.match_substring_regex(texts, _ISO), texts, None)
        return pc.utf8_slice_codeunits(texts, 0, UNITS[self._layout.unit])

    def _numbered(self, labels: Any) -> tuple[list[str], Any]:
        """Return the names of the folders in their order, and for each row the number of its own.

        Names that differ in case only share a folder, since some file systems do not tell them apart.
        """
        encoded = labels.dictionary_encode("encode")
        if self._layout.field is None:
            return [""], pa.repeat(pa.scalar(0, pa.int32()), len(labels))
        names = [folder_name(label) for label in encoded.dictionary.to_pylist()]
        distinct = sorted({name.casefold(): name for name in reversed(names)}.items())
        if len(distinct) > MOST:
            raise SettingsError(
                f"{self._layout.field!r} has {len(distinct):,} values, more than {MOST:,} folders. Resume the export "
                "with another field for partition_by, or with rows_per_file instead."
            )
        numbers = {folded: number for number, (folded, _) in enumerate(distinct)}
        mapping = pa.array([numbers[name.casefold()] for name in names], pa.int32())
        return [f"{self._key}={name}" for _, name in distinct] or [f"{self._key}={NOTHING}"], pc.take(
            mapping, encoded.indices
        )

    def _divided(self, counts: Any) -> tuple[list[Path], list[_Bucket]]:
        """Return the files and the buckets, in their order."""
        rows = {item["values"]: item["counts"] for item in counts.to_pylist()} or {0: 0}
        files: list[Path] = []
        buckets: list[_Bucket] = []
        for number in sorted(rows):
            length = self._layout.rows_per_file or max(1, rows[number])
            starts = range(0, rows[number] or 1, length)
            for part, start in enumerate(starts):
                files.append(Path(self._names[number]) / f"part-{part}.parquet")
                left = min(length, rows[number] - start)
                for begun in range(0, left or 1, self._group):
                    buckets.append(_Bucket(len(files) - 1, min(self._group, left - begun)))
        return files, buckets

    # Writing --------------------------------------------------------------------------------------

    def write(self, folder: Path, go_on: Callable[[], None]) -> list[Path]:
        """Write the files into a folder, and return their paths.

        :param go_on: is called between rows, and raises to end it.
        :raises OSError: they cannot be written.
        """
        waiting: dict[int, _Waiting] = {}
        spill = folder / ".spilt"
        spill.mkdir(parents=True)
        with _Files(folder, self._files, self._schema) as files:
            done = 0
            for bucket, table in self._pieces(go_on):
                some = waiting.setdefault(bucket, _Waiting())
                some.tables.append(table)
                some.rows += table.num_rows
                some.bytes += table.nbytes
                while done in waiting and waiting[done].rows == self._buckets[done].rows:
                    files.write(self._buckets[done].file, _sorted(waiting.pop(done)))
                    done += 1
                self._make_room(waiting, spill)
            for number in range(done, len(self._buckets)):
                go_on()
                rest = waiting.pop(number, None)
                files.write(
                    self._buckets[number].file, self._schema.empty_table() if rest is None else _sorted(rest)
                )
        spill.rmdir()
        return [folder / path for path in self._files]

    def _pieces(self, go_on: Callable[[], None]) -> Iterator[tuple[int, Any]]:
        """Yield rows of the source with the number of their bucket."""
        start = 0
        with pq.ParquetFile(str(self._source)) as file:
            for batch in file.iter_batches(batch_size=READ):
                go_on()
                buckets = self._bucket_of.slice(start, batch.num_rows)
                start += batch.num_rows
                order = pc.sort_indices(buckets)
                ends = pc.run_end_encode(pc.take(buckets, order))
                runs = pairwise([0, *ends.run_ends.to_pylist()])
                for number, (begin, end) in zip(ends.values.to_pylist(), runs, strict=True):
                    # Taken one by one: slices of one table would keep all of it in memory.
                    yield number, pa.Table.from_batches([batch.take(order.slice(begin, end - begin))])

    def _make_room(self, waiting: dict[int, _Waiting], spill: Path) -> None:
        """Move rows to disk, those of the largest buckets first, until half of what may wait is left."""
        held = sum(some.bytes for some in waiting.values())
        if held <= HELD:
            return
        for number, some in sorted(waiting.items(), key=lambda item: -item[1].bytes):
            if held <= HELD // 2 or not some.tables:
                break
            path = spill / f"{number}-{len(some.spilt)}.parquet"
            with pq.ParquetWriter(
                str(path), self._schema, compression="lz4", write_statistics=False
            ) as writer:
                writer.write_table(pa.concat_tables(some.tables))
            some.spilt.append(path)
            held -= some.bytes
            some.tables, some.bytes = [], 0


class _Files:
    """Files that are written one after another."""

    def __init__(self, folder: Path, paths: list[Path], schema: Any) -> None:
        self._folder = folder
        self._paths = paths
        self._schema = schema
        self._sorting = [pq.SortingColumn(schema.names.index("id"))] if _sorts(schema) else None
        self._number = -1
        self._writer: Any = None

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *error: object) -> None:
        self._close_writer()

    def write(self, number: int, table: Any) -> None:
        """Write a row group into a file, which is the open one or the next."""
        if number != self._number:
            self._close_writer()
            path = self._folder / self._paths[number]
            path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = pq.ParquetWriter(
                str(path),
                self._schema,
                compression="zstd",
                write_page_index=True,
                sorting_columns=self._sorting,
            )
            self._number = number
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))

    def _close_writer(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None
            sync_file(self._folder / self._paths[self._number])


def _sorts(schema: Any) -> bool:
    """Return whether the order by id is the one that Parquet means: of integers, or of texts by their bytes."""
    return "id" in schema.names and pa.types.is_integer(schema.field("id").type)


def _sorted(some: _Waiting) -> Any:
    tables = [pq.read_table(str(path), partitioning=None) for path in some.spilt] + some.tables
    for path in some.spilt:
        path.unlink()
    table = pa.concat_tables(tables)
    if "id" not in table.column_names:
        return table
    return table.take(pc.sort_indices(_sortable(table["id"].combine_chunks())))


def _sortable(ids: Any) -> Any:
    return (
        ids if pa.types.is_integer(ids.type) or pa.types.is_floating(ids.type) else pc.cast(ids, pa.string())
    )


def folder_name(value: str | None) -> str:
    """Return a value as a part of a folder's name: percent-encoded, and Hive's word for none."""
    if not value:
        return NOTHING
    name = quote(value, safe=" -_.,+@()~").replace("%2D", "-")
    if len(name) <= _LONGEST:
        return name
    return f"{quote(value[: _LONGEST // 12], safe='')}~{zlib.crc32(value.encode()):08x}"
