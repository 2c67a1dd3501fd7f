"""Writing and reading of Parquet files: row groups of a size that readers like."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from halo_async.tables.arrow_types import pa

pq: Any = import_module("pyarrow.parquet")  # optional, and untyped

ROWS, BYTES = 100_000, 24_000_000
"""Most rows of a row group, and most bytes of them in memory before they are encoded and compressed.

Nulls that columns share count once: each column costs time and memory in every row group, also without a value, and
most of those that are declared never have one.
"""
BATCH = 4000
"""Rows read at a time."""


class ParquetWriter:
    """A Parquet file that is written batch by batch, with Halo's names as metadata of its fields."""

    def __init__(self, path: Path, schema: Any, *, passing: bool = False) -> None:
        """`passing`: it is read once and deleted, so that the time counts and the size does not."""
        self.schema = schema
        self.groups: list[int] = []
        """Number of batches of each row group."""
        self._most_bytes = 2 * BYTES if passing else BYTES
        compression = "snappy" if passing else "zstd"
        self._writer = pq.ParquetWriter(
            str(path), schema, compression=compression, write_page_index=not passing
        )
        self._held: list[Any] = []
        self._rows = self._bytes = 0

    def write(self, batch: Any) -> None:
        """Write a batch of the file's schema.

        :raises OSError: the file cannot be written.
        """
        self._held.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.get_total_buffer_size()
        if self._rows >= ROWS or self._bytes >= self._most_bytes:
            self.flush()

    def flush(self) -> None:
        """End the row group."""
        if self._rows:
            table = pa.Table.from_batches(self._held, self.schema)
            self._writer.write_table(table, row_group_size=self._rows)
            self.groups.append(len(self._held))
        self._held.clear()
        self._rows = self._bytes = 0

    def close(self) -> None:
        """Write what is held, and finish the file."""
        self.flush()
        self._writer.close()

    def abandon(self) -> None:
        """Close the file as it is: what is held is not written."""
        self._held.clear()
        self._rows = 0
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon()


def batches(path: Path, columns: list[str] | None = None) -> Iterator[Any]:
    """Yield the rows of a file as record batches."""
    with pq.ParquetFile(str(path)) as file:
        yield from file.iter_batches(batch_size=BATCH, columns=columns)


def schema_of(path: Path) -> Any:
    """Return the Arrow schema of a file."""
    return pq.read_schema(str(path))


def has_large(path: Path, name: str, exact: int) -> bool:
    """Return whether a column has integers that floating point numbers would round."""
    with pq.ParquetFile(str(path)) as file:
        found = [_range(file.metadata.row_group(at), name) for at in range(file.num_row_groups)]
    return any(value is None or abs(value) > exact for pair in found for value in pair)


def _range(group: Any, name: str) -> tuple[int | None, ...]:
    """Return the least and the greatest integer; None where that is not known."""
    for at in range(group.num_columns):
        column = group.column(at)
        if column.path_in_schema == name:
            statistics = column.statistics
            if statistics is None:
                return (None,)
            if statistics.has_min_max:
                return statistics.min, statistics.max
            nothing = statistics.has_null_count and statistics.null_count == column.num_values
            return () if nothing else (None,)
    return (None,)
