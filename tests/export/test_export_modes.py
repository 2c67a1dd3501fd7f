"""Rows that come, go and come back while they are read: what is lost, by the way of reading (F32, F33)."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Churn, Emulator, Fault
from halo_async.export import export
from halo_async.export.progress import Progress, State
from halo_async.settings import RateLimit
from tests.support.export_kit import NO_SEARCH, asked, conditions, ids, only

ROWS = 980
ALL = list(range(1, ROWS + 1))
SEEDS = range(int(os.environ.get("HALO_EXPORT_SEEDS", "8")))
"""A campaign sets more."""
LANES = (1, 4, 8, 16)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    """Pages of 50, so that 980 rows are 20 pages."""
    async with Emulator(1, ROWS, rate_limit=None, page_cap=50) as running:
        yield running


@pytest.fixture
async def client(emulator: Emulator) -> AsyncIterator[Halo]:
    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    clock = VirtualClock(auto_advance=True)
    async with Halo(emulator.url, credentials, rate_limit=None, clock=clock) as halo:
        yield halo


@pytest.mark.parametrize("rows", [ROWS, 1000])
@pytest.mark.parametrize("concurrency", LANES)
async def test_f32_keyset_loses_nothing_to_inserts_deletes_and_re_entries(
    client: Halo, emulator: Emulator, tmp_path: Path, concurrency: int, rows: int
) -> None:
    for seed in SEEDS:
        emulator.reset(seed=seed, tickets=rows)
        emulator.churn = Churn("/Tickets", insert=0.3, delete=0.3, reenter=0.3)
        report = await export(client, ["tickets"], tmp_path / str(seed), concurrency=concurrency)
        came = ids(tmp_path / str(seed), report)
        assert set(emulator.truth()) <= set(came)
        assert len(came) == len(set(came))
        assert (only(report).consistency, only(report).state) == ("keyset", State.DONE)
        assert asked(emulator) <= -(-len(emulator.truth()) // 50) + concurrency + 1


@pytest.mark.parametrize("rows", [ROWS, 1000])
@pytest.mark.parametrize("concurrency", LANES)
async def test_f32_descending_loses_nothing_to_inserts_and_deletes(
    client: Halo, emulator: Emulator, tmp_path: Path, concurrency: int, rows: int
) -> None:
    for seed in SEEDS:
        emulator.reset(seed=seed, tickets=rows)
        emulator.faults.add([NO_SEARCH])
        emulator.churn = Churn("/Tickets", insert=0.3, delete=0.3)
        report = await export(client, ["tickets"], tmp_path / str(seed), concurrency=concurrency)
        came = ids(tmp_path / str(seed), report)
        assert set(emulator.truth()) <= set(came)
        assert len(came) == len(set(came))
        assert (only(report).consistency, only(report).state) == ("descending", State.DONE)
        assert asked(emulator) <= -(-len(emulator.truth()) // 50) + concurrency + 1


@pytest.mark.parametrize("concurrency", [1, 8])
async def test_f32_descending_survives_many_deletes_at_each_border(
    client: Halo, emulator: Emulator, tmp_path: Path, concurrency: int
) -> None:
    emulator.faults.add([NO_SEARCH])
    emulator.churn = Churn("/Tickets", delete=9.0)
    report = await export(client, ["tickets"], tmp_path, concurrency=concurrency)
    assert set(emulator.truth()) <= set(ids(tmp_path, report))
    assert only(report).consistency == "descending"


async def test_f32_rows_that_came_back_downgrade_a_descending_export(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add([NO_SEARCH])
    for id in range(500, 520):
        await client.tickets.delete(id)
    emulator.churn = Churn("/Tickets", reenter=1.0)
    stirrer = emulator._service.stirrer
    stirrer._away.extend(range(500, 520))
    (item,) = (await export(client, ["tickets"], tmp_path, concurrency=2)).resources
    assert item.consistency == "best-effort"
    assert conditions(item)["ids enter only at the end"] is False
    assert any("reappeared" in warning for warning in item.warnings)


async def test_a_quiet_list_costs_no_request_that_is_not_documented(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    for concurrency in (1, 4, 8):
        emulator.requests.clear()
        await export(client, ["tickets"], tmp_path / f"keyset-{concurrency}", concurrency=concurrency)
        assert asked(emulator) <= 20 + concurrency + 1
        emulator.faults.add([NO_SEARCH])
        emulator.requests.clear()
        await export(client, ["tickets"], tmp_path / f"descending-{concurrency}", concurrency=concurrency)
        assert asked(emulator) <= 20 + concurrency + 1
        emulator.faults.clear()


@pytest.mark.parametrize("variant", ["ignored", "vague"])
async def test_f33_an_order_that_is_not_kept_makes_the_export_best_effort(
    client: Halo, emulator: Emulator, tmp_path: Path, variant: str
) -> None:
    emulator.faults.add([Fault("F33", "GET /Tickets", variant)])
    report = await export(client, ["tickets"], tmp_path)
    assert sorted(ids(tmp_path, report)) == ALL
    assert only(report).consistency == "best-effort"
    assert conditions(only(report)) == {"order=id honoured": False}
    # The newest rows, which the order would have put first, what pages overlap, and page 1 once more at the end.
    assert asked(emulator) <= 20 + 1 + 20 // 5 + 1


async def test_f33_an_order_that_is_lost_midway_begins_the_list_anew_and_warns_once(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F33", "GET /Tickets", "ignored", after=6)])
    report = await export(client, ["tickets"], tmp_path, concurrency=2)
    came = ids(tmp_path, report)
    assert sorted(came) == ALL
    assert only(report).consistency == "best-effort"
    assert len(only(report).warnings) == 1
    assert conditions(only(report))["order=id honoured"] is False


async def test_an_id_filter_that_stops_working_midway_is_noticed(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F33", "GET /Tickets", "no_search", after=6)])
    report = await export(client, ["tickets"], tmp_path, concurrency=2)
    came = ids(tmp_path, report)
    assert (sorted(came), len(set(came))) == (ALL, ROWS)
    assert only(report).consistency == "descending"
    assert conditions(only(report))["id filter honoured"] is False


async def test_an_instance_that_refuses_the_id_filter_is_read_backwards(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F27", "GET /Tickets", "500", after=1, times=3)])
    report = await export(client, ["tickets"], tmp_path, concurrency=2)
    assert sorted(ids(tmp_path, report)) == ALL
    assert only(report).consistency == "descending"


@pytest.mark.parametrize("search", [True, False])
@pytest.mark.parametrize("variant", ["missing", "low", "zero", "text"])
async def test_f41_a_total_that_cannot_be_trusted_loses_nothing(
    client: Halo,
    emulator: Emulator,
    tmp_path: Path,
    variant: str,
    search: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not search:
        monkeypatch.setattr("halo_async.export.fetch.PageFetcher.searchable", False)
    emulator.faults.add([Fault("F41", "GET /Tickets", variant)])
    report = await export(client, ["tickets"], tmp_path, concurrency=2)
    assert only(report).complete, only(report)
    assert sorted(ids(tmp_path, report)) == ALL


@pytest.mark.parametrize("search", [True, False])
async def test_f41_rows_that_are_counted_and_not_shown_make_it_incomplete(
    client: Halo, emulator: Emulator, tmp_path: Path, search: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not search:
        monkeypatch.setattr("halo_async.export.fetch.PageFetcher.searchable", False)
    emulator.faults.add([Fault("F41", "GET /Tickets", "high")])
    (item,) = (await export(client, ["tickets"], tmp_path, concurrency=2)).resources
    assert (item.state, item.error_type, item.rows) == (State.INCOMPLETE, "IncompleteError", ROWS)


@pytest.mark.parametrize("after", [0, 1, 5])
@pytest.mark.parametrize("search", [True, False])
async def test_f07_a_page_cut_on_the_way_loses_nothing(
    client: Halo,
    emulator: Emulator,
    tmp_path: Path,
    after: int,
    search: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if not search:
        monkeypatch.setattr("halo_async.export.fetch.PageFetcher.searchable", False)
    emulator.faults.add([Fault("F07", "GET /Tickets", times=1, after=after)])
    report = await export(client, ["tickets"], tmp_path, concurrency=3)
    assert only(report).complete
    assert sorted(ids(tmp_path, report)) == ALL


async def test_f36_a_list_that_gives_its_first_page_for_ever_is_noticed(
    client: Halo, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.export.fetch.PageFetcher.searchable", False)
    emulator.faults.add([Fault("F36", "GET /Tickets")])
    (item,) = (await export(client, ["tickets"], tmp_path)).resources
    assert (item.state, item.error_type) == (State.INCOMPLETE, "PaginationLoopError")
    assert item.requests <= 7


async def test_a_list_in_no_order_that_changes_each_time_it_is_read_is_incomplete(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F33", "GET /Tickets", "ignored")])
    emulator.churn = Churn("/Tickets", delete=2.0)
    report = await export(client, ["tickets"], tmp_path)
    assert (only(report).state, only(report).consistency) == (State.INCOMPLETE, "best-effort")
    assert "changed each of the 4 times it was read" in (only(report).error or "")


async def test_a_list_in_no_order_is_read_again_until_it_is_quiet(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F33", "GET /Tickets", "ignored")])
    emulator.churn = Churn("/Tickets", delete=1.0, insert=1.0)
    quiet_from = 12

    def watch(step: Progress) -> None:
        if step.requests >= quiet_from:
            emulator.churn = None

    report = await export(client, ["tickets"], tmp_path, on_progress=watch)
    came = ids(tmp_path, report)
    assert set(ALL) & set(await everything(client)) <= set(came)
    assert len(came) == len(set(came))
    assert only(report).complete
    assert 2 * 20 < asked(emulator) < 3 * 26


async def everything(client: Halo) -> list[int]:
    return [row.id async for row in client.tickets.list() if row.id is not None]


async def test_under_a_filter_reading_backwards_is_best_effort_and_keyset_is_not(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    filters = {"tickets": {"open_only": True}}
    keyset = await export(client, ["tickets"], tmp_path / "keyset", filters=filters)
    assert only(keyset).consistency == "keyset"
    emulator.faults.add([NO_SEARCH])
    backwards = await export(client, ["tickets"], tmp_path / "backwards", filters=filters)
    assert only(backwards).consistency == "best-effort"
    assert sorted(ids(tmp_path / "keyset", keyset)) == sorted(ids(tmp_path / "backwards", backwards))
    assert 0 < only(keyset).rows < ROWS


async def test_a_callers_own_search_is_kept_beside_the_id_filter(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    own = [{"filter_name": "client_id", "filter_type": 8, "filter_value": "5"}]
    wanted = {row.id async for row in client.tickets.list() if (row.client_id or 0) >= 5}
    report = await export(client, ["tickets"], tmp_path, filters={"tickets": {"advanced_search": own}})
    assert set(ids(tmp_path, report)) == wanted
    assert 50 < len(wanted) < ROWS


async def test_f35_a_list_that_ignores_page_size_is_taken_as_the_whole(
    client: Halo, emulator: Emulator, tmp_path: Path
) -> None:
    emulator.faults.add([Fault("F35", "GET /Tickets")])
    report = await export(client, ["tickets"], tmp_path)
    assert (only(report).consistency, only(report).rows, asked(emulator)) == ("single-response", ROWS, 2)


async def test_f25_the_default_limit_is_never_overrun(tmp_path: Path) -> None:
    clock = VirtualClock(auto_advance=True)
    async with Emulator(1, 3500, rate_limit=RateLimit(20, 20), page_cap=50, clock=clock) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, rate_limit=RateLimit(20, 20), clock=clock) as halo:
            report = await export(halo, ["tickets", "users"], tmp_path)
    assert [item.answers_429 for item in report.resources] == [0, 0]
    assert report.complete
    assert clock.slept > 20
