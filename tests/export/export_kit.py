"""What tests of the export share."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Emulator, Fault
from halo_async.export.report import Report, ResourceReport

NO_SEARCH = Fault("F33", "GET /Tickets", "no_search")
"""`advanced_search` is ignored: what is left is reading backwards."""


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
