"""Tables as readers find them: nulls left out, nothing else changed."""

from __future__ import annotations

import csv
import json
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from halo_async._utils.dates import parse_date
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


def says(cell: Any, value: Any) -> bool:
    """Whether a cell says what a row said: exactly, as a date, as the text of a value, or as text of CSV."""
    if value is None or value == "":
        return cell in (None, "")
    if isinstance(cell, datetime):
        return cell == parse_date(value)
    if isinstance(cell, dict):
        return isinstance(value, dict) and all(says(item, value.get(name)) for name, item in cell.items())
    if isinstance(cell, list):
        return len(cell) == len(value) and all(map(says, cell, value))
    if isinstance(cell, str) and isinstance(value, str):
        return cell == value or (cell.endswith("Z") and _moment(cell) == _moment(value))
    if isinstance(cell, str):
        return cell == str(value) or bool(json.loads(cell) == value)
    return bool(cell == value)


def _moment(text: str) -> datetime | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def all_said(found: list[dict[str, Any]], sent: list[dict[str, Any]]) -> bool:
    """Whether rows are what was sent, each by its id, and nothing else."""
    by_id = {row["id"]: row for row in found}
    assert len(by_id) == len(found) == len(sent)
    for row in sent:
        cells = by_id[row["id"]]
        pairs = {name: (cells.get(name), row.get(name)) for name in {*cells, *row}}
        wrong = {name: pair for name, pair in pairs.items() if not says(*pair)}
        assert not wrong, wrong
    return True
