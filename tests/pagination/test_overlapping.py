"""Pages that overlap: whatever happens to a list while it is read, no row goes missing unseen."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async.errors import IncompleteError, PaginationError
from halo_async.pagination.pages import PaginationWarning
from tests.support.calls_kit import collect, resources
from tests.support.examples import examples
from tests.support.random_lists import RandomList, parcel


def honest(count, *, cap=10, count_kind="right", shape="envelope"):
    held = [parcel(number) for number in range(1, count + 1)]
    return RandomList(
        held=held,
        cap=cap,
        honours_page_size=True,
        honours_page_no=True,
        honours_paging=shape == "envelope",
        shape=shape,
        count=count_kind,
        lie=0,
    )


@pytest.mark.parametrize("kind", ["right", "text", "missing", "zero past the end"])
@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 95, 100, 717])
async def test_list_that_rests_is_read_once_and_whole(count, kind):
    server = honest(count, cap=100, count_kind=kind)
    group, _ = resources(server)

    assert [row.id async for row in group.parcels.list().overlapping()] == server.ids


async def test_it_takes_few_requests_more():
    server = honest(10_000, cap=100)
    group, _ = resources(server)

    assert len(await group.parcels.list().overlapping().all()) == 10_000
    assert server.requests <= 115


async def test_row_that_goes_while_another_comes_behind_the_reader_is_told():
    """What no other way of paging can see: the total stays the same and no row comes again."""
    server = honest(100)
    group, _ = resources(server)
    ids: list[int] = []

    async def read():
        async for page in group.parcels.list().overlapping().by_page():
            ids.extend(row.id for row in page)
            if server.requests == 3:
                server.remove([2])
                server.add([99])

    with pytest.raises(IncompleteError, match=r"parcels\.list: Rows were inserted, deleted or moved"):
        await read()
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("on_incomplete", ["raise", "warn"])
async def test_row_that_moves_to_the_front_while_one_goes_and_another_comes_is_told_and_there(on_incomplete):
    """The last known row stays in its place: only page 1 shows what the reader passed."""
    server = honest(100)
    group, _ = resources(server)
    ids: list[int] = []

    async def read():
        pages = group.parcels.list(on_incomplete=on_incomplete).overlapping()
        async for page in pages.by_page():
            ids.extend(row.id for row in page)
            if server.requests == 3:
                server.remove([2])
                assert server.move_to_front(-1, set(ids))
                server.add([len(server.held)])

    told = (
        pytest.raises(IncompleteError, match="moved")
        if on_incomplete == "raise"
        else pytest.warns(PaginationWarning, match="moved")
    )
    with told:
        await read()
    assert sorted(ids) == list(range(1, 102))


async def test_caller_may_be_warned_instead():
    server = honest(100)
    group, _ = resources(server)

    async def change_and_read():
        async for _ in group.parcels.list(on_incomplete="warn").overlapping().by_page():
            if server.requests == 2:
                server.remove([0])

    with pytest.warns(PaginationWarning, match="moved"):
        await change_and_read()


async def test_instance_that_ignores_page_size_is_told():
    server = honest(100)
    server.honours_page_size = False
    group, _ = resources(server)

    with pytest.raises(IncompleteError, match="ignores page_size"):
        await collect(group.parcels.list().overlapping(), [])


@pytest.mark.parametrize("gone", [True, False])
async def test_list_without_a_total_whose_pages_are_too_short_to_overlap_is_told(gone):
    """6 is a multiple of every size that a page of three rows may have."""
    server = honest(7 if gone else 6, cap=3, count_kind="missing")
    group, _ = resources(server)
    ids: list[int] = []

    async def read():
        async for page in group.parcels.list().overlapping().by_page():
            ids.extend(row.id for row in page)
            if gone and len(ids) == 6:
                server.remove([0])

    with pytest.raises(IncompleteError, match="too short to overlap"):
        await read()
    assert ids == [1, 2, 3, 4, 5, 6]


async def test_bare_array_as_long_as_a_page_is_asked_for_twice():
    server = honest(100, shape="array")
    group, _ = resources(server)

    assert [row.id async for row in group.parcels.list().overlapping()] == server.ids
    assert server.requests == 2


async def test_rows_without_an_identity_are_refused():
    group, _ = resources(lambda query: {"record_count": 2, "parcels": [{"label": "a"}, {"label": "b"}]})

    with pytest.raises(IncompleteError, match="have no unique key"):
        await collect(group.parcels.list().overlapping(), [])


async def test_list_from_a_later_page_cannot_overlap():
    group, _ = resources(honest(30))

    with pytest.raises(ValueError, match="from page 1"):
        group.parcels.list(page_no=2).overlapping()


PLACES = st.lists(st.integers(0, 300), min_size=1, max_size=9)
CHANGES = st.lists(st.tuples(st.sampled_from(["come", "go", "move"]), PLACES), max_size=4)


@settings(max_examples=examples(500), deadline=None)
@given(
    count=st.integers(0, 70),
    cap=st.sampled_from([3, 5, 10, 50]),
    kind=st.sampled_from(["right", "right", "zero past the end", "text", "missing"]),
    plan=st.lists(CHANGES, max_size=12),
)
async def test_whatever_comes_and_goes_at_once_rows_that_stayed_all_come_or_it_is_told(
    count, cap, kind, plan
):
    server = honest(count, cap=cap, count_kind=kind)
    group, _ = resources(server)
    stayed, ids, waiting = set(server.ids), [], list(plan)

    def change():
        for what, places in waiting.pop(0) if waiting else []:
            if what == "come":
                server.add(places)
            elif what == "go":
                server.remove(places)
            else:
                server.move_to_front(places[0], set(ids))

    try:
        async for page in group.parcels.list().overlapping().by_page():
            ids += [row.id for row in page]
            change()
            stayed &= set(server.ids)
    except PaginationError:
        return
    assert stayed <= set(ids)
    assert len(ids) == len(set(ids))


async def test_a_full_first_page_that_counts_only_itself_is_not_the_list():
    class CountsPages(RandomList):
        def _total(self, page):
            return len(page)

    quiet = honest(230, cap=100)
    server = CountsPages(quiet.held, 100, True, True, True, "envelope", "right", 0)
    group, _ = resources(server)
    rows = group.parcels.list().overlapping()

    with pytest.raises(IncompleteError):
        await rows.all()


async def test_a_list_as_long_as_a_page_takes_two_requests_more():
    server = honest(100, cap=100)
    group, _ = resources(server)

    assert len(await group.parcels.list().overlapping().all()) == 100
    assert server.requests == 3
