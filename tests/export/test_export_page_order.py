"""Lists in no order that a request can name: what shows that a reading missed no row."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from halo_async.emulator import Behaviour, Churn, Emulator
from tests.support.churning_list import Churn as Changes
from tests.support.churning_list import ChurningList, export_list
from tests.support.export_kit import NO_SEARCH, ids, only
from tests.support.writes_kit import client

LATEST_FIRST = Behaviour(id_filter="refused", order="ignored")


async def test_ids_that_descend_until_a_ticket_is_updated_do_not_show_that_rows_keep_their_places(
    tmp_path: Path,
) -> None:
    """An updated ticket moves to the front, and one that was read is deleted, so that the total agrees."""
    churn = Churn(update=0.15, delete=0.25)
    async with (
        Emulator(seed=103, tickets=210, rate_limit=None, churn=churn, behaviour=LATEST_FIRST) as emulator,
        client(emulator) as halo,
    ):
        report = await halo.export(["tickets"], tmp_path)
        assert not only(report).complete or set(emulator.truth()) <= set(ids(tmp_path, report))


BY_CHANCE = {
    "ascending": ChurningList(
        101, 303, Changes(delete=0.3, move=0.3, front=True, until=8), cap=50, by_chance=1
    ),
    "ascending, of several pages": ChurningList(
        75, 900, Changes(delete=0.3, insert=0.3, move=0.3, front=True, until=8), cap=25, by_chance=1
    ),
    "descending": ChurningList(
        120,
        639,
        Changes(delete=0.05, move=0.05, tries=3, front=True, until=8),
        "late",
        cap=25,
        by_chance=-1,
    ),
}


@pytest.mark.parametrize("name", BY_CHANCE)
async def test_ids_in_an_order_that_nobody_asked_for_do_not_show_that_rows_keep_their_places(
    name: str,
) -> None:
    served = attrs.evolve(BY_CHANCE[name])
    found = await export_list(served)
    assert found.error is not None or not found.lost(served)


async def test_rows_deleted_meanwhile_pull_no_others_past_a_reader_where_order_is_obeyed(
    tmp_path: Path,
) -> None:
    """Of pages of 40 rows it is not known whether they are all of one length, so they are not read backwards."""
    churn = Churn(delete=2.0)
    async with (
        Emulator(1, 900, rate_limit=None, page_cap=40, churn=churn, faults=[NO_SEARCH]) as emulator,
        client(emulator) as halo,
    ):
        report = await halo.export(["tickets"], tmp_path)
        assert set(emulator.truth()) <= set(ids(tmp_path, report))
    assert (only(report).complete, only(report).consistency) == (True, "best-effort")
