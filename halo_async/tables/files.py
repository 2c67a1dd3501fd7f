"""`tables.read` and `tables.scan`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from halo_async.tables.requirements import required


def read(path: str | Path, *, columns: Iterable[str] | None = None, never_as_null: bool = False) -> Any:
    """Return the rows of an exported file of JSON Lines as a `pyarrow.Table`.

    Its types are those of the schema file beside it (`tickets.schema.json`). Without one they are taken from the rows,
    and from the record that the file is named after.

    :param path: `tickets.jsonl`, `.jsonl.gz` or `.jsonl.zst`; also an address that fsspec knows.
    :param columns: the fields to read, in this order; None for all.
    :param never_as_null: True for null in place of the dates by which Halo says "never".
    :raises DecodeError: a line is not JSON, or does not fit the schema file.
    :raises OSError: the file cannot be read.
    :raises SettingsError: pyarrow is not installed, or the schema file is not one.
    :raises ValueError: the file does not have one of the columns.
    """
    required("pyarrow", "An Arrow table", "arrow")
    from halo_async.tables import file_reading

    return file_reading.read(path, columns=columns, never_as_null=never_as_null)


def scan(path: str | Path, *, columns: Iterable[str] | None = None, never_as_null: bool = False) -> Any:
    """Return the rows as a `pyarrow.RecordBatchReader`: some at a time, in bounded memory.

    polars, DuckDB and pandas take it as a stream. Parameters and errors are those of `read`; what is wrong with a line
    is raised when it is read. Without a schema file the rows are read twice.

    :param path: see `read`.
    :param columns: see `read`.
    :param never_as_null: see `read`.
    :raises OSError: the file cannot be read.
    """
    required("pyarrow", "An Arrow table", "arrow")
    from halo_async.tables import file_reading

    return file_reading.scan(path, columns=columns, never_as_null=never_as_null)
