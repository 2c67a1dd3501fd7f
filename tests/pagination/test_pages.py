"""Pages over both list shapes: what is asked, what is delivered, when it stops."""

from __future__ import annotations

import asyncio
import json

import pytest

from halo_async._operations.serialization import encode_json
from halo_async.errors import DecodeError, IncompleteError, InvalidRequestError, PaginationLoopError
from halo_async.pagination import consistency
from halo_async.pagination.pages import PaginationWarning
from tests.support.acme_halo.models import ParcelSummary
from tests.support.calls_kit import collect, resources, respond, rows


def server(total, *, cap=100, count=lambda total: total, key="parcels", extra=None):
    """A well-behaved list of `total` rows with a cap."""
    held = rows(total)

    def handler(query):
        length = min(int(query.get("page_size", 50)), cap)
        start = (int(query.get("page_no", 1)) - 1) * length
        page = held[start : start + length]
        return {"record_count": count(total) if page else 0, key: page, **(extra or {})}

    return handler


async def test_every_row_of_every_page_comes_once_and_in_order():
    group, sender = resources(server(717))
    ids = [row.id async for row in group.parcels.list(page_size=500)]
    assert ids == list(range(1, 718))
    assert len(sender.requests) == 8
    assert sender.queries[1] == {"pageinate": "true", "page_no": "2", "page_size": "500"}


@pytest.mark.parametrize(("total", "requests"), [(0, 1), (1, 1), (99, 1), (100, 1), (101, 2), (200, 2)])
async def test_no_trailing_request_when_the_total_is_known(total, requests):
    group, sender = resources(server(total))
    assert len(await group.parcels.list().all()) == total
    assert len(sender.requests) == requests


async def test_awaiting_gives_the_first_page_with_its_total():
    group, sender = resources(server(250, extra={"columns": [{"id": 1}], "page_no": 1}))
    page = await group.parcels.list()
    assert (len(page), page.record_count, page.rows) == (100, 250, page)
    assert type(page[0]) is ParcelSummary
    assert page.envelope == {"record_count": 250, "columns": [{"id": 1}], "page_no": 1}
    assert len(sender.requests) == 1


async def test_pages_come_one_by_one():
    group, _ = resources(server(250))
    assert [len(page) async for page in group.parcels.list().by_page()] == [100, 100, 50]


async def test_each_loop_over_the_same_pages_starts_anew():
    group, _ = resources(server(150))
    pages = group.parcels.list()
    assert [row.id async for row in pages] == [row.id async for row in pages]


@pytest.mark.parametrize(
    ("limit", "requests", "size"), [(0, 0, None), (5, 1, "5"), (100, 1, "100"), (150, 2, "100")]
)
async def test_limit_bounds_rows_and_requests(limit, requests, size):
    group, sender = resources(server(717))
    ids = [row.id async for row in group.parcels.list().limit(limit)]
    assert ids == list(range(1, limit + 1))
    assert len(sender.requests) == requests
    assert not requests or sender.queries[0]["page_size"] == size


@pytest.fixture
def compared(monkeypatch):
    """The rows of which a fingerprint was taken, or whose ids were looked at to compare them."""
    found = []
    monkeypatch.setattr(consistency, "encode_json", lambda row: found.append(row) or encode_json(row))
    monkeypatch.setattr(
        consistency.ConsistencyCheck, "new", lambda check, rows, *_: found.extend(rows) or rows
    )
    return found


@pytest.mark.parametrize("total", [1, 7, 49])
async def test_a_list_of_one_page_is_compared_with_nothing(compared, total):
    group, _ = resources(server(total))
    assert len(await group.parcels.list().all()) == total
    assert len(await group.parcels.list()) == total
    whole, _ = resources(lambda query: rows(total))  # a bare array
    assert len(await whole.parcels.list().all()) == total
    assert compared == []


async def test_nor_is_a_page_behind_which_nothing_is_requested(compared):
    group, _ = resources(server(717))
    assert (await group.parcels.list().first()).id == 1
    assert len(await group.parcels.list().limit(5).all()) == 5
    assert compared == []


async def test_a_small_first_page_of_several_is_compared_as_it_came(compared):
    group, _ = resources(server(8))
    async for page in group.parcels.list(page_size=4).by_page():
        for row in page:
            row["id"] = 5  # what is done with its rows changes nothing
    assert len(compared) == 16


async def test_first_and_count_ask_for_one_row():
    group, sender = resources(server(717))
    assert (await group.parcels.list().first()).id == 1
    assert await group.parcels.list().count() == 717
    assert await group.parcels.list().limit(10).count() == 10
    assert [query["page_size"] for query in sender.queries] == ["1", "1", "1"]


async def test_first_of_an_empty_list_is_none_and_its_count_zero():
    group, _ = resources(server(0))
    assert await group.parcels.list().first() is None
    assert await group.parcels.list().count() == 0


