"""Random servers against the paginator: it delivers what the server holds, or says why not."""

from __future__ import annotations

import asyncio
import warnings
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async.errors import IncompleteError, PaginationError, PaginationLoopError
from tests.support.calls_kit import collect, resources, rows
from tests.support.examples import examples
from tests.support.random_lists import RandomList


@dataclass
class Server(RandomList):
    """A random list that can cut some of its pages in half."""

    cuts: set = field(default_factory=set)

    def __call__(self, query):
        served = super().__call__(query)
        if query["page_no"] in self.cuts:
            self.cuts.discard(query["page_no"])
            page = served if self.shape == "array" else served["parcels"]
            del page[len(page) // 2 :]
        return served

    def ends_at_a_page_border(self, asked):
        """Whether the total is too low by whole pages: only a request in vain would tell it from the truth."""
        said = len(self.held) + self.lie
        length = min(asked, self.cap) if self.honours_page_size else self.cap
        return self.count == "wrong" and self.lie < 0 and said % length == 0


servers = st.builds(
    Server,
    held=(st.integers(0, 230) | st.integers(990, 1010)).map(rows),
    cap=st.sampled_from([7, 10, 50, 100, 999]),
    honours_page_size=st.booleans(),
    honours_page_no=st.booleans(),
    honours_paging=st.booleans(),
    shape=st.sampled_from(["envelope", "array"]),
    count=st.sampled_from(["right", "missing", "text", "zero past the end", "wrong"]),
    lie=st.integers(-60, 60).filter(bool),
    cuts=st.just(set()),
)


async def read(server, depth, page_size):
    group, sender = resources(server)
    ids: list[int] = []
    error = None
    try:
        await collect(group.parcels.list(page_size=page_size).prefetch(depth), ids)
    except PaginationError as caught:
        error = caught
    return ids, error, sender


@settings(max_examples=examples(400), deadline=None)
@given(servers, st.integers(0, 5), st.sampled_from([None, 5, 100, 500]))
def test_rows_delivered_are_those_that_the_server_holds_or_an_error_says_why_not(server, depth, page_size):
    held = [row["id"] for row in server.held]
    ids, error, sender = asyncio.run(read(server, depth, page_size))
    assert ids == held[: len(ids)]
    assert sender.open == 0
    if error is None and not server.ends_at_a_page_border(page_size or 100):
        assert ids == held
    if isinstance(error, IncompleteError):
        assert server.count == "wrong"
    if isinstance(error, PaginationLoopError):
        assert not (server.honours_page_no and server.honours_paging)


@settings(max_examples=examples(200), deadline=None)
@given(servers, st.integers(0, 5))
def test_honest_server_is_read_whole_with_no_request_in_vain(server, depth):
    server.honours_page_no = server.honours_paging = True
    server.shape, server.count = "envelope", "zero past the end"
    ids, error, sender = asyncio.run(read(server, depth, None))
    length = min(server.cap, 100) if server.honours_page_size else server.cap
    assert error is None
    assert ids == [row["id"] for row in server.held]
    assert len(sender.requests) == max(1, -(-len(server.held) // length))


@settings(max_examples=examples(150), deadline=None)
@given(servers, st.sets(st.sampled_from(["2", "3", "4"]), min_size=1), st.integers(0, 3))
def test_pages_cut_on_the_way_cost_a_request_and_no_row(server, cuts, depth):
    server.honours_page_no = server.honours_paging = True
    server.shape, server.count, server.cuts = "envelope", "right", cuts
    ids, error, _ = asyncio.run(read(server, depth, None))
    assert error is None
    assert ids == [row["id"] for row in server.held]


@settings(max_examples=examples(150), deadline=None)
@given(servers, st.integers(0, 300), st.integers(0, 3))
def test_limit_delivers_the_beginning_of_what_there_is(server, limit, depth):
    server.honours_page_no = server.honours_paging = True
    server.count = "right"

    async def limited():
        group, _ = resources(server)
        return [row.id async for row in group.parcels.list().limit(limit).prefetch(depth)]

    assert asyncio.run(limited()) == [row["id"] for row in server.held[:limit]]


@settings(max_examples=examples(150), deadline=None)
@given(servers)
def test_count_is_what_the_server_holds_if_it_counts_right(server):
    server.honours_page_no = server.honours_paging = True
    if server.count == "wrong":
        server.count = "right"

    async def counted():
        group, _ = resources(server)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return await group.parcels.list().count()

    assert asyncio.run(counted()) == len(server.held)
