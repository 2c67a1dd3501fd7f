"""A list into its ledger: what an earlier run has read, and what an abandoned way of reading leaves behind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from halo_async.errors import IncompleteError
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.plan import ExportLane, ExportMode, ExportPlan
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from tests.support.churning_list import ChurningList
from tests.support.faulty_list import FaultyList, ledger_of
from tests.support.list_parts import LinesInMemory

Served = FaultyList | ChurningList


async def go_on(
    served: Served, past: PastExport, lines: Sequence[bytes] = (), name: str = "tickets"
) -> tuple[ResourceReader, LinesInMemory]:
    """Read what an earlier run has left."""
    fetcher = PageFetcher(resolve_names([name])[0], served)
    ledger, spool = ledger_of(fetcher, past)
    spool.append(lines)
    reading = ResourceReader(fetcher, past, concurrency=2, exact=True)
    await reading.run(ledger)
    return reading, spool


def rows(*ids: int) -> list[bytes]:
    return [json.dumps({"id": id, "summary": f"row {id}"}).encode() for id in ids]


async def test_a_list_that_lost_its_order_is_read_from_its_beginning() -> None:
    lanes = (ExportLane(None, 125), ExportLane(125, 250))
    plan = ExportPlan(ExportMode.KEYSET, lanes, total=250, length=100, newest=250)
    past = PastExport(plan=plan, lanes={0: [50, False], 1: [175, False]}, rows=100)
    served = FaultyList(list(range(1, 251)), sorts=False)
    reading, spool = await go_on(served, past, rows(*range(1, 51), *range(126, 176)))
    assert reading.plan is not None
    assert reading.plan.mode is ExportMode.UPWARD
    assert sorted(spool.ids) == list(range(1, 251))


class _Stop(Exception):
    pass


class _StoppedLines(LinesInMemory):
    """Lines that take so many rows."""

    most = 150

    def append(self, rows: Sequence[bytes]) -> int:
        if len(self.lines) + len(rows) > self.most:
            raise _Stop
        return super().append(rows)


async def stopped(served: Served, monkeypatch: pytest.MonkeyPatch) -> tuple[PastExport, list[bytes]]:
    """Stop a reading after its first page."""
    monkeypatch.setattr("tests.support.faulty_list.LinesInMemory", _StoppedLines)
    fetcher, states = PageFetcher(resolve_names(["tickets"])[0], served), dict[int, Any]()
    ledger, spool = ledger_of(fetcher, PastExport())
    reading = ResourceReader(fetcher, PastExport(), concurrency=1, exact=True)
    commit = ledger.commit

    async def watched(lane: int, state: Any, *some: Any, **more: Any) -> None:
        await commit(lane, state, *some, **more)
        states[lane] = json.loads(json.dumps(state))

    monkeypatch.setattr(ledger, "commit", watched)
    with pytest.raises(_Stop):
        await reading.run(ledger)
    monkeypatch.undo()
    assert states
    return PastExport(plan=reading.plan, lanes=states, rows=ledger.rows), spool.lines


@pytest.mark.parametrize("totals", ["none", "right"])
async def test_rows_of_an_earlier_run_do_not_come_again(totals: str, monkeypatch: pytest.MonkeyPatch) -> None:
    served = ChurningList(330, 1, totals=totals)
    past, lines = await stopped(served, monkeypatch)
    served.held.insert(0, 331)  # so that the last row of the page before is on the next one
    _, spool = await go_on(served, past, lines)
    assert len(lines) == 100
    assert len(spool.ids) == len(set(spool.ids))
    assert set(range(1, 331)) <= set(spool.ids)


async def test_rows_that_have_one_id_all_stay() -> None:
    _, spool = await go_on(ChurningList(30, 1, twice=5), PastExport())
    assert len(spool.ids) == 30
    assert spool.ids.count(5) == 2


@pytest.mark.parametrize("totals", ["right", "none"])
async def test_a_list_that_shows_less_than_its_first_page_had_is_not_complete(totals: str) -> None:
    spoilt = dict.fromkeys(range(2, 60), "none")
    with pytest.raises(IncompleteError):
        await go_on(FaultyList(list(range(1, 251)), spoilt, totals, sorts=False), PastExport())


class _Whole(FaultyList):
    """A list without pages."""

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        return {"record_count": 3, "agents": [{"id": id} for id in self.ids]}


async def test_a_list_without_pages_that_counts_more_than_it_has_is_not_complete() -> None:
    with pytest.raises(IncompleteError, match="Received 2 of 3 rows"):
        await go_on(_Whole([1, 2]), PastExport(), name="agent")
    _, spool = await go_on(_Whole([1, 2, 3]), PastExport(), name="agent")
    assert spool.ids == [1, 2, 3]


async def test_one_response_of_an_earlier_run_is_as_many_rows_as_it_counted() -> None:
    plan = ExportPlan(ExportMode.SINGLE, total=3, length=3)
    with pytest.raises(IncompleteError, match="Received 2 of 3 rows"):
        await go_on(FaultyList([]), PastExport(plan=plan, rows=2), rows(1, 2))
    await go_on(FaultyList([]), PastExport(plan=plan, rows=2, repeats=1), rows(1, 2))


@pytest.mark.parametrize(
    ("received", "totals", "is_refused"),
    [(9, "right", True), (9, "none", True), (30, "right", True), (40, "right", False), (40, "own", False)],
)
async def test_far_fewer_rows_than_before_are_asked_about(
    received: int, totals: str, is_refused: bool
) -> None:
    served = FaultyList(list(range(1, 41)), totals=totals, cap=10)
    plan = ExportPlan(ExportMode.KEYSET, total=received, length=10)
    fetcher = PageFetcher(resolve_names(["tickets"])[0], served)
    past = PastExport(plan=plan, rows=received)
    reading, (ledger, _) = (
        ResourceReader(fetcher, past, concurrency=1, exact=True),
        ledger_of(fetcher, past),
    )
    if is_refused:
        with pytest.raises(IncompleteError, match="had 100 before"):
            await reading.confirm_fewer(ledger, 100)
    else:
        await reading.confirm_fewer(ledger, 100)


async def test_a_row_that_was_shown_when_far_fewer_rows_were_confirmed_is_written() -> None:
    plan = ExportPlan(ExportMode.KEYSET, total=40, length=10)
    fetcher = PageFetcher(resolve_names(["tickets"])[0], FaultyList(list(range(1, 41)), cap=10))
    past = PastExport(plan=plan, rows=40)
    ledger, spool = ledger_of(fetcher, past)
    spool.lines += [b'{"id":%d}' % number for number in range(2, 42)]
    await ResourceReader(fetcher, past, concurrency=1, exact=True).confirm_fewer(ledger, 100)
    assert spool.ids == [*range(2, 42), 1]


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("rows", [30, 250])
async def test_a_list_without_an_order_that_counts_more_than_it_shows_is_not_complete(
    rows: int, ids: bool
) -> None:
    spoilt = dict.fromkeys(range(1, 99), "counts 5 more")
    with pytest.raises(IncompleteError):
        await go_on(ChurningList(rows, 1, ids=ids, spoilt=spoilt), PastExport())
