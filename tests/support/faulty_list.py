"""A list in memory whose responses can be spoilt one by one: for many readings without a socket."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from halo_async.errors import DecodeError
from halo_async.export.fetch import PageFetcher
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.ledger import ExportLedger
from halo_async.export.names import resolve_names
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from halo_async.export.spool import codec
from halo_async.transport import Response
from halo_async.transport.types import Request
from tests.support.list_parts import LinesInMemory, within_bounds

T = TypeVar("T")
Body = Callable[[dict[str, Any]], bytes]


def decoded_in_three(body: Callable[[], bytes], decode: Callable[[Response], T]) -> T:
    """Decode a response as the transport does, which requests again what cannot be decoded."""
    for left in (2, 1, 0):
        response = Response(200, {"Content-Type": "application/json"}, body())
        try:
            return decode(response)
        except DecodeError:
            if not left:
                raise
    raise AssertionError


def cut(rows: int) -> Body:
    """The first rows of a page, counted as if they were all."""

    def body(page: dict[str, Any]) -> bytes:
        kept = page["tickets"][:rows]
        return json.dumps({**page, "record_count": len(kept), "tickets": kept}).encode()

    return body


def cut_without_total(rows: int) -> Body:
    """The first rows of a page, which are not counted."""
    return lambda page: json.dumps({"tickets": page["tickets"][:rows]}).encode()


def middle(page: dict[str, Any]) -> bytes:
    """A page whose second half but one row is missing."""
    kept = [*page["tickets"][:20], *page["tickets"][-1:]]
    return json.dumps({**page, "tickets": kept}).encode()


def shuffled(page: dict[str, Any]) -> bytes:
    """A page whose rows are in another order."""
    rows = page["tickets"]
    return json.dumps({**page, "tickets": [*rows[1::2], *rows[::2]]}).encode()


def counted(page: dict[str, Any], more: int) -> bytes:
    """A page that counts so many rows more, or fewer, if it counts any."""
    total = page.get("record_count")
    return json.dumps({**page, **({"record_count": max(1, total + more)} if total else {})}).encode()


SPOILT: dict[str, Body] = {
    "empty": lambda page: b"",
    "null": lambda page: b"null",
    "array": lambda page: b"[]",
    "count": lambda page: b'{"record_count": 0}',
    "error": lambda page: b'{"error": "x", "record_count": 0}',
    "none": lambda page: json.dumps({**page, "record_count": 0, "tickets": []}).encode(),
    "no rows": lambda page: json.dumps({**page, "tickets": []}).encode(),
    "cut to 0": cut_without_total(0),
    "cut to 1": cut(1),
    "cut to 7": cut(7),
    "cut to 37": cut(37),
    "cut to 50": cut(50),
    "cut to 7 without a total": cut_without_total(7),
    "cut to 50 without a total": cut_without_total(50),
    "middle": middle,
    "first two rows": lambda page: json.dumps({**page, "tickets": page["tickets"][:2]}).encode(),
    "counted low": lambda page: json.dumps({**page, "record_count": 1}).encode(),
    "counts 60 fewer": lambda page: counted(page, -60),
    "counts 100 fewer": lambda page: counted(page, -100),
    "counts 5 more": lambda page: counted(page, 5),
    "shuffled": shuffled,
}
"""What a response can be spoilt to."""


@attrs.define
class FaultyList:
    """`/Tickets`, and what becomes of its responses by their number."""

    ids: list[int]
    spoilt: Mapping[int, str] = attrs.field(factory=dict)
    totals: str = "right"
    """`right`, `none`, or `own`: always the length of the page."""
    searches: bool = True
    sorts: bool = True
    cap: int = 100
    deleted: Mapping[int, Sequence[int]] = attrs.field(factory=dict)
    """Places of rows that are deleted after a response."""
    added: Mapping[int, int] = attrs.field(factory=dict)
    """Ids of rows that are created after a response."""
    returned: int = 0
    count: int = 0
    gone: set[int] = attrs.field(factory=set)

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        return decoded_in_three(lambda: self._respond(dict(request.query)), decode)

    def _respond(self, query: dict[str, str]) -> bytes:
        self.count += 1
        page = self._page(query)
        for place in self.deleted.get(self.count, ()):
            if self.ids:
                self.gone.add(self.ids.pop(place % len(self.ids)))
        if self.count in self.added:
            self.ids.append(self.added[self.count])
        spoilt = self.spoilt.get(self.count)
        return json.dumps(page).encode() if spoilt is None else SPOILT[spoilt](page)

    def _page(self, query: dict[str, str]) -> dict[str, Any]:
        ids = [id for id in self.ids if not self.searches or within_bounds(id, query)]
        if not self.sorts:
            ids.sort(key=lambda id: id * 7919 % 104_729)
        elif query.get("orderdesc") == "true":
            ids.reverse()
        size, number = min(self.cap, int(query["page_size"])), int(query["page_no"])
        rows = [{"id": id, "summary": f"row {id}"} for id in ids[(number - 1) * size : number * size]]
        total = {"right": len(ids) if rows else 0, "own": len(rows)}.get(self.totals)
        page = {"page_no": number, "tickets": rows}
        return page if total is None else {"record_count": total, **page}


def ledger_of(
    fetcher: PageFetcher, past: PastExport, name: str = "tickets"
) -> tuple[ExportLedger, LinesInMemory]:
    """A ledger that keeps rows in memory, and these."""
    spool = LinesInMemory(codec(""))
    ledger = ExportLedger(
        name, JournalSyncer(None, 0), spool, fetcher.counts, lambda: None, past, shown=fetcher.shown
    )
    return ledger, spool


async def read(served: FaultyList, concurrency: int = 2) -> tuple[list[int], ResourceReader]:
    """The ids that an export of the list reads, and how.

    :raises PaginationError: it is not complete.
    """
    (operation,) = resolve_names(["tickets"])
    fetcher = PageFetcher(operation, served)
    ledger, spool = ledger_of(fetcher, PastExport())
    reading = ResourceReader(fetcher, PastExport(), concurrency=concurrency, exact=True)
    await reading.run(ledger)
    return spool.ids, reading