async def test_count_reads_the_rows_where_the_instance_does_not_count():
    group, _ = resources(server(120, count=lambda total: None))
    assert await group.parcels.list().count() == 120
    group, sender = resources(lambda query: rows(30))
    assert await group.parcels.list().count() == 30
    assert len(sender.requests) == 1
    group, sender = resources(lambda query: rows(1))
    assert await group.parcels.list_all().count() == 1
    assert len(sender.requests) == 1


async def test_bare_array_is_one_request():
    group, sender = resources(lambda query: rows(2))
    assert len(await group.parcels.list().all()) == 2
    assert len(sender.requests) == 1


@pytest.mark.parametrize("length", [50, 100])
async def test_bare_array_as_long_as_a_page_is_asked_once_more_and_taken_as_the_whole(length):
    group, sender = resources(lambda query: rows(length))
    assert len(await group.parcels.list().all()) == length
    assert len(sender.requests) == 2


async def test_envelope_that_ignores_paging_is_accepted_as_the_whole():
    group, sender = resources(lambda query: {"record_count": 3676, "parcels": rows(3676)})
    assert len(await group.parcels.list().all()) == 3676
    assert len(sender.requests) == 1
    group, sender = resources(lambda query: {"parcels": rows(3676)})
    assert len(await group.parcels.list().all()) == 3676
    assert len(sender.requests) == 1


async def test_list_that_is_not_paged_adds_nothing_to_the_query():
    group, sender = resources(lambda query: rows(3))
    assert len(await group.parcels.list_all().all()) == 3
    assert sender.queries == [{}]


async def test_caller_may_turn_paging_off_or_ask_for_the_first_rows_only():
    group, sender = resources(lambda query: rows(3))
    await group.parcels.list(pageinate=False).all()
    await group.parcels.list(count=3).all()
    assert sender.queries == [{"pageinate": "false"}, {"count": "3"}]


async def test_caller_may_start_at_a_later_page():
    group, sender = resources(server(250))
    assert [row.id async for row in group.parcels.list(page_no=2)] == list(range(101, 251))
    assert [query["page_no"] for query in sender.queries] == ["2", "3"]
    with pytest.raises(InvalidRequestError):
        await group.parcels.list(page_no=0)


async def test_f36_page_that_comes_again_is_a_loop_after_two_requests():
    group, sender = resources(lambda query: {"record_count": 500, "parcels": rows(100)})
    seen = []
    with pytest.raises(PaginationLoopError, match=r"parcels\.list: Page 2 is the same as page 1"):
        await collect(group.parcels.list(), seen)
    assert seen == list(range(1, 101))
    assert len(sender.requests) == 2


async def test_pages_of_rows_without_ids_are_told_by_their_content():
    pages = {1: [{"id": 0, "label": str(n)} for n in range(100)], 2: [{"id": 0, "label": "x"}]}
    group, _ = resources(lambda query: {"record_count": 101, "parcels": pages[int(query["page_no"])]})
    assert len(await group.parcels.list().all()) == 101


@pytest.mark.parametrize(
    "count", [lambda total: None, lambda total: "soon", lambda total: -1, lambda total: 130]
)
async def test_f41_total_that_is_missing_or_wrong_does_not_end_the_list_early(count):
    group, _ = resources(server(250, count=count))
    assert len(await group.parcels.list().all()) == 250


async def test_f41_total_given_as_text_is_a_total():
    group, sender = resources(server(200, count=str))
    assert len(await group.parcels.list().all()) == 200
    assert len(sender.requests) == 2


async def test_fewer_rows_than_counted_is_an_error_that_says_how_many():
    group, _ = resources(server(250, count=lambda total: 300))
    seen = []
    with pytest.raises(IncompleteError, match="250 of 300 rows"):
        await collect(group.parcels.list(), seen)
    assert len(seen) == 250


async def test_fewer_rows_than_counted_is_a_warning_if_the_caller_says_so():
    group, _ = resources(server(250, count=lambda total: 300))
    with pytest.warns(PaginationWarning, match="250 of 300 rows"):
        assert len(await group.parcels.list(on_incomplete="warn").all()) == 250
    with pytest.raises(ValueError, match="raise"):
        group.parcels.list(on_incomplete="ignore")


async def test_f07_page_that_was_cut_is_read_once_more():
    whole, cut = server(250), {"2"}

    def handler(query):
        page = whole(query)
        if query["page_no"] in cut:
            cut.discard(query["page_no"])
            page["parcels"] = page["parcels"][:60]
        return page

    group, sender = resources(handler)
    assert [row.id async for row in group.parcels.list()] == list(range(1, 251))
    assert len(sender.requests) == 4


async def test_rows_added_at_the_end_while_reading_come_too():
    held = rows(200)

    def handler(query):
        number = int(query["page_no"])
        if number == 2:
            held.extend(rows(10, start=201) if len(held) == 200 else [])
        return {"record_count": len(held), "parcels": held[(number - 1) * 100 : number * 100]}

    group, _ = resources(handler)
    assert len(await group.parcels.list().all()) == 210


