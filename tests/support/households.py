"""Rows of parents in memory: responses can lose some, count all, or ignore whose were asked for."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from halo_async.export.changed_parents import ChangedParents
from halo_async.export.children import CHILDREN
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from halo_async.transport import Response
from halo_async.transport.types import Request
from tests.support.faulty_list import ledger_of
from tests.support.list_parts import LinesInMemory

T = TypeVar("T")


@attrs.define
class Households:
    """`/Actions`, or another list that is requested by its parents."""

    rows: Mapping[int, Sequence[Mapping[str, Any]]]
    """The rows of each parent."""
    totals: Sequence[int | None] = (None,)
    """What is counted of all, one time after another; the last one stays."""
    short: Mapping[int, int] = attrs.field(factory=dict)
    """How many rows are left out of a response, by its number among those for one parent."""
    ignores: bool = False
    """Whether the parameter with the parent is ignored."""
    name: str = "actions"
    asked: list[int] = attrs.field(factory=list)
    """The parents whose rows were requested."""
    counted: int = 0

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        """Send as the transport does."""
        parent = dict(request.query).get(CHILDREN[self.name].parameter)
        page = self._of_all() if parent is None else self._of(int(parent))
        return decode(Response(200, {"Content-Type": "application/json"}, json.dumps(page).encode()))

    def _of_all(self) -> dict[str, Any]:
        total = self.totals[min(self.counted, len(self.totals) - 1)]
        self.counted += 1
        return {self._key: [], **({} if total is None else {"record_count": total})}

    def _of(self, parent: int) -> dict[str, Any]:
        self.asked.append(parent)
        rows = [row for of, some in self.rows.items() if self.ignores or of == parent for row in some]
        rows = rows[: len(rows) - self.short.get(len(self.asked), 0)]
        return {"record_count": len(rows), self._key: rows}

    @property
    def _key(self) -> str:
        return resolve_names([self.name])[-1].rows_key or "rows"


def households(counts: Mapping[int, int], **options: Any) -> Households:
    """So many actions of each ticket."""
    rows = {
        parent: [{"id": number, "ticket_id": parent} for number in range(1, count + 1)]
        for parent, count in counts.items()
    }
    return Households(rows, **options)


@attrs.define
class Reading:
    """A reading of such a list, and what has come."""

    served: Households
    reader: ResourceReader
    spool: LinesInMemory
    ledger: Any

    @property
    def rows(self) -> list[tuple[int, int]]:
        """The parent and the id of each row."""
        return sorted((row["ticket_id"], row["id"]) for row in map(json.loads, self.spool.lines))


def reading_of(served: Households, past: PastExport | None = None, *, lanes: int = 1) -> Reading:
    """Begin to read, or go on from an earlier run."""
    past = past or PastExport()
    operation = resolve_names([served.name])[-1]
    fetcher = PageFetcher(operation, served)
    ledger, spool = ledger_of(fetcher, past, served.name)
    reader = ResourceReader(fetcher, past, concurrency=lanes, exact=True)
    return Reading(served, reader, spool, ledger)


@attrs.define
class LastRunInMemory:
    """A file with so many rows of other parents, and the parents that changed since."""

    changed: list[int]
    stay: int | None = 0
    """Rows of the parents that did not change; None where that cannot be told."""
    later: list[int] = attrs.field(factory=list)
    """Parents that are found when they are asked for again."""
    asked: int = 0

    def parents(self) -> ChangedParents:
        return ChangedParents(array("q", self.changed), frozenset())

    async def kept(self, parents: ChangedParents) -> int | None:
        return self.stay

    async def ask_again(self) -> None:
        self.asked += 1
        self.changed += self.later
        self.later = []
