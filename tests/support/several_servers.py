"""Servers with different rows behind one address, and caches: what each response showed is noted."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import attrs

from halo_async.errors import DecodeError, HaloError
from halo_async.export.children import CHILDREN, write_parents
from halo_async.export.fetch import PageFetcher
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.ledger import ExportLedger
from halo_async.export.names import resolve_names
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from halo_async.export.spool import codec
from halo_async.transport import Response
from halo_async.transport.types import Request
from tests.support.faulty_list import SPOILT
from tests.support.list_parts import LinesInMemory, within_bounds

T = TypeVar("T")
Row = tuple[int, int]
"""The ticket of an action, or 0 for a ticket; and its id."""
Held = dict[int, list[int]]
"""Ids in their order, by ticket; those of tickets themselves under 0."""


class KilledError(BaseException):
    """The process is gone."""


@attrs.define
class Servers:
    """`/Tickets` or `/Actions` of one instance, whose servers have different rows."""

    held: Sequence[Held]
    """The rows of each server."""
    turns: Mapping[int, int] | Callable[[], int] = attrs.field(factory=dict)
    """The server of a request by its number, the first one by default; or who says it."""
    totals: str = "right"
    """`right`, `none`, or `own`: always the length of the page."""
    sorts: bool = False
    searches: bool = False
    cap: int = 100
    sizes: bool = True
    later_cap: tuple[int, int] = (10**9, 100)
    ignores: bool = False
    """Whether the ticket that is asked for is ignored."""
    counts: bool = True
    """Whether the actions of all tickets are counted."""
    spoilt: Mapping[int, str] = attrs.field(factory=dict)
    change: Callable[[], None] = lambda: None
    """Is called after each request."""
    caches: Callable[[], bool] = lambda: False
    """Whether a request is served by an earlier response to the same one."""
    kill_at: int = 0
    count: int = 0
    shown: dict[Row, tuple[int, int]] = attrs.field(factory=dict)
    """The number of the request that showed a row first, and the ticket that it asked for."""
    _cached: dict[str, bytes] = attrs.field(factory=dict)

    @property
    def key(self) -> str:
        """Name of the list in its envelope."""
        return "tickets" if 0 in self.held[0] else "actions"

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        """Send as the transport does."""
        query = dict(request.query)
        for left in (2, 1, 0):
            self.count += 1
            if self.count == self.kill_at:
                raise KilledError
            assert self.count < 3000, "it is read for ever"
            await asyncio.sleep(0)
            body = self._respond(query)
            self.change()
            try:
                page = decode(Response(200, {"Content-Type": "application/json"}, body))
            except DecodeError:
                if not left:
                    raise
            else:
                self._note(body, int(query.get("ticket_id", "0")))
                return page
        raise AssertionError

    def _respond(self, query: dict[str, str]) -> bytes:
        name = json.dumps(sorted(query.items()))
        if name in self._cached and self.caches():
            return self._cached[name]
        page, spoilt = self._page(query), self.spoilt.get(self.count)
        body = json.dumps(page) if spoilt is None else SPOILT[spoilt](page).decode()
        self._cached[name] = body.replace('"tickets"', f'"{self.key}"').encode()
        return self._cached[name]

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        turn = self.turns() if callable(self.turns) else self.turns.get(self.count, 0)
        ticket = int(query.get("ticket_id", "0"))
        rows = [
            (of, id)
            for of, ids in self.held[turn].items()
            for id in ids
            if (of == ticket or not ticket or self.ignores)
            and (not self.searches or within_bounds(id, query))
        ]
        if self.sorts and query.get("orderdesc") == "true":
            rows.reverse()
        cap = self.cap if self.count < self.later_cap[0] else self.later_cap[1]
        size = min(cap, int(query.get("page_size", "100"))) if self.sizes else cap
        number = int(query.get("page_no", "1"))
        found = rows[(number - 1) * size : number * size]
        total = {"right": len(rows) if found else 0, "own": len(found)}.get(self.totals)
        if not ticket and self.key == "actions":
            total = len(rows) if self.counts else None
        page: dict[str, Any] = {"page_no": number, "tickets": [_row(*row) for row in found]}
        return page if total is None else {"record_count": total, **page}

    def _note(self, body: bytes, ticket: int) -> None:
        decoded = json.loads(body)
        for row in decoded.get(self.key, ()) if isinstance(decoded, dict) else ():
            self.shown.setdefault(_called(row), (self.count, ticket))


def _row(ticket: int, id: int) -> dict[str, Any]:
    return {"id": id, "summary": f"row {id}", **({"ticket_id": ticket} if ticket else {})}


def _called(row: Mapping[str, Any]) -> Row:
    return row.get("ticket_id", 0), row["id"]


class _Journal:
    """The entries of a journal, and after how many requests the last one was written."""

    def __init__(self, served: Servers) -> None:
        self.served, self.at = served, 0
        self.past = PastExport()

    def append(self, entry: Mapping[str, Any]) -> None:
        self.at = self.served.count
        self.past.add(json.loads(json.dumps(entry)))

    def sync(self) -> None:
        """Nothing is on a disk."""


@attrs.frozen
class Exported:
    """What became of an export."""

    rows: list[Row]
    error: HaloError | None
    way: str
    served: Servers

    @property
    def lost(self) -> set[Row]:
        """The rows that a response showed and that are not in the export, if it is called complete."""
        return set() if self.error is not None else self.served.shown.keys() - set(self.rows)


async def export_from(served: Servers, lanes: int = 1) -> Exported:
    """Export the list; a process that is killed is gone on with, and what it had not noted is forgotten."""
    operation = resolve_names([served.key])[-1]
    journal = _Journal(served)
    lines: list[bytes] = []
    while True:
        past = journal.past = attrs.evolve(journal.past)
        fetcher, spool = PageFetcher(operation, served), LinesInMemory(codec(""))
        spool.lines, spool.offset = lines[: past.offset], past.offset
        journal.past = attrs.evolve(past, lanes=dict(past.lanes), aside=list(past.aside))
        syncer = JournalSyncer(journal, 0)  # type: ignore[arg-type]
        ledger = ExportLedger(
            served.key, syncer, spool, fetcher.counts, lambda: None, past, shown=fetcher.shown
        )
        reading = ResourceReader(fetcher, past, concurrency=lanes, exact=True)
        error = None
        try:
            await _read(reading, ledger, served)
        except HaloError as raised:
            error = raised
        except BaseException as raised:
            if not (isinstance(raised, KilledError) or _was_killed(raised)):
                raise
            lines = spool.lines
            served.shown = _noted(served, journal)
            continue
        way = "" if reading.plan is None else reading.plan.mode.value
        return Exported([_called(json.loads(line)) for line in spool.lines], error, way, served)


async def _read(reading: ResourceReader, ledger: ExportLedger, served: Servers) -> None:
    if served.key == "tickets":
        await reading.run(ledger)
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "parents"
        write_parents(path, served.held[0])
        await reading.by_parent(ledger, CHILDREN["actions"], path, every=True)


def _was_killed(error: BaseException) -> bool:
    return isinstance(error, BaseExceptionGroup) and error.subgroup(KilledError) is not None


def _noted(served: Servers, journal: _Journal) -> dict[Row, tuple[int, int]]:
    """The rows that were shown before the last entry, but for those of requests that are to be made again."""
    found = {row: at for row, at in served.shown.items() if at[0] <= journal.at}
    plan, parents = journal.past.plan, list(served.held[0])
    if served.key == "tickets" or plan is None:
        return found
    done = [
        parent
        for place, parent in enumerate(parents)
        if place < (journal.past.lanes.get(place % plan.length) or 0)
    ]
    return {row: at for row, at in found.items() if at[1] in (0, *done)}


def random_servers(way: str, seed: int) -> Servers:
    """Two or three servers, one of which may lag behind, lack rows or have more; whatever else is by chance.

    :param way: `keyset`, `descending`, `best-effort`, `single-response` or `by-parent`.
    """
    chance = Random(f"servers {way} {seed}")
    first = _first_server(way, chance)
    held = [
        first,
        *({of: _other(ids, chance) for of, ids in first.items()} for _ in range(chance.choice([1, 1, 2]))),
    ]
    if way not in ("keyset", "descending"):
        for rows in held:
            order = Random(seed if chance.random() < 0.8 else chance.random())
            for ids in rows.values():
                order.shuffle(ids)
    sticky, caching, rate = (
        chance.choice([0, 0.5, 0.9]),
        chance.choice([0, 0, 0.1, 0.5]),
        chance.choice([0, 0, 0.1]),
    )
    at = chance.randint(1, 12)
    turn = 0

    def next_turn() -> int:
        nonlocal turn
        turn = turn if chance.random() < sticky else chance.randrange(len(held))
        return turn

    def change() -> None:
        if chance.random() < rate:
            of = chance.choice(list(first))
            gone = chance.choice(first[of]) if first[of] and chance.random() < 0.5 else 0
            new = max([0, *(id for rows in held for id in rows[of])]) + 1
            for rows in held if chance.random() < 0.5 else held[:1]:
                rows[of][:] = [id for id in rows[of] if id != gone] if gone else [*rows[of], new]

    return Servers(
        held,
        next_turn,
        totals=chance.choice(["right", "right", "none", "own"]),
        sorts=way in ("keyset", "descending"),
        searches=way == "keyset",
        cap=chance.choice([25, 50, 100, 100]),
        sizes=chance.random() < 0.85,
        later_cap=chance.choice([(10**9, 0), (chance.randint(2, 12), chance.choice([25, 37, 100]))]),
        ignores=way == "by-parent" and chance.random() < 0.1,
        counts=chance.random() < 0.6,
        spoilt={at: chance.choice(sorted(SPOILT))} if chance.random() < 0.3 else {},
        change=change,
        caches=lambda: chance.random() < caching,
        kill_at=chance.choice([0, 0, chance.randint(2, 20)]),
    )


def _first_server(way: str, chance: Random) -> Held:
    if way == "by-parent":
        lengths = [chance.choice([0, 1, 2, 3, 8, 38, 51, 120]) for _ in range(chance.randint(1, 8))]
        return {ticket: list(range(1, length + 1)) for ticket, length in enumerate(lengths, 1)}
    rows = chance.choice(
        [1, 2, 7, 30, 60, 99] if way == "single-response" else [0, 30, 99, 100, 101, 150, 230, 330]
    )
    among = range(1, rows * chance.choice([1, 1, 5]) + 1)
    return {0: sorted(chance.sample(among, rows))}


def _other(ids: Sequence[int], chance: Random) -> list[int]:
    """The same rows, without some at any place or at the end, or with more."""
    kind, few = chance.choice(["same", "lacks", "lags", "more"]), min(len(ids), chance.choice([1, 3, 40]))
    if kind == "lacks":
        missing = chance.sample(ids, few)
        return [id for id in ids if id not in missing]
    if kind == "more":
        last = max(ids, default=0)
        return [*ids, *range(last + 1, last + chance.choice([2, 4, 60]))]
    return list(ids[: len(ids) - few] if kind == "lags" else ids)
