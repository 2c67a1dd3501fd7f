"""Instances that misbehave several times in a row: each guard against lost rows by itself, at a real instance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Behaviour, Emulator, Fault
from tests.support.export_kit import ids, only
from tests.support.writes_kit import client

TICKETS = 250
ALL = list(range(1, TICKETS + 1))
WAYS = {
    "keyset": Behaviour(),
    "descending": Behaviour(id_filter="ignored"),
    "best-effort": Behaviour(id_filter="refused", order="ignored"),
}
GET = "GET /Tickets"
UNCOUNTED = Fault("F41", GET, "missing")


async def exported(folder: Path, way: str, *faults: Fault, **options: Any) -> tuple[Any, list[Any]]:
    """What the report says of the tickets, and their ids in the file."""
    async with (
        Emulator(tickets=TICKETS, rate_limit=None, faults=faults, behaviour=WAYS[way]) as emulator,
        client(emulator) as halo,
    ):
        report = await halo.export(["tickets"], folder, **options)
        return only(report), sorted(ids(folder, report)) if only(report).complete else []


@pytest.mark.parametrize("rows", [3, 37, 50])
@pytest.mark.parametrize("way", ["keyset", "descending"])
async def test_pages_that_are_all_cut_end_no_list(tmp_path: Path, way: str, rows: int) -> None:
    cut = Fault("F41", GET, "cut", after=3, options={"rows": rows})
    for number, lasting in enumerate([[], [UNCOUNTED], [Fault("F41", GET, "own")]]):
        item, found = await exported(tmp_path / str(number), way, cut, *lasting)
        assert not item.complete or found == ALL, item
        assert item.complete or way != "keyset"


@pytest.mark.parametrize("kind", [("F10", "array"), ("F10", "count"), ("F10", "error"), ("F41", "none")])
@pytest.mark.parametrize("way", WAYS)
async def test_five_empty_responses_in_a_row_end_no_list(
    tmp_path: Path, way: str, kind: tuple[str, str]
) -> None:
    for after in (2, 3):
        for number, lasting in enumerate([[], [UNCOUNTED]]):
            empty = Fault(kind[0], GET, kind[1], times=5, after=after)
            item, found = await exported(tmp_path / f"{after} {number}", way, empty, *lasting)
            assert not item.complete or found == ALL, item


@pytest.mark.parametrize("kind", ["array", "count"])
async def test_four_empty_responses_of_another_shape_do_not_even_end_the_way_of_reading(
    tmp_path: Path, kind: str
) -> None:
    item, found = await exported(tmp_path, "keyset", Fault("F10", GET, kind, times=4, after=2))
    assert (item.complete, item.consistency, found) == (True, "keyset", ALL)


async def test_rows_that_only_later_responses_count_are_missed(tmp_path: Path) -> None:
    fewer = Fault("F41", GET, "low", times=2, options={"by": 150})
    more = Fault("F41", GET, "high", options={"by": 5})
    item, _ = await exported(tmp_path, "keyset", fewer, more)
    assert (item.complete, item.error_type) == (False, "IncompleteError")
