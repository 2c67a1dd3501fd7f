"""Exports of lists that repeat their first page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator, Fault
from halo_async.errors import PaginationLoopError
from halo_async.export import export
from halo_async.export.estimate import estimate
from halo_async.export.fetch import PageFetcher
from halo_async.export.first_page import ROUND
from halo_async.export.names import resolve_names
from halo_async.export.options import ExportOptions
from halo_async.transport import Response
from tests.support.churning_list import ChurningList, export_list
from tests.support.export_kit import ids, only

LISTS = [("crm_note", "/CRMNote"), ("feed", "/Feed")]


def emulator(path: str, *variants: str, **times: int) -> Emulator:
    faults = [Fault("F41", f"GET {path}", variant, **times) for variant in variants]
    return Emulator(seed=1, tickets=250, rate_limit=None, faults=faults)


def client(running: Emulator) -> Halo:
    credentials = ClientCredentials(running.client_id, running.client_secret)
    clock = VirtualClock(auto_advance=True)
    return Halo(running.url, credentials, rate_limit=None, clock=clock)


@pytest.mark.parametrize("variants", [(), ("own",), ("missing",)])
@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_a_list_that_repeats_its_first_page_is_exported_whole(
    name: str, path: str, variants: tuple[str, ...], tmp_path: Path
) -> None:
    async with emulator(path, *variants) as running, client(running) as halo:
        report = await export(halo, [name], tmp_path / "out")
        found = ids(tmp_path / "out", report)
        assert report.complete
        assert len(found) == len(set(found)) > 100
        assert set(found) == set(running.world.table(path).ids)


@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_one_response_cut_on_the_way_costs_no_row(name: str, path: str, tmp_path: Path) -> None:
    async with emulator(path, "cut", times=1) as running, client(running) as halo:
        report = await export(halo, [name], tmp_path / "out")
        assert report.complete
        assert sorted(ids(tmp_path / "out", report)) == sorted(running.world.table(path).ids)


@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_the_dry_run_does_not_promise_one_request(name: str, path: str) -> None:
    async with emulator(path) as running, client(running) as halo:
        (found,) = await estimate(halo, resolve_names([name]), ExportOptions())
        assert (found.rows, found.requests) == (None, None)
        assert running.requests(f"GET {path}") == []


@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_a_list_is_read_whole_before_it_is_believed_to_have_shrunk(name: str, path: str) -> None:
    async with emulator(path, "own") as running, client(running) as halo:
        (operation,) = resolve_names([name])
        page = await PageFetcher(operation, halo.transport).whole()
        assert page.total == len(page.rows) == len(running.world.table(path).ids)


@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_rows_that_are_counted_and_never_come_leave_the_export_incomplete(
    name: str, path: str, tmp_path: Path
) -> None:
    async with emulator(path, "high") as running, client(running) as halo:
        item = only(await export(halo, [name], tmp_path / "out"))
        assert not item.complete
        assert item.error_type == "IncompleteError"


@pytest.mark.parametrize("odd", ['{"id": 5, "note": "\\ud800"}', '{"note": "no id"}'])
async def test_one_odd_row_makes_no_other_come_twice(odd: str) -> None:
    (operation,) = resolve_names(["crm_note"])
    rows = [f'{{"id": {at}}}' for at in range(6, 2000)] + [odd]

    class Sender:
        async def send(self, request: Any, read: Any) -> Any:
            count = int(dict(request.query)["count"])
            body = f'{{"actions": [{",".join(rows[:count])}]}}'
            return read(Response(200, {}, body.encode(), "application/json"))

    page = await PageFetcher(operation, Sender()).whole()  # type: ignore[arg-type]
    assert len(page.rows) == len(rows)


@pytest.mark.parametrize("odd", [b"\\ud800", b"fine"])
async def test_a_row_with_half_a_character_does_not_end_the_feed(odd: bytes) -> None:
    (operation,) = resolve_names(["feed"])

    class Sender:
        async def send(self, request: Any, read: Any) -> Any:
            top = int(dict(request.query).get("older_than_id", 200))
            rows = [b'{"id": %d, "note": "%s"}' % (at, odd) for at in range(top - 1, max(0, top - 51), -1)]
            return read(Response(200, {}, b'{"feed": [%s]}' % b",".join(rows), "application/json"))

    page = await PageFetcher(operation, Sender()).whole()  # type: ignore[arg-type]
    assert len(page.rows) == 199


async def test_a_filter_of_the_feed_bounds_what_is_exported(tmp_path: Path) -> None:
    async with emulator("/Feed") as running, client(running) as halo:
        whole = sorted(running.world.table("/Feed").ids)
        filters: dict[str, dict[str, Any]] = {
            "feed": {"older_than_id": whole[100], "newer_than_id": whole[9]}
        }
        report = await export(halo, ["feed"], tmp_path / "out", filters=filters)
        assert sorted(ids(tmp_path / "out", report)) == whole[10:100]


# Lists of which nobody said that they do -----------------------------------------------------------


class Unpaged(ChurningList):
    """A list whose last page comes past its end, or that ignores `page_no`, or `page_size`, too."""

    way = "repeats"

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        number, size = int(query["page_no"]), min(self.cap, int(query["page_size"]))
        if self.way == "last page":
            number = min(number, -(-self.rows // size))
        elif self.way == "everything":
            query = {**query, "page_size": str(self.rows)}
        return super().page({**query, "page_no": str(number if self.way == "last page" else 1)})

    def spoil(self, page: dict[str, Any], spoilt: str | None) -> bytes:
        return super().spoil(page["tickets"] if self.key == "" and spoilt is None else page, spoilt)  # type: ignore[arg-type]


def unpaged(way: str, shape: str, rows: int, **options: Any) -> Unpaged:
    served = Unpaged(
        rows,
        1,
        totals="own" if shape == "own total" else "none",
        key="" if shape == "array" else "tickets",
        **options,
    )
    served.way = way
    return served


SHAPES = ["array", "own total", "no total"]


@pytest.mark.parametrize("cap", [10, 25, 50, 99, 100])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("sorts", [True, False], ids=["in order", "in no order"])
async def test_a_first_page_that_comes_for_every_number_is_not_the_whole_list(
    shape: str, cap: int, sorts: bool
) -> None:
    found = await export_list(unpaged("repeats", shape, 266, cap=cap, sorts=sorts))
    assert isinstance(found.error, PaginationLoopError)


@pytest.mark.parametrize(
    "spoilt", [{}, {2: "cut to 50"}, {2: "first two rows"}, {4: "cut to 50"}, {5: "cut to 50"}], ids=str
)
@pytest.mark.parametrize("rows", [1, 2, 3, 9, 10, 25, 50, 99, 100])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", ["last page", "everything"])
async def test_a_whole_list_that_is_not_empty_behind_its_end_is_complete(
    way: str, shape: str, rows: int, spoilt: dict[int, str]
) -> None:
    if (way, shape) == ("everything", "no total") and rows in ROUND:
        rows -= 1  # else it looks like one of several pages
    found = await export_list(unpaged(way, shape, rows, spoilt=spoilt))
    assert (found.error, sorted(found.rows)) == (None, list(range(1, rows + 1)))
