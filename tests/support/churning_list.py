"""A list in memory that changes between any two requests, and counts rightly, wrongly, late or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import attrs

from halo_async.errors import DecodeError, HaloError
from halo_async.export.children import CHILDREN, write_parents
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from halo_async.transport import Response
from halo_async.transport.types import Request
from tests.support.faulty_list import SPOILT, decoded_in_three, ledger_of
from tests.support.list_parts import within_bounds

T = TypeVar("T")


@attrs.define
class Churn:
    """Chances that a row is deleted, created, moved or edited after a request, and how many times each is tried."""

    delete: float = 0.0
    insert: float = 0.0
    move: float = 0.0
    edit: float = 0.0
    tries: int = 1
    front: bool = False
    """Rows move to the front, as an update moves them where the latest comes first; else anywhere."""
    until: int = 10**9
    """The number of the request after which nothing changes any more."""


@attrs.define
class ChurningList:
    """`/Tickets` or `/Actions` in the order of nothing that a request can name."""

    rows: int
    seed: int
    churn: Churn = attrs.field(factory=Churn)
    totals: str = "right"
    """`right`, `none`, `own` (always the length of the page) or `late` (that of some requests ago)."""
    ids: bool = True
    cap: int = 100
    sizes: bool = True
    """Whether `page_size` is obeyed."""
    sorts: bool = False
    searches: bool = False
    key: str = "tickets"
    base: int = 0
    """Added to the number of each row."""
    twice: int = 0
    """The id that the last of the first rows has too, unless it is 0."""
    spoilt: Mapping[int, str] = attrs.field(factory=dict)
    by_chance: int = 0
    """1 if the first rows ascend by id although nobody can ask for that, -1 if they descend."""
    count: int = 0
    gone: set[int] = attrs.field(factory=set)
    held: list[int] = attrs.field(factory=list)
    made: int = 0
    first: set[int] = attrs.field(factory=set)
    versions: dict[int, int] = attrs.field(factory=dict)
    """How often each row was edited."""
    later_cap: tuple[int, int] | None = None
    """The number of a request, and the cap from then on."""
    _random: Random = attrs.field(factory=Random)
    _lengths: list[int] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        self._random = Random(self.seed)
        self.held = list(range(1, self.rows + 1))
        if not self.sorts:
            self._random.shuffle(self.held)
        if self.by_chance:
            self.held.sort(reverse=self.by_chance < 0)
        self.made, self.first = self.rows, set(self.held)

    @property
    def throughout(self) -> set[int]:
        """The rows that were there all the time."""
        return self.first - self.gone

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        return decoded_in_three(lambda: self._respond(dict(request.query)), decode)

    def _respond(self, query: dict[str, str]) -> bytes:
        self.count += 1
        page = self.page(query)
        if self.count <= self.churn.until:
            self.change()
        return self.spoil(page, self.spoilt.get(self.count))

    def spoil(self, page: dict[str, Any], spoilt: str | None) -> bytes:
        """A response, as it is or spoilt."""
        body = json.dumps(page) if spoilt is None else SPOILT[spoilt](page).decode()
        return body.replace('"tickets"', f'"{self.key}"').encode()

    def change(self) -> None:
        """Delete, create and move rows, as chance will have it."""
        chance, churn = self._random, self.churn
        for _ in range(churn.tries):
            if self.held and chance.random() < churn.delete:
                self.gone.add(self.held.pop(chance.randrange(len(self.held))))
            if chance.random() < churn.insert:
                self.made += 1
                place = len(self.held) if self.sorts else chance.randint(0, len(self.held))
                self.held.insert(place, self.made)
            if self.held and not self.sorts and chance.random() < churn.move:
                row = self.held.pop(chance.randrange(len(self.held)))
                self.held.insert(0 if churn.front else chance.randint(0, len(self.held)), row)
            if self.held and churn.edit and chance.random() < churn.edit:
                row = self.base + chance.choice(self.held)
                self.versions[row] = self.versions.get(row, 0) + 1

    def page(self, query: dict[str, str]) -> dict[str, Any]:
        """What is asked for."""
        self._lengths.append(len(self.held))
        held = [row for row in self.held if not self.searches or within_bounds(row, query)]
        if self.sorts and query.get("orderdesc") == "true":
            held.reverse()
        cap = self.later_cap[1] if self.later_cap and self.count >= self.later_cap[0] else self.cap
        size = min(cap, int(query.get("page_size", "100"))) if self.sizes else cap
        number = int(query.get("page_no", "1"))
        found = held[(number - 1) * size : number * size] if "page_no" in query else held
        rows = [self._row(self.base + row) for row in found]
        total = self._total(len(held), len(rows))
        page: dict[str, Any] = {"page_no": number, "tickets": rows}
        return page if total is None else {"record_count": total, **page}

    def _row(self, number: int) -> dict[str, Any]:
        id = self.twice if self.twice and number == self.rows else number
        edits = {"edits": self.versions[number]} if number in self.versions else {}
        return {**({"id": id} if self.ids else {}), "summary": f"row {number}", **edits}

    def _total(self, all_rows: int, rows: int) -> int | None:
        if self.totals == "late":
            return (
                max(0, self._lengths[max(0, len(self._lengths) - 4)] + all_rows - len(self.held))
                if rows
                else 0
            )
        return {"right": all_rows if rows else 0, "own": rows}.get(self.totals)


@attrs.define
class Outcome:
    """What became of one export."""

    way: str
    rows: list[int]
    error: HaloError | None
    requests: int
    versions: int = 0
    """Rows that are said to be there in another version, too."""

    def lost(self, served: ChurningList | Families) -> set[int]:
        """The rows that were there all the time and are not in the export."""
        return served.throughout - set(self.rows)


def _numbers(lines: list[bytes]) -> list[int]:
    return [int(json.loads(line)["summary"].removeprefix("row ")) for line in lines]


async def export_list(served: ChurningList, concurrency: int = 2) -> Outcome:
    """Read the list as an export does."""
    (operation,) = resolve_names(["tickets"])
    fetcher = PageFetcher(operation, served)
    ledger, spool = ledger_of(fetcher, PastExport())
    reading = ResourceReader(fetcher, PastExport(), concurrency=concurrency, exact=True)
    error = None
    try:
        await reading.run(ledger)
    except HaloError as raised:
        error = raised
    way = reading.plan.mode.value if reading.plan is not None else "none"
    versions = 0 if reading.tally is None else reading.tally.versions
    return Outcome(way, _numbers(spool.lines), error, served.count, versions)


@attrs.define
class Families:
    """`/Actions` of several tickets, as one list that changes, each parent's rows apart."""

    lists: dict[int, ChurningList]
    counts: bool
    """Whether the rows of all parents are counted together."""
    spoilt: Mapping[int, str] = attrs.field(factory=dict)
    count: int = 0

    @property
    def throughout(self) -> set[int]:
        """The rows that were there all the time, of each parent from 1,000 times its number on."""
        return {parent * 1000 + row for parent, held in self.lists.items() for row in held.throughout}

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        """Send as the transport does."""
        query = dict(request.query)
        own = self.lists.get(int(query.get("ticket_id", "0")))
        for left in (2, 1, 0):
            self.count += 1
            for held in self.lists.values():
                held.change()
            body = self._of_all() if own is None else own.spoil(own.page(query), self.spoilt.get(self.count))
            try:
                return decode(Response(200, {"Content-Type": "application/json"}, body))
            except DecodeError:
                if not left:
                    raise
        raise AssertionError

    def _of_all(self) -> bytes:
        total = sum(len(held.held) for held in self.lists.values())
        return json.dumps({"actions": [], **({"record_count": total} if self.counts else {})}).encode()


async def export_children(served: Families, concurrency: int = 2) -> Outcome:
    """Read the rows of all parents as an export does."""
    (operation,) = resolve_names(["actions"])[-1:]
    fetcher = PageFetcher(operation, served)
    ledger, spool = ledger_of(fetcher, PastExport(), "actions")
    reading = ResourceReader(fetcher, PastExport(), concurrency=concurrency, exact=True)
    error = None
    with TemporaryDirectory() as folder:
        write_parents(Path(folder) / "parents", served.lists)
        try:
            await reading.by_parent(ledger, CHILDREN["actions"], Path(folder) / "parents", every=True)
        except HaloError as raised:
            error = raised
    return Outcome("by-parent", _numbers(spool.lines), error, served.count)
