"""What tests of the export share."""

from __future__ import annotations

import csv
import gzip
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.export.report import Report, ResourceReport

NO_SEARCH = Fault("F33", "GET /Tickets", "no_search")
"""`advanced_search` is ignored: what is left is reading backwards."""


FORMATS = ["jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "duckdb", "sqlite"]
csv.field_size_limit(2**31 - 1)


def needs(format: str) -> None:
    """Skip where the packages of a format are not installed."""
    packages = {"parquet": ["pyarrow"], "duckdb": ["duckdb", "pyarrow"], "jsonl.zst": ["zstandard"]}
    for package in packages.get(format, []):
        pytest.importorskip(package, reason=f"needs {package}")


def lines(path: Path) -> list[Any]:
    """The rows of a JSON Lines file."""
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def ids(folder: Path, report: Report) -> list[int]:
    """The ids in the file of the only resource."""
    (item,) = report.resources
    return [row["id"] for row in lines(folder / item.file)]


def only(report: Report) -> ResourceReport:
    """The only resource."""
    (item,) = report.resources
    return item


def asked(emulator: Emulator, pattern: str = "GET /Tickets") -> int:
    """How many requests arrived."""
    return len(emulator.requests(pattern))


def conditions(item: ResourceReport) -> dict[str, bool]:
    """What the consistency rests on."""
    return {condition.name: condition.holds for condition in item.conditions}


def rows_of(folder: Path, format: str, name: str = "tickets") -> list[dict[str, Any]]:
    """What a reader of the format finds, nulls left out."""
    found = _READERS.get(format, _lines)(folder, format, name)
    return [{key: value for key, value in row.items() if value not in (None, "")} for row in found]


def _lines(folder: Path, format: str, name: str) -> list[dict[str, Any]]:
    data = (folder / f"{name}.{format}").read_bytes()
    if format == "jsonl.gz":
        data = gzip.decompress(data)
    if format == "jsonl.zst":
        import zstandard

        data = zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True).read()
    return [json.loads(line) for line in data.splitlines()]


def _csv(folder: Path, format: str, name: str) -> list[dict[str, Any]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [{**row, "id": _whole(row["id"])} for row in csv.DictReader(file)]


def _parquet(folder: Path, format: str, name: str) -> list[dict[str, Any]]:
    import pyarrow.parquet as pq

    found: list[dict[str, Any]] = pq.read_table(folder / f"{name}.parquet").to_pylist()
    return found


def _duckdb(folder: Path, format: str, name: str) -> list[dict[str, Any]]:
    import duckdb

    with duckdb.connect(str(folder / "halo.duckdb"), read_only=True) as database:
        found = database.execute(f"SELECT * FROM {name}")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _sqlite(folder: Path, format: str, name: str) -> list[dict[str, Any]]:
    with closing(sqlite3.connect(folder / "halo.sqlite")) as database:
        database.row_factory = sqlite3.Row
        return [dict(row) for row in database.execute(f"SELECT * FROM {name}")]


_READERS: dict[str, Callable[[Path, str, str], list[dict[str, Any]]]] = {
    "csv": _csv,
    "parquet": _parquet,
    "duckdb": _duckdb,
    "sqlite": _sqlite,
}


def _whole(text: str) -> Any:
    return int(text) if text.isdigit() else text
