"""Lists that change while they are read, whose responses are spoilt, by chance: what is complete has every row.

Of rows that were there all the time, that is; up to two responses in a row are spoilt, by the same fault or another.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Churn as EmulatorChurn
from halo_async.emulator import Emulator, Fault
from halo_async.export import export
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.options import ExportOptions
from halo_async.export.page_order import PageOrderReader
from halo_async.export.seen_ids import SeenIds
from halo_async.export.stream import stream
from tests.support.churning_list import Churn, ChurningList, Families, export_children, export_list
from tests.support.export_kit import FORMATS, needs, only, rows_of
from tests.support.faulty_list import SPOILT

SEEDS = int(os.environ.get("HALO_EXPORT_SEEDS", "60"))
"""Runs of each way of reading; a campaign sets more."""
WAYS: dict[str, dict[str, Any]] = {
    "keyset": {"sorts": True, "searches": True},
    "descending": {"sorts": True},
    "best-effort": {},
    "single-response": {},
}
ROWS = {"single-response": (0, 1, 2, 7, 30, 50, 99)}
LENGTHS = (0, 1, 30, 99, 100, 101, 200, 250, 330, 650)


def spoilt(chance: Random, last: int) -> dict[int, str]:
    """None, one, or two responses in a row."""
    at, kind, same = chance.randint(1, last), chance.choice(sorted(SPOILT)), chance.random() < 0.5
    several = range(chance.choice([0, 0, 1, 2]))
    return {at + number: kind if same else chance.choice(sorted(SPOILT)) for number in several}


def changes(chance: Random) -> Churn:
    rate = chance.choice([0, 0.02, 0.1, 0.3])
    return Churn(
        delete=rate * chance.choice([0, 1, 1]),
        insert=rate * chance.choice([0, 1, 1]),
        move=rate * chance.choice([0, 0, 1]),
        tries=chance.choice([1, 1, 3]),
        front=chance.random() < 0.5,
        until=chance.choice([1000, 1000, 8, 20]),
        edit=rate * chance.choice([0, 1, 2]),
    )


def random_list(way: str, seed: int) -> ChurningList:
    chance = Random(f"{way} {seed}")
    return ChurningList(
        rows=chance.choice(ROWS.get(way, LENGTHS)),
        seed=seed,
        churn=changes(chance),
        totals=chance.choice(["right", "right", "none", "own", "late"]),
        ids=way in ("keyset", "descending") or chance.random() < 0.8,
        cap=chance.choice([25, 50, 100, 100]),
        sizes=chance.random() < 0.85,
        spoilt=spoilt(chance, 12),
        later_cap=chance.choice([None, None, (chance.randint(2, 12), chance.choice([25, 37, 50, 100]))]),
        by_chance=chance.choice([0, 0, 1, -1]) if way == "best-effort" else 0,
        **WAYS[way],
    )


@pytest.mark.parametrize("way", WAYS)
async def test_a_complete_list_has_every_row_whatever_moved_and_was_spoilt(way: str) -> None:
    complete = 0
    for seed in range(SEEDS):
        served = random_list(way, seed)
        found = await export_list(served)
        if found.error is None:
            complete += 1
            assert not found.lost(served), (seed, found.way)
            twice = len(found.rows) - len(set(found.rows))
            assert not served.ids or twice <= found.versions, seed
    assert complete > SEEDS * 0.7


def families(seed: int) -> Families:
    chance = Random(f"families {seed}")
    rate, parents = chance.choice([0, 0, 0.01, 0.05]), chance.randint(1, 12)
    totals, ids = chance.choice(["right", "none", "own"]), chance.random() < 0.8
    cap, sizes = chance.choice([50, 100]), chance.random() < 0.85
    churn = Churn(rate * chance.choice([0, 1]), rate * chance.choice([0, 1]), rate * chance.choice([0, 0, 1]))
    lists = {
        number: ChurningList(
            chance.choice([0, 0, 1, 3, 5, 8, 8, 12, 38, 51, 120]),
            seed * 100 + number,
            churn,
            totals,
            ids,
            cap,
            sizes,
            key="actions",
            base=1000 * number,
        )
        for number in range(1, parents + 1)
    }
    return Families(lists, chance.random() < 0.6, spoilt(chance, 20))


async def test_complete_children_are_all_children_whatever_moved_and_was_spoilt() -> None:
    complete = 0
    for seed in range(SEEDS):
        served = families(seed)
        found = await export_children(served, 1 + seed % 2)
        if found.error is None:
            complete += 1
            assert not found.lost(served), seed
    assert complete > SEEDS * 0.7


EMPTIED: dict[str, dict[str, Any]] = {
    "pages without overlap": {
        "rows": 250,
        "seed": 17932,
        "churn": Churn(delete=0.2, edit=0.2, until=20),
        "cap": 25,
        "sizes": False,
        "spoilt": {4: "none", 5: "none"},
    },
    "rows without ids": {
        "rows": 200,
        "seed": 15819,
        "churn": Churn(delete=0.2, move=0.2, tries=3, until=30),
        "ids": False,
        "spoilt": {2: "no rows", 3: "no rows"},
    },
}
"""Two empty responses in a row where nothing is counted, and rows that are deleted when the list is read again."""


@pytest.mark.parametrize("name", EMPTIED)
async def test_a_reading_that_two_empty_responses_ended_is_not_confirmed_by_the_next_one(name: str) -> None:
    served = ChurningList(**EMPTIED[name], totals="none")
    found = await export_list(served, 1)
    assert found.error is not None or not found.lost(served)


class _Growing(ChurningList):
    """Three rows are created after the first request."""

    def change(self) -> None:
        if self.count == 1:
            self.held += [self.rows + 1, self.rows + 2, self.rows + 3]


async def test_a_page_behind_a_cut_one_that_rows_were_moved_to_confirms_nothing() -> None:
    served = _Growing(99, 1, totals="none", sorts=True, spoilt={1: "cut to 7"})
    found = await export_list(served)
    assert found.error is None
    assert not found.lost(served)


@pytest.mark.parametrize("first", [2, 3])
async def test_a_parent_that_had_rows_has_none_only_if_several_responses_say_so(first: int) -> None:
    held = ChurningList(38, 1, totals="own", key="actions", base=2000)
    served = Families({2: held}, counts=False, spoilt={first: "no rows", first + 1: "none"})
    found = await export_children(served)
    assert found.error is None
    assert not found.lost(served)


@pytest.mark.parametrize("rows", [200, 250, 850, 1000, 5000])
@pytest.mark.parametrize("cap", [50, 100])
async def test_a_quiet_list_without_an_order_takes_few_requests_more_than_it_has_pages(
    rows: int, cap: int
) -> None:
    served = ChurningList(rows, 1, cap=cap)
    found = await export_list(served)
    assert (found.error, len(found.rows), found.way) == (None, rows, "best-effort")
    pages = -(-rows // cap)
    assert served.count <= (pages + 4 if pages < 10 else pages * 1.2 + 4)


@pytest.mark.parametrize("ids", [True, False])
@pytest.mark.parametrize("totals", ["none", "right"])
async def test_a_reading_is_resumed_at_any_page_even_when_the_list_is_read_again(
    totals: str, ids: bool
) -> None:
    churn = Churn(delete=1.0, until=5)
    commits: list[tuple[Any, list[bytes]]] = []
    await read_pages(ChurningList(330, 1, churn, totals, ids), commits, None, SeenIds())
    assert {state[0] for state, _ in commits} >= {1, 2}  # the number of the reading
    for done in range(1, len(commits)):
        served, tally = ChurningList(330, 1, churn, totals, ids), SeenIds()
        for _ in range(min(done, churn.until)):
            served.change()
        served.churn = Churn()
        rows = [row for _, some in commits[:done] for row in some]
        tally.new(rows)
        later: list[tuple[Any, list[bytes]]] = []
        await read_pages(served, later, commits[done - 1][0], tally)
        rows += [row for _, some in later for row in some]
        assert len(rows) == len(set(rows)), done
        assert served.throughout <= {int(json.loads(row)["summary"][4:]) for row in rows}, done
        assert later[0][0][0] >= commits[done - 1][0][0], done


async def read_pages(
    served: ChurningList, commits: list[tuple[Any, list[bytes]]], state: Any, tally: SeenIds
) -> None:
    class Kept:
        async def commit(
            self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0, *, read_by: Any = None
        ) -> None:
            commits.append((json.loads(json.dumps(state)), list(rows)))

    (operation,) = resolve_names(["tickets"])
    await PageOrderReader(PageFetcher(operation, served), Kept(), state, tally).read()


# Formats, and --since last ------------------------------------------------------------------------

EMULATED = {
    "keyset": [],
    "descending": [Fault("F33", "GET /Tickets", "no_search")],
    "best-effort": [Fault("F33", "GET /Tickets", "ignored")],
}
ONCE = [
    ("F07", "valid_json"),
    ("F10", "array"),
    ("F10", "count"),
    ("F10", "empty"),
    ("F41", "none"),
    ("F52", "204"),
]


@pytest.mark.parametrize("format", FORMATS)
async def test_a_complete_file_has_every_row_and_is_brought_up_to_date_wholly(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, format: str
) -> None:
    needs(format)
    for seed in range(max(1, SEEDS // 12)):
        chance = Random(f"{format} {seed}")
        halo_emulator.reset(seed=seed, tickets=chance.choice([30, 230]))
        way, folder = chance.choice(sorted(EMULATED)), tmp_path / str(seed)
        for since in (None, "last"):
            number, variant = chance.choice(ONCE)
            once = Fault(
                number, "GET /Tickets", variant, times=chance.choice([1, 2]), after=chance.randint(0, 6)
            )
            halo_emulator.faults.clear()
            halo_emulator.faults.add([*EMULATED[way], once])
            halo_emulator.churn = EmulatorChurn("/Tickets", insert=0.2, delete=0.1)
            item = only(await export(halo, ["tickets"], folder, format=format, since=since))
            there = set(halo_emulator.truth())
            halo_emulator.churn = None
            if not item.complete:
                break
            came = [row["id"] for row in rows_of(folder, format)]
            assert there <= set(came), (seed, way, since, variant)
            assert len(came) == len(set(came)), (seed, way, since)


async def test_a_complete_stream_has_every_row_once(halo: Halo, halo_emulator: Emulator) -> None:
    (operation,) = resolve_names(["tickets"])
    for seed in range(4):
        halo_emulator.reset(seed=seed, tickets=230)
        halo_emulator.faults.clear()
        halo_emulator.faults.add(
            [*EMULATED["best-effort"], Fault("F10", "GET /Tickets", "array", after=seed, times=2)]
        )
        halo_emulator.churn = EmulatorChurn("/Tickets", insert=0.2, delete=0.1)
        out = BytesIO()
        item = only(await stream(halo, operation, ExportOptions(), out))
        there = set(halo_emulator.truth())
        halo_emulator.churn = None
        came = [json.loads(line)["id"] for line in out.getvalue().splitlines()]
        assert not item.complete or there <= set(came), seed
        assert len(came) == len(set(came)), seed
