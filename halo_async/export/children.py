"""Lists requested per parent: without one, an instance refuses, or times out after minutes."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
from anyio import CapacityLimiter

from halo_async._utils.task_groups import run_all
from halo_async.errors import ApiError, DecodeError, TransportError
from halo_async.export.fetch import PageFetcher
from halo_async.export.in_memory import read_whole, same_whole_twice
from halo_async.export.own_rows import OwnRows, called, parent_of
from halo_async.export.protocols import PageCommitter
from halo_async.export.shown_rows import ShownRows
from halo_async.export.sinks.files import finish

PATIENCE = 30.0
"""Seconds for the rows of all parents to be counted: large instances cannot."""


@attrs.frozen
class Child:
    """Parameter by which a list is filtered for the rows of one parent."""

    parent: str
    """The parent's resource name."""
    parameter: str
    shared: bool = False
    """True if other things than such parents have rows in the list too, so that counting them all tells nothing."""
    key: str | None = None
    """The field with the parent's id, of rows that date their parent when they are added; None: of none that do."""


CHILDREN = {
    "actions": Child("tickets", "ticket_id", key="ticket_id"),
    "attachment": Child("tickets", "ticket_id", shared=True),
    "asset_change": Child("asset", "asset_id"),
    "asset_software": Child("asset", "device_id"),
    "invoice_change": Child("invoice", "invoice_id"),
    "item_stock_history": Child("item", "item_id"),
    "licence_change": Child("software_licence", "licence_id"),
}


def parents_file(folder: Path, name: str) -> Path:
    """Return the path of the file that stores the ids of a child's parents during the export."""
    return folder / f".{name}.parents"


def write_parents(path: Path, ids: Iterable[object]) -> None:
    """Store the ids of a parent's rows, 8 bytes each: the rows may be moved before the ids are needed.

    :raises OSError: they cannot be written.
    """
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        block = array("q")
        for id in ids:
            if isinstance(id, int) and 0 < id < 2**63:
                block.append(id)
            if len(block) >= 4096:
                block.tofile(file)
                block = array("q")
        block.tofile(file)
    finish(part, path)


def read_parents(path: Path) -> array[int]:
    """Return each id once, in the order in which the parents were received: a list can show a row twice.

    :raises OSError: the file does not exist.
    """
    ids = array("q")
    ids.frombytes(path.read_bytes())
    return array("q", dict.fromkeys(ids))


async def count_all(fetcher: PageFetcher, child: Child, parents: Container[int]) -> int | None:
    """Return the number of rows of all parents, by one request without a parent; None if it is refused.

    :param parents: those whose rows are wanted: one that is shown has to come.
    """
    if not fetcher.operation.paged:
        return None
    beside = attrs.evolve(fetcher, shown=ShownRows())
    try:
        async with asyncio.timeout(PATIENCE):
            page = await beside.page(1, size=1)
    except (ApiError, DecodeError, TransportError, TimeoutError):
        return None
    finally:
        fetcher.date = beside.date
    _expect_others(fetcher, child, [row for row in page.rows if parent_of(row, child.key) in parents])
    return page.total


def _expect_others(fetcher: PageFetcher, child: Child, rows: Iterable[bytes]) -> None:
    call = called(child.key)
    fetcher.shown.expect({name: row for row in rows if (name := call(row))})


async def read_children(
    fetcher: PageFetcher,
    ledger: PageCommitter,
    child: Child,
    parents: array[int],
    step: int,
    states: dict[int, Any],
    *,
    at_once: int,
    twice: bool,
    own: OwnRows,
) -> None:
    """Every parent's rows: lane n takes each `step`-th parent, from the n-th on.

    :param at_once: lanes that are read at the same time.
    :param own: which rows of a response are those of the parent.
    :param twice: request the rows of each parent until two responses agree, since nothing else confirms them.
    :raises PaginationError: the rows of a parent cannot be read to their end.
    :raises HaloError: they could not be received.
    :raises OSError: they could not be written.
    :raises StrayRowError: a row has another parent's id.
    """
    turns = CapacityLimiter(at_once)  # a plan of a cluster has many lanes

    async def run(number: int) -> None:
        async with turns:
            lane = lane_of(parents, number, step, states.get(number))
            await read_lane(fetcher, ledger, child, lane, twice=twice, own=own)

    await run_all(run(number) for number in range(step))


@attrs.frozen
class ParentLane:
    """Parents whose rows are read one after another."""

    number: int
    parents: Sequence[int]
    first: int
    """Place of the first of them among all."""
    step: int
    """Distance of their places. The state of a lane in the journal is the place of the next one."""

    def after(self, state: int | None) -> ParentLane:
        """Return what is left of the lane."""
        done = 0 if state is None else (state - self.first) // self.step
        return attrs.evolve(self, parents=self.parents[done:], first=self.first + done * self.step)


def lane_of(parents: array[int], number: int, step: int, state: int | None) -> ParentLane:
    """Return what is left of a lane: each `step`-th parent from the state on."""
    first = number if state is None else state
    return ParentLane(number, parents[first::step], first, step)


def unfinished(parents: array[int], step: int, states: dict[int, Any]) -> dict[int, bytes]:
    """Return the ids that are left of each lane that is not at its end, 8 bytes each."""
    lanes = [lane_of(parents, number, step, states.get(number)).parents for number in range(step)]
    return {number: array("q", ids).tobytes() for number, ids in enumerate(lanes) if ids}


async def read_lane(
    fetcher: PageFetcher,
    ledger: PageCommitter,
    child: Child,
    lane: ParentLane,
    *,
    twice: bool,
    own: OwnRows,
) -> None:
    """Read the rows of one lane's parents; see `read_children`."""
    call = called(child.key)

    def of(place: int) -> PageFetcher:
        narrow = fetcher.narrowed((child.parameter, str(lane.parents[place])))
        return attrs.evolve(narrow, shown=ShownRows(identify=call))

    places = range(len(lane.parents))
    for some in _together(places) if twice else [[place] for place in places]:
        fetchers = [of(place) for place in some]
        held = [await read_whole(narrow) for narrow in fetchers]
        for place, narrow, first in zip(some, fetchers, held, strict=True):
            rows = first.rows
            if twice:
                rows = await same_whole_twice(narrow, first, alone=len(some) == 1)
            rows = [*rows, *_missed(narrow.shown, set(map(call, rows)))]
            its = own(lane.parents[place], rows)
            if len(its) < len(rows):
                written = set(map(id, its))
                _expect_others(fetcher, child, [row for row in rows if id(row) not in written])
            if fetcher.shown.waits:
                fetcher.shown.take(map(call, its))
            state = lane.first + (place + 1) * lane.step
            await ledger.commit(lane.number, state, its, len(rows) - len(its))


def _missed(shown: ShownRows, there: set[str]) -> list[bytes]:
    """Return the rows that responses for one parent showed beside those that are to be written."""
    return [row for name, row in shown.missed().items() if name not in there and row is not None]


def _together(places: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield two or three at a time: read in turns, two faulty responses in a row are not of the same parent."""
    start = 0
    while start < len(places):
        stop = len(places) if len(places) - start <= 3 else start + 2
        yield places[start:stop]
        start = stop
