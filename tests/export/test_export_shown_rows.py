"""A row that any response showed is in an export that says complete, whichever server or cache showed it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from halo_async.export.older_rows import OlderRows
from halo_async.export.seen_ids import row_id
from halo_async.export.shown_rows import ShownRows
from halo_async.export.spool import Spool, codec
from halo_async.pagination.split_rows import RowPage
from tests.support.several_servers import Exported, Held, Servers, export_from, random_servers

SEEDS = int(os.environ.get("HALO_EXPORT_SEEDS", "60"))
WAYS: dict[str, dict[str, Any]] = {
    "keyset": {"sorts": True, "searches": True},
    "descending": {"sorts": True},
    "best-effort": {},
    "best-effort without totals": {"totals": "none"},
    "single-response": {},
    "by-parent": {},
    "by-parent, counted": {"totals": "own"},
    "by-parent, whatever is asked for": {"ignores": True},
}


@pytest.mark.parametrize("way", ["keyset", "descending", "best-effort", "single-response", "by-parent"])
async def test_a_complete_list_has_every_row_that_any_server_showed(way: str) -> None:
    complete = 0
    for seed in range(SEEDS):
        found = await export_from(random_servers(way, seed), 1 + seed % 3)
        complete += found.error is None
        assert not found.lost, (seed, found.way)
        assert found.error is not None or len(found.rows) == len(set(found.rows)), (seed, found.way)
    assert complete > SEEDS * 0.6


def lists(way: str) -> tuple[Held, int]:
    """The rows of an honest instance, and the number of the ticket whose rows one server differs in."""
    if way.startswith("by-parent"):
        return {1: [1, 2, 3], 2: [1, 2, 3, 4], 3: list(range(1, 31))}, 2
    return {0: list(range(2, 62 if way == "single-response" else 662, 2))}, 0


async def with_one_response_of_another_server(way: str, number: int, new: int, **options: Any) -> Exported:
    """The export of a list of which one response comes from a server that has a row more."""
    held, of = lists(way)
    other = {**held, of: sorted([*held[of], new])}
    given = {"counts": way == "by-parent, counted", **WAYS[way], **options}
    return await export_from(Servers([held, other], {number: 1}, **given), 2)


@pytest.mark.parametrize("way", WAYS)
async def test_a_row_that_one_response_alone_showed_is_in_the_file_or_the_list_is_not_complete(
    way: str,
) -> None:
    held, of = lists(way)
    showed = 0
    for number in range(1, 20):
        for new in (-1, 51, 301, held[of][-1] + 1):
            found = await with_one_response_of_another_server(way, number, new)
            assert not found.lost, (number, new)
            showed += (of, new) in found.rows
    assert showed


@pytest.mark.parametrize("way", WAYS)
async def test_a_row_that_was_shown_before_a_kill_is_not_forgotten(way: str) -> None:
    for number in range(1, 12):
        for later in (1, 2, 5):
            found = await with_one_response_of_another_server(way, number, 301, kill_at=number + later)
            assert not found.lost, (number, later)


@pytest.mark.parametrize("way", ["keyset", "descending"])
@pytest.mark.parametrize("lanes", [1, 2])
async def test_rows_of_a_reading_that_was_given_up_stay_if_the_next_one_lacks_them(
    way: str, lanes: int
) -> None:
    for kill_at in (0, 6, 7, 9):
        held, _ = lists(way)
        later: Held = {0: held[0][:300]}
        # All that is read behind the fourth response comes from a server without the newest rows.
        turns = dict.fromkeys(range(5, 99), 1)
        options = {**WAYS[way], "spoilt": {3: "shuffled", 4: "shuffled"}, "kill_at": kill_at}
        found = await export_from(Servers([held, later], turns, **options), lanes)
        assert kill_at or found.way == "best-effort"
        assert not found.lost, kill_at
        assert found.error is not None or set(found.rows) == {(0, id) for id in held[0]}, kill_at
        assert len(found.rows) == len(set(found.rows)), kill_at


async def test_rows_of_all_parents_that_were_read_again_stay_if_they_are_not_shown_again() -> None:
    held: Held = {1: [1, 2, 3], 2: [1, 2]}
    fewer: Held = {1: [1, 2], 2: [1, 2]}
    # 1 counts, 2 and 3 read; from then on a server without the last row counts, and is read twice.
    served = Servers([held, fewer], dict.fromkeys(range(4, 99), 1), totals="own")
    found = await export_from(served)
    assert found.error is None
    assert sorted(found.rows) == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]


async def test_a_row_of_another_ticket_comes_with_its_own_or_as_it_was_shown() -> None:
    held: Held = {1: [1], 2: [1, 2]}
    other: Held = {1: [1], 2: [1, 2, 3]}
    found = await export_from(Servers([held, other], {2: 1}, ignores=True, counts=False))
    assert (2, 3) in found.served.shown
    assert found.error is not None or (2, 3) in found.rows


@pytest.mark.parametrize("way", ["keyset", "descending", "best-effort", "single-response"])
async def test_what_is_read_twice_of_an_honest_list_takes_no_request_more(way: str) -> None:
    held, _ = lists(way)
    served = Servers([held], **WAYS[way])
    found = await export_from(served, 1)
    assert found.error is None
    pages = -(-len(held[0]) // 100)
    assert served.count <= pages + (2 if way in ("keyset", "descending") else 4)


def test_rows_wait_until_they_are_written_however_many_there_are() -> None:
    shown = ShownRows()
    shown.expect(range(1, 2001))
    assert len(shown.unrecorded()) == 2000
    assert shown.unrecorded() == []
    shown.take(range(2, 2001))
    assert list(shown.missed()) == [1]
    shown.expect([5])
    assert list(shown.missed()) == [1]
    shown.forget()
    assert not shown.waits


def test_a_missed_row_that_was_written_and_is_shown_again_is_not_written_twice() -> None:
    shown, page = ShownRows(), RowPage([b'{"id":1}', b'{"id":2}'], None, True, 16, ids=[1, 2])
    shown.show(page)
    assert list(shown.missed()) == [1, 2]
    shown.forget()
    shown.show(page)
    assert shown.missed() == {}


def test_a_row_that_is_known_stays_if_another_process_tells_its_id() -> None:
    shown = ShownRows()
    shown.show(RowPage([b'{"id":1}'], None, True, 8, ids=[1]))
    shown.unrecorded()
    shown.expect([1, 2])
    assert shown.missed() == {1: b'{"id":1}', 2: None}


@pytest.mark.parametrize("kind", ["", "gz"])
def test_of_older_rows_the_last_version_stays_unless_the_last_reading_has_it(
    tmp_path: Path, kind: str
) -> None:
    spool = Spool(tmp_path / "rows", codec(kind))
    rows = [b'{"id":%d,"version":%d}' % pair for pair in ((5, 1), (6, 1), (5, 2), (7, 1), (6, 2))]
    spool.append([*rows[:2], b'{"name":"without an id"}'])
    spool.append(rows[2:])
    older = OlderRows(5, row_id)
    chosen = older.select(spool)
    assert chosen is not None
    spool.replace(chosen)
    assert list(spool.rows()) == [rows[2], rows[3], rows[4]]
    assert older.kept == [5, 7]
    spool.close()


@pytest.mark.parametrize(
    "ids",
    [
        [1, 2, 3],
        [-300, -45, 210],
        [1, 256, 512],
        [3, 2, 1],
        [7, 7, 7],
        [2**63 - 2, 2**63 - 1, 2**63],
        [2**70, 2**70 + 1, 2**70 + 2],
        [1, "two", 2.5],
        [1.0, 2.0, 3.0],
        ["a", "b", "c"],
    ],
    ids=str,
)
def test_a_row_is_known_as_written_whatever_its_id_is(ids: list[int | str | float]) -> None:
    shown, page = ShownRows(), RowPage([b"{}"] * 3, None, True, 6)
    shown.write(page, ids)
    shown.expect([*ids, 9])
    assert list(shown.missed()) == [9]
