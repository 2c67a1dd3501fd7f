"""A list in memory that is changed after the requests that a test names, and a reader of its pages in their order."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import attrs

from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.page_order import PageOrderReader
from halo_async.export.seen_ids import SeenIds
from tests.support.churning_list import ChurningList


@attrs.define
class Scripted(ChurningList):
    """A list that is changed after the requests that a test names."""

    script: Mapping[int, Change] = attrs.field(factory=dict)

    def change(self) -> None:
        if self.count in self.script:
            self.script[self.count](self)


Change = Callable[[Scripted], None]


def scripted(rows: int, script: Mapping[int, Change] | None = None, **options: Any) -> Scripted:
    return Scripted(rows, 1, script=script or {}, **{"cap": 50, **options})


class _Kept:
    """The rows that are written."""

    def __init__(self) -> None:
        self.rows: list[int] = []

    async def commit(
        self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0, *, read_by: Any = None
    ) -> None:
        self.rows += [int(json.loads(row)["summary"].removeprefix("row ")) for row in rows]


async def read(served: ChurningList, total: int | None = None) -> list[int]:
    """The rows of a list that is called whole; `total`: what it was said to have."""
    (operation,) = resolve_names(["tickets"])
    kept = _Kept()
    fetcher = PageFetcher(operation, served)
    reader = PageOrderReader(fetcher, kept, None, SeenIds(), total, sorts=served.sorts)
    await reader.read()
    await reader.write_missed()
    return kept.rows


def deleted(served: Scripted, count: int = 1) -> None:
    """The first rows are deleted."""
    served.gone |= set(served.held[:count])
    del served.held[:count]


def created(served: Scripted) -> None:
    served.held.append(max(served.held) + 1000)


def first_to_last(served: Scripted) -> None:
    served.held.append(served.held.pop(0))


def last_to_first(served: Scripted) -> None:
    served.held.insert(0, served.held.pop())


def last_to_page_2(served: Scripted) -> None:
    """Pages have 50 rows, of which page 2 begins with one that is known."""
    served.held.insert(60, served.held.pop())


def exchanged(served: Scripted) -> None:
    """A row of page 2 takes the place of the last one, and that its own."""
    served.held[60], served.held[-1] = served.held[-1], served.held[60]


def edited(served: Scripted) -> None:
    """A row of page 2 is another one."""
    served.versions[served.held[60]] = 1


def then(*changes: Change) -> Change:
    def change(served: Scripted) -> None:
        for each in changes:
            each(served)

    return change


HIDDEN = then(deleted, last_to_first)
"""A row moves to the front and is missed, while the last known one stays in its place."""
