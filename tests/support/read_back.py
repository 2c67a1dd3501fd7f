"""Tables as readers find them: nulls left out, nothing else changed."""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.support.export_kit import rows_of

csv.field_size_limit(2**31 - 1)


def cells(folder: Path, format: str, name: str) -> list[dict[str, Any]]:
    """The rows of a table."""
    if format.startswith("jsonl"):
        return rows_of(folder, format, name)
    found = {"csv": _csv, "sqlite": _sqlite, "duckdb": _duckdb, "parquet": _parquet}[format](folder, name)
    return [{key: value for key, value in row.items() if value is not None} for row in found]


def _csv(folder: Path, name: str) -> list[dict[str, Any]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        return [{key: cell or None for key, cell in zip(header, row, strict=True)} for row in rows]


def _sqlite(folder: Path, name: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "halo.sqlite")) as database:
        found = database.execute(f'SELECT * FROM "{name}"')
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _duckdb(folder: Path, name: str) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        found = database.execute(f'SELECT * FROM "{name}"')
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _parquet(folder: Path, name: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return found
