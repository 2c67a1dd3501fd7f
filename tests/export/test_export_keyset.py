"""Lanes of ids: what is known of rows that are counted and do not come."""

from __future__ import annotations

import json

import pytest

from halo_async.errors import IncompleteError
from halo_async.export.fetch import PageFetcher
from halo_async.export.keyset import read_lanes
from halo_async.export.names import resolve_names
from halo_async.export.plan import ExportLane, ExportMode, ExportPlan
from halo_async.export.replay import PastExport
from halo_async.pagination.split_rows import RowPage
from tests.support.faulty_list import FaultyList, ledger_of, read

MORE = dict.fromkeys(range(1, 60), "counts 5 more")


@pytest.mark.parametrize("first", [3, 4, 5, 6, 7])
async def test_pages_that_were_cut_do_not_tell_of_rows_that_came_back(first: int) -> None:
    """The total of such a page is its own length, beside which that of the next one seems to have risen."""
    served = FaultyList(
        list(range(1, 331)), {**MORE, **dict.fromkeys(range(first, first + 3), "cut to 37")}, cap=50
    )
    with pytest.raises(IncompleteError, match="330 of 335 rows"):
        await read(served, 1)


@pytest.mark.parametrize(("told", "missing"), [(105, True), (100, False)])
async def test_rows_that_only_another_process_was_told_of_are_missed(told: int, missing: bool) -> None:
    """It read the lower lane: the newest rows are what is left, and the first total counts no more than came."""
    (operation,) = resolve_names(["tickets"])
    fetcher = PageFetcher(operation, FaultyList(list(range(1, 101)), MORE, cap=50))
    plan = ExportPlan(
        ExportMode.KEYSET, (ExportLane(None, 50), ExportLane(50, 100)), total=100, length=50, newest=100
    )
    states = {0: [50, True, 0]}
    ledger, _ = ledger_of(fetcher, PastExport(plan=plan, lanes=states, rows=50))
    ids = list(range(51, 101))
    newest = RowPage([json.dumps({"id": id}).encode() for id in ids], 100, False, 0, ids=ids)
    reading = read_lanes(fetcher, ledger, plan, states, newest, at_once=1, total=told)
    if missing:
        with pytest.raises(IncompleteError, match="100 of 105 rows"):
            await reading
    else:
        await reading