@pytest.mark.parametrize(
    "envelope",
    [
        {"record_count": 1, "columns": [{"id": 9}], "folders": [{"id": 8}], "parcels": [{"id": 1}]},
        {"record_count": 1, "columns": [{"id": 9}], "Parcels": [{"id": 1}]},
        {"record_count": 1, "columns": [{"id": 9}], "boxes": [{"id": 1}]},
    ],
)
async def test_f11_rows_are_found_by_their_key_and_never_in_a_sidecar(envelope):
    group, _ = resources(lambda query: envelope)
    assert [row.id for row in await group.parcels.list().all()] == [1]


@pytest.mark.parametrize(
    "body",
    [
        {"record_count": 3, "columns": [{"id": 9}]},
        {"record_count": 3, "boxes": [{"id": 1}], "crates": [{"id": 1}]},
        {"error": "x"},
        {},
        None,
        "",
        7,
    ],
)
async def test_response_that_is_no_list_is_an_error(body):
    group, _ = resources(
        lambda query: dict(body) if isinstance(body, dict) else respond(json.dumps(body).encode())
    )
    with pytest.raises(DecodeError):
        await group.parcels.list()


async def test_empty_list_may_be_left_out_of_its_envelope():
    group, _ = resources(lambda query: {"record_count": 0, "columns": []})
    assert await group.parcels.list().all() == []


async def test_row_that_is_no_object_is_an_error_where_records_are_declared():
    group, _ = resources(lambda query: [{"id": 1}, "x"])
    with pytest.raises(DecodeError, match=r"Expected models\.ParcelSummary as a row, got a string"):
        await group.parcels.list()
    assert await group.parcels.list_any() == [{"id": 1}, "x"]


def test_plain_loop_says_to_use_async_for():
    group, _ = resources(server(1))
    with pytest.raises(TypeError, match="async for"):
        list(group.parcels.list())
    assert repr(group.parcels.list()) == "<Pages of parcels.list>"


@pytest.mark.parametrize("past_the_end", ["counted", "0"])
async def test_rows_that_went_and_came_around_a_page_read_again_are_told_if_counted(past_the_end):
    """The page is empty, since three rows went, and read again when three others have come elsewhere."""
    held = rows(301)
    empty = []

    def handler(query):
        start = (int(query["page_no"]) - 1) * 100
        if start == 300 and not empty:
            empty.append(1)
            del held[:3]
            page, total = held[start:], 0 if past_the_end == "0" else len(held)
            held[:0] = rows(3, start=1000)
        else:
            page, total = held[start : start + 100], len(held)
        return {"record_count": total, "parcels": page}

    group, _ = resources(handler)
    if past_the_end == "0":  # stands instead of a page too, after which the page comes whole
        assert [row.id for row in await group.parcels.list().all()] == list(range(1, 302))
        return
    with pytest.raises(IncompleteError, match="The total decreased"):
        await group.parcels.list().all()


async def test_prefetch_keeps_the_order_and_the_number_of_requests():
    group, sender = resources(server(1717))
    ids = [row.id async for row in group.parcels.list().prefetch(4)]
    assert ids == list(range(1, 1718))
    assert len(sender.requests) == 18
    assert 2 <= sender.most_open <= 5


async def test_prefetch_asks_for_no_page_beyond_the_limit():
    group, sender = resources(server(5000))
    assert len(await group.parcels.list().prefetch(8).limit(250).all()) == 250
    assert len(sender.requests) == 3


async def test_leaving_a_prefetching_loop_cancels_what_is_in_flight():
    before = asyncio.all_tasks()
    group, sender = resources(server(5000))
    async for page in group.parcels.list().prefetch(4).by_page():
        if page[0].id == 101:
            break
    del page
    for _ in range(10):
        await asyncio.sleep(0)
    assert asyncio.all_tasks() == before
    assert sender.open == 0
    assert len(sender.requests) <= 7


async def test_cancelling_a_prefetching_task_leaves_nothing_behind():
    group, sender = resources(server(5000))
    before = asyncio.all_tasks()
    task = asyncio.create_task(group.parcels.list().prefetch(4).all())
    for _ in range(9):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert asyncio.all_tasks() == before
    assert sender.open == 0


async def test_error_of_a_prefetched_page_comes_at_its_turn():
    whole = server(1000)

    def handler(query):
        if query["page_no"] == "4":
            raise DecodeError("cut")
        return whole(query)

    group, sender = resources(handler)
    seen = []
    with pytest.raises(DecodeError, match="cut"):
        await collect(group.parcels.list().prefetch(3), seen)
    assert seen == list(range(1, 301))
    assert sender.open == 0


async def test_many_tasks_may_read_the_same_pages():
    group, _ = resources(server(350))
    pages = group.parcels.list()
    results = await asyncio.gather(*(pages.all() for _ in range(20)))
    assert all([row.id for row in result] == list(range(1, 351)) for result in results)


@pytest.mark.parametrize("wrong", [lambda pages: pages.limit(-1), lambda pages: pages.prefetch(-1)])
def test_negative_numbers_are_refused(wrong):
    group, _ = resources(server(1))
    with pytest.raises(ValueError, match="0 or more"):
        wrong(group.parcels.list())
