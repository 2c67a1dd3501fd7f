"""Rows that nobody expects: every one is in the file, in every format, or the report says why not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from halo_async.export import export
from halo_async.export.progress import State
from tests.support.export_kit import lines, needs, only
from tests.support.odd_list import OddList

BIG = 2**53


def marks(rows: list[Any]) -> Counter[str]:
    return Counter(str(row) for row in rows)


def with_ids(ids: list[Any]) -> list[Any]:
    return [{"id": id, "n": number} for number, id in enumerate(ids)]


ODD: dict[str, tuple[list[Any], str]] = {
    "ids beyond 2**53": (with_ids([BIG + number for number in range(250)]), "keyset"),
    "ids beyond 2**63": (with_ids([2**64 + number * 3 for number in range(250)]), "keyset"),
    "ids at and below 0": (with_ids(list(range(-130, 120))), "keyset"),
    "ids far apart": (with_ids([number**5 for number in range(1, 251)]), "keyset"),
    "ids that come twice": (with_ids([number // 2 for number in range(250)]), "best-effort"),
    "ids of text": (with_ids([f"A{number}" for number in range(250)]), "best-effort"),
    "ids of null": (with_ids([None] * 250), "best-effort"),
    "no ids": ([{"n": number} for number in range(250)], "best-effort"),
    "ids of all kinds": (with_ids([1, "1", None, 2.5, True, 0] * 45), "best-effort"),
    "no rows": ([], "single-response"),
    "one row": ([{"id": 7}], "single-response"),
    "a row of 5 MB": ([{"id": 1, "text": "x\n" * 2_500_000}, {"id": 2}], "single-response"),
    "one page to the row": (with_ids(list(range(100))), "single-response"),
    "one row beyond a page": (with_ids(list(range(101))), "keyset"),
    "rows that are no objects": (list(range(250)), "best-effort"),
}


@pytest.mark.parametrize("concurrency", [1, 4])
@pytest.mark.parametrize("name", ODD)
async def test_every_odd_row_comes(tmp_path: Path, name: str, concurrency: int) -> None:
    rows, consistency = ODD[name]
    served = OddList(list(rows))
    async with served.client() as halo:
        item = only(await export(halo, ["tickets"], tmp_path, concurrency=concurrency))
    assert (item.state, item.rows) == (State.DONE, len(rows)), item
    assert marks(lines(tmp_path / "tickets.jsonl")) == marks(rows)
    assert item.consistency == consistency
    assert len(served.asked) <= item.least_requests + concurrency + 2


@pytest.mark.parametrize("format", ["csv", "parquet", "duckdb", "sqlite"])
@pytest.mark.parametrize("name", ODD)
async def test_every_odd_row_is_in_the_table(tmp_path: Path, name: str, format: str) -> None:
    needs(format)
    rows, _ = ODD[name]
    async with OddList(list(rows)).client() as halo:
        item = only(await export(halo, ["tickets"], tmp_path, format=format))
        assert (item.state, item.rows, item.error) == (State.DONE, len(rows), None)
        again = only(await export(halo, [], tmp_path, since="last"))
    assert again.complete


async def test_a_list_that_becomes_an_array_midway_is_begun_anew_and_comes_whole(tmp_path: Path) -> None:
    rows = with_ids(list(range(1, 951)))
    served = OddList(rows, bare_from=6)
    async with served.client() as halo:
        item = only(await export(halo, ["tickets"], tmp_path, concurrency=2))
    assert (item.state, item.rows) == (State.DONE, 950), item
    assert marks(lines(tmp_path / "tickets.jsonl")) == marks(rows)


async def test_rows_of_ids_that_are_not_sorted_come_once(tmp_path: Path) -> None:
    rows = with_ids([number * 7919 % 1009 for number in range(950)])
    async with OddList(rows, sorts=False).client() as halo:
        item = only(await export(halo, ["tickets"], tmp_path))
    assert marks(lines(tmp_path / "tickets.jsonl")) == marks(rows)
    assert item.consistency == "best-effort"


class Growing(OddList):
    """Pages are longer from the third request on."""

    def respond(self, query: dict[str, str]) -> Any:
        self.cap = 25 if len(self.asked) < 2 else 100
        return super().respond(query)


async def test_a_list_whose_pages_become_longer_takes_no_fewer_requests_than_the_least(
    tmp_path: Path,
) -> None:
    served = Growing([{"id": number} for number in range(1, 501)])
    async with served.client() as halo:
        item = only(await export(halo, ["tickets"], tmp_path, concurrency=1))
    assert (item.rows, item.least_requests) == (500, 5)
    assert len(served.asked) == item.requests >= item.least_requests
