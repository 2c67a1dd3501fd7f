"""Lists that repeat their first page: whole by `count` or `older_than_id`, in each way of reading."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.api import Resources
from halo_async.api.feed import Feed
from halo_async.emulator import Emulator, Fault
from halo_async.errors import IncompleteError, InvalidRequestError, PaginationLoopError
from halo_async.pagination.pages import PaginationWarning
from halo_async.pagination.repeating_lists import paginator_of
from halo_async.pagination.row_keys import key_by_fields
from tests.support.calls_kit import Sender, collect
from tests.support.examples import examples

OWN = "its own length"
LISTS = [("crm_note", "/CRMNote"), ("feed", "/Feed")]
FAULTS = [(), ("own",), ("missing",), ("text",)]


def emulator(path: str, *variants: str, times: int | None = None) -> Emulator:
    more = {} if times is None else {"times": times}
    faults = [Fault("F41", f"GET {path}", variant, **more) for variant in variants]
    return Emulator(seed=1, tickets=250, rate_limit=None, faults=faults)


def client(running: Emulator) -> Halo:
    credentials = ClientCredentials(running.client_id, running.client_secret)
    clock = VirtualClock(auto_advance=True)
    return Halo(running.url, credentials, tenant=running.tenant, rate_limit=None, clock=clock)


def held(running: Emulator, path: str) -> set[int]:
    return set(running.world.table(path).ids)


@pytest.mark.parametrize("variants", FAULTS)
@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_a_list_that_repeats_its_first_page_is_whole_in_each_way_of_reading(name, path, variants):
    async with emulator(path, *variants) as running, client(running) as halo:
        whole = held(running, path)
        assert len(whole) > 100
        resource = getattr(halo, name)

        def ids(rows):
            return [row["id"] for row in rows]

        for found in (
            ids([row async for row in resource.list()]),
            ids(await resource.list().all()),
            ids([row async for page in resource.list().by_page() for row in page]),
            ids([row async for row in resource.list().prefetch(3)]),
            ids(await resource.list().limit(10_000).all()),
        ):
            assert len(found) == len(whole)
            assert set(found) == whole
        assert await resource.list().count() == len(whole)
        assert await resource.list().limit(7).count() == 7


@pytest.mark.parametrize(("name", "path"), LISTS)
async def test_a_limit_asks_for_no_more_rows_than_it_needs(name, path):
    async with emulator(path, "own") as running, client(running) as halo:
        listing = getattr(halo, name).list
        assert len(await listing().limit(3).all()) == 3
        assert (await listing().first())["id"] == (await listing())[0]["id"]
        counts = [dict(request.query)["count"] for request in running.requests(f"GET {path}")]
        assert counts[:2] == ["3", "1"]
        assert len(counts) == 3


@pytest.mark.parametrize("variant", ["cut", "none"])
@pytest.mark.parametrize(("name", "path"), [("crm_note", "/CRMNote")])
async def test_a_first_page_cut_on_the_way_is_made_good_by_the_next(name, path, variant):
    async with emulator(path, variant, times=1) as running, client(running) as halo:
        found = await getattr(halo, name).list().all()
        assert {row["id"] for row in found} == held(running, path)


@pytest.mark.parametrize("times", [1, 2, 3])
async def test_a_page_of_the_feed_cut_on_the_way_loses_no_row(times):
    async with emulator("/Feed", "cut", times=times) as running, client(running) as halo:
        found = [row["id"] async for row in halo.feed.list(on_incomplete="warn")]
        assert set(found) == held(running, "/Feed")
        assert len(set(found)) == len(found)


async def test_the_feed_goes_on_below_what_the_caller_names():
    async with emulator("/Feed") as running, client(running) as halo:
        whole = sorted(held(running, "/Feed"))
        below = await halo.feed.list(older_than_id=whole[100]).all()
        assert sorted(row["id"] for row in below) == whole[:100]
        between = await halo.feed.list(older_than_id=whole[100], newer_than_id=whole[9]).all()
        assert sorted(row["id"] for row in between) == whole[10:100]


def crm_notes(total, *, cap=None, says=None, start=50):
    """A list that gives its first page whatever page is asked, or `count` rows up to `cap`."""

    def handler(query):
        count = int(query.get("count", start))
        rows = [{"id": total - at} for at in range(min(total, count, cap or total))]
        counted = len(rows) if says == OWN else total if says is None else says
        return {"record_count": counted, "actions": rows}

    sender = Sender(handler)
    return Resources(sender).crm_note, sender


def counts(sender: Sender) -> list[int]:
    return [int(query["count"]) for query in sender.queries]


async def test_after_a_thousand_rows_it_asks_for_the_total_and_whether_there_is_more():
    resource, sender = crm_notes(3500)
    pages = [page async for page in resource.list().by_page()]
    assert [len(page) for page in pages] == [1000, 2500]
    assert counts(sender) == [1000, 3500, 35000]


async def test_without_a_total_it_asks_for_ten_times_as_many():
    resource, sender = crm_notes(12_345, says=OWN)
    assert len({row.id for row in await resource.list().all()}) == 12_345
    assert counts(sender) == [1000, 10_000, 100_000, 1_000_000]


async def test_a_total_of_the_pages_own_length_is_believed_after_a_greater_count_brings_no_more():
    resource, sender = crm_notes(30, says=OWN)
    assert await resource.list().count() == 30
    assert counts(sender) == [1, 1000, 10_000]


async def test_an_empty_list_is_one_empty_page():
    resource, _ = crm_notes(0)
    assert [list(page) async for page in resource.list().by_page()] == [[]]
    assert await resource.list().count() == 0
    assert await resource.list().first() is None


async def test_rows_that_no_count_brings_are_told():
    resource, sender = crm_notes(230, cap=50)
    found = []
    with pytest.raises(IncompleteError, match="50 of 230 rows"):
        await collect(resource.list(), found)
    assert len(found) == 50
    assert len(sender.requests) == 2
    with pytest.warns(PaginationWarning, match="50 of 230 rows"):
        assert len(await resource.list(on_incomplete="warn").all()) == 50


async def test_the_rows_of_a_count_that_the_caller_names_are_one_request():
    resource, sender = crm_notes(30, says=OWN)
    assert len(await resource.list(count=7).all()) == 7
    assert counts(sender) == [7]


async def test_rows_without_an_id_are_given_as_often_as_they_are_there():
    rows = [{"note": "a"}, {"note": "a"}, {"note": "b"}]
    sender = Sender(lambda query: {"actions": rows})
    assert len(await Resources(sender).crm_note.list().all()) == 3


@settings(deadline=None, max_examples=examples(60))
@given(
    total=st.integers(0, 60) | st.integers(990, 12_000),
    says=st.sampled_from([None, OWN, 0]),
    cuts=st.lists(st.integers(0, 2000), max_size=1),
)
async def test_whatever_a_list_counts_it_is_whole_and_each_row_comes_once(total, says, cuts):
    cuts = list(cuts)

    def handler(query):
        rows = [{"id": at} for at in range(min(total, int(query["count"])))]
        if cuts:
            rows = rows[: cuts.pop()]
        counted = {OWN: len(rows), None: total}.get(says, says)
        return {"record_count": counted, "actions": rows}

    found = [row.id async for row in Resources(Sender(handler)).crm_note.list()]
    assert found == list(range(total))


def feed(handler):
    return Resources(Sender(handler)).feed


async def test_ids_that_do_not_fall_are_a_loop_of_which_the_rows_before_are_given():
    def handler(query):
        return {"record_count": 300, "feed": [{"id": at} for at in range(300, 250, -1)]}

    found = []
    with pytest.raises(PaginationLoopError, match="older_than_id=251"):
        await collect(feed(handler).list(), found)
    assert found == list(range(300, 250, -1))


async def test_a_feed_that_ends_before_its_total_is_told():
    def handler(query):
        rows = [] if "older_than_id" in query else [{"id": at} for at in range(300, 250, -1)]
        return {"record_count": 300, "feed": rows}

    with pytest.raises(IncompleteError, match="50 of 300 rows"):
        await feed(handler).list().all()


async def test_a_feed_without_ids_says_that_it_cannot_be_read_on():
    with pytest.raises(IncompleteError, match="have no number as id"):
        await feed(lambda query: {"record_count": 1, "feed": [{"text": "a"}]}).list().all()


def test_a_bound_that_is_no_number_is_refused_before_anything_is_sent():
    operation = Feed.list.operation
    with pytest.raises(InvalidRequestError, match="older_than_id is not a number"):
        paginator_of(operation, {"older_than_id": "soon"}, key_by_fields(("id",)))


async def test_pages_of_such_a_list_cannot_overlap():
    with pytest.raises(ValueError, match="Only a list read by page_no"):
        crm_notes(3)[0].list().overlapping()
