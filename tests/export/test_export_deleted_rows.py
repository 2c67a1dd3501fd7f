"""Rows that leave the file because the instance lists them as deleted: only those that it shows no more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from halo_async.export.fetch import PageFetcher
from halo_async.export.merge import deleted_rows
from halo_async.export.names import resolve_names
from halo_async.transport import Response
from halo_async.transport.types import Request
from tests.support.faulty_list import FaultyList

T = TypeVar("T")
SINCE = ("lastupdatefromdate", "2026-01-01T00:00:00Z")


@attrs.define
class Deleting:
    """`/Tickets`: what changed, what was deleted, and the whole list."""

    changed: FaultyList
    deleted: FaultyList
    whole: FaultyList

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        query = dict(request.query)
        plain = self.changed if SINCE[0] in query else self.whole
        return await (self.deleted if query.get("deleted") == "true" else plain).send(request, decode)


async def deleted_of(
    before: int, *, changed: list[int], deleted: list[int], whole: list[int] | None = None, **options: Any
) -> list[int] | None:
    """What is said to be deleted."""
    served = Deleting(FaultyList(changed), FaultyList(deleted, **options), FaultyList(whole or []))
    return await deleted_rows(PageFetcher(resolve_names(["tickets"])[0], served, (SINCE,)), before)


async def test_rows_that_are_listed_as_deleted_and_shown_no_more_are_deleted() -> None:
    assert await deleted_of(1000, changed=[5, 6], deleted=[7, 8], whole=[5, 6, 9]) == [7, 8]
    assert await deleted_of(1000, changed=[], deleted=[]) == []
    assert await deleted_of(3, changed=[], deleted=[7, 8], whole=[9]) == [7, 8]


async def test_a_list_that_ignores_the_question_for_the_deleted_deletes_none() -> None:
    assert await deleted_of(1000, changed=[7, 8], deleted=[7, 8], whole=[7, 8, 9]) is None
    assert await deleted_of(1000, changed=[7, 8], deleted=[7], whole=[7, 8, 9]) is None


async def test_more_deleted_rows_than_half_of_all_are_compared_with_the_whole_list() -> None:
    assert await deleted_of(3, changed=[], deleted=[7, 8], whole=[7, 8, 9]) is None
    assert await deleted_of(4, changed=[], deleted=[7, 8], whole=[7, 8, 9]) == [7, 8]


async def test_one_response_does_not_say_what_was_deleted() -> None:
    assert await deleted_of(1000, changed=[], deleted=[7, 8], spoilt={1: "first two rows"}) == [7, 8]
    for kind in ("none", "cut to 1"):
        assert await deleted_of(1000, changed=[], deleted=[7, 8], spoilt={1: kind}) == [7, 8]


async def test_a_list_without_that_question_deletes_none() -> None:
    served = FaultyList([7])
    assert await deleted_rows(PageFetcher(resolve_names(["agent"])[0], served), 1000) is None
    assert served.count == 0
