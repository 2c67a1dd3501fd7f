"""Requests of a list's pages: what they ask for, and which empty responses are asked for again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
import pytest

from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.transport import Response
from halo_async.transport.types import Request

T = TypeVar("T")
NONE: dict[str, Any] = {"record_count": 0, "tickets": []}
ONE = {"record_count": 1, "tickets": [{"id": 1}]}
LISTED: dict[str, Any] = {"tickets": []}
COUNTED = {"record_count": 0}


@attrs.define
class Scripted:
    """Sends these bodies one after another, the last one for ever."""

    bodies: Sequence[Any] = (ONE,)
    queries: list[list[tuple[str, str]]] = attrs.field(factory=list)

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        """Send as the transport does."""
        body = self.bodies[min(len(self.queries), len(self.bodies) - 1)]
        self.queries.append(list(request.query))
        return decode(Response(200, {"Content-Type": "application/json"}, json.dumps(body).encode()))


def fetcher_of(served: Scripted, name: str = "tickets", *filters: tuple[str, str]) -> PageFetcher:
    return PageFetcher(resolve_names([name])[0], served, filters)


@pytest.mark.parametrize(
    ("bodies", "requests"),
    [
        ([[], NONE], 2),
        ([COUNTED, [], NONE], 3),
        ([[], [], [], ONE], 3),
        ([NONE], 1),
        ([LISTED], 1),
        ([ONE], 1),
    ],
    ids=["array", "array and no list", "array for ever", "counted", "not counted", "row"],
)
async def test_an_empty_first_response_that_is_no_list_is_asked_for_again(
    bodies: list[Any], requests: int
) -> None:
    served = Scripted(bodies)
    await fetcher_of(served).page(1)
    assert len(served.queries) == requests


@pytest.mark.parametrize(
    ("before", "bodies", "requests"),
    [
        ([ONE], [LISTED, NONE], 2),
        ([ONE], [[], ONE], 2),
        ([ONE], [COUNTED, NONE], 2),
        ([ONE], [NONE], 1),
        ([ONE, {"tickets": [{"id": 2}]}], [LISTED, NONE], 2),
        ([{"tickets": [{"id": 2}]}], [LISTED], 1),
        ([[{"id": 2}]], [[]], 1),
        ([[{"id": 2}]], [NONE, []], 2),
    ],
    ids=[
        "no total after one",
        "array after an envelope",
        "no list after one",
        "as before",
        "no total after one, once",
        "no total as before",
        "array after one",
        "envelope after an array",
    ],
)
async def test_an_empty_response_of_another_shape_than_those_with_rows_is_asked_for_again(
    before: list[Any], bodies: list[Any], requests: int
) -> None:
    served = Scripted([*before, *bodies])
    fetcher = fetcher_of(served)
    for _ in before:
        await fetcher.page(1)
    del served.queries[:]
    served.bodies = bodies
    await fetcher.narrowed(("search", "x")).page(2)
    assert len(served.queries) == requests


async def test_a_list_without_pages_may_be_an_array() -> None:
    served = Scripted([[]])
    await fetcher_of(served, "agent").whole()
    assert len(served.queries) == 1


async def test_pages_are_asked_for_by_id_and_in_full() -> None:
    served = Scripted()
    fetcher = fetcher_of(served, "tickets", ("open_only", "true"))
    await fetcher.page(2)
    await fetcher.newest(5)
    await fetcher.between(0, 30, 4)
    await fetcher.between(7, None)
    await fetcher.between(None, 9)
    pages = [("open_only", "true"), ("order", "id"), ("pageinate", "true")]
    above_0 = {"filter_name": "id", "filter_type": 7, "filter_value": "0"}
    above_7 = {"filter_name": "id", "filter_type": 7, "filter_value": "7"}
    to_30 = {"filter_name": "id", "filter_type": 10, "filter_value": "30"}
    to_9 = {"filter_name": "id", "filter_type": 10, "filter_value": "9"}
    found = [
        [(key, json.loads(value) if key == "advanced_search" else value) for key, value in query]
        for query in served.queries
    ]
    assert found == [
        [*pages, ("page_no", "2"), ("page_size", "100")],
        [*pages, ("page_no", "1"), ("page_size", "5"), ("orderdesc", "true")],
        [*pages, ("page_no", "4"), ("page_size", "100"), ("advanced_search", [above_0, to_30])],
        [*pages, ("page_no", "1"), ("page_size", "100"), ("advanced_search", [above_7])],
        [*pages, ("page_no", "1"), ("page_size", "100"), ("advanced_search", [to_9])],
    ]


async def test_bounds_of_ids_do_not_replace_a_search_of_the_export() -> None:
    own = {"filter_name": "summary", "filter_type": 4, "filter_value": "x"}
    served = Scripted()
    await fetcher_of(served, "tickets", ("advanced_search", json.dumps([own]))).between(7, None)
    (query,) = served.queries
    searches = [json.loads(value) for key, value in query if key == "advanced_search"]
    assert searches == [[own, {"filter_name": "id", "filter_type": 7, "filter_value": "7"}]]


async def test_filters_do_not_change_what_pages_are_asked_for() -> None:
    served = Scripted()
    await fetcher_of(served, "tickets", ("page_size", "7"), ("order", "summary"), ("search", "x")).page(1)
    (query,) = served.queries
    assert sorted(query) == [
        ("order", "id"),
        ("page_no", "1"),
        ("page_size", "100"),
        ("pageinate", "true"),
        ("search", "x"),
    ]


async def test_narrowed_lists_count_their_requests_together() -> None:
    served = Scripted()
    fetcher = fetcher_of(served)
    await fetcher.narrowed(("search", "x")).narrowed(("open_only", "true")).page(1)
    assert [pair for pair in served.queries[0] if pair[0] in ("search", "open_only")] == [
        ("search", "x"),
        ("open_only", "true"),
    ]
    assert fetcher.counts.bytes > 0
