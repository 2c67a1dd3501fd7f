"""Following on through proxies: numbers, offsets, links and tokens."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._operations.serialization import encode_json
from halo_async.errors import CursorNotFoundError, DecodeError, PaginationLoopError
from halo_async.pagination import consistency
from halo_async.pagination.pages import PaginationWarning
from tests.support.calls_kit import SPELLINGS, collect, resources, rows
from tests.support.examples import examples


def nested(path, value):
    for name in reversed(path):
        value = {name: value}
    return value


def linked(pages, path=("nextLink",), *, parameter="nextLink", last=None):
    """Pages of three rows, each naming the next one by a URL that only Halo may follow."""

    def handler(query):
        token = query.get(parameter, "https://elsewhere.example/?page=0")
        number = int(token.rpartition("=")[2])
        following = f"https://elsewhere.example/?page={number + 1}" if number + 1 < pages else last
        return {"value": rows(3, start=1 + 3 * number), **nested(path, following)}

    return handler


@pytest.mark.parametrize("path", SPELLINGS)
async def test_link_is_found_under_its_own_name_and_known_spellings_and_goes_back_as_a_parameter(path):
    parameter = "continuationToken" if path == ("continuationToken",) else "nextLink"
    group, sender = resources(linked(5, path, parameter=parameter))
    ids = [row["id"] async for row in group.integration_data.carriers.linked()]
    assert ids == list(range(1, 16))
    assert len(sender.requests) == 5
    assert sender.queries[0] == {"doPaginate": "true"}
    assert sender.queries[1] == {"doPaginate": "true", parameter: "https://elsewhere.example/?page=1"}
    assert {request.path for request in sender.requests} == {"/IntegrationData/Get/Linked"}


async def test_only_a_page_with_others_is_compared_with_them(monkeypatch):
    compared = []
    monkeypatch.setattr(consistency, "encode_json", lambda row: compared.append(row) or encode_json(row))
    for pages, count in ((1, 0), (2, 6)):
        group, _ = resources(linked(pages))
        assert len(await group.integration_data.carriers.linked().all()) == 3 * pages
        assert len(compared) == count


@pytest.mark.parametrize("last", [None, "", False])
async def test_empty_continuation_is_the_end_even_of_a_full_page(last):
    group, sender = resources(lambda query: {"value": rows(100), "nextLink": last})
    assert len(await group.integration_data.carriers.linked().all()) == 100
    assert len(sender.requests) == 1


async def test_full_first_page_without_a_continuation_is_an_error_that_names_what_is_there():
    group, _ = resources(lambda query: {"value": rows(100), "odd": 1})
    ids = []
    with pytest.raises(CursorNotFoundError, match="odd"):
        await collect(group.integration_data.carriers.linked(), ids)
    assert len(ids) == 100
    with pytest.warns(PaginationWarning, match="odd"):
        await group.integration_data.carriers.linked(on_incomplete="warn").all()


async def test_short_first_page_without_a_continuation_is_the_end():
    group, _ = resources(lambda query: {"value": rows(3)})
    assert len(await group.integration_data.carriers.linked().all()) == 3


async def test_continuation_that_vanishes_on_a_later_page_is_the_end():
    group, _ = resources(
        lambda query: (
            {"value": rows(100, start=101)}
            if query.get("nextLink")
            else {"value": rows(100), "nextLink": "x"}
        )
    )
    assert len(await group.integration_data.carriers.linked().all()) == 200


async def test_f37_link_to_the_same_page_is_a_loop():
    group, sender = resources(lambda query: {"value": rows(3), "nextLink": "same"})
    with pytest.raises(PaginationLoopError):
        await group.integration_data.carriers.linked().all()
    assert len(sender.requests) == 2


async def test_f37_new_tokens_with_old_rows_are_a_loop():
    numbers = iter(range(1000))
    group, _ = resources(lambda query: {"value": rows(20), "nextLink": str(next(numbers))})
    with pytest.raises(PaginationLoopError):
        await group.integration_data.carriers.linked().all()


async def test_f37_cycle_of_tokens_is_a_loop_whatever_the_rows():
    starts = iter(range(1, 10**6, 10))
    tokens = {"": "a", "a": "b", "b": "c", "c": "a"}
    group, sender = resources(
        lambda query: {"value": rows(3, start=next(starts)), "nextLink": tokens[query.get("nextLink", "")]}
    )
    with pytest.raises(PaginationLoopError):
        await group.integration_data.carriers.linked(on_incomplete="warn").all()
    assert len(sender.requests) == 4


async def test_previous_link_is_not_the_next():
    group, sender = resources(
        lambda query: {"value": rows(3), "prev": {"nextLink": "back"}, "nextLink": None}
    )
    assert len(await group.integration_data.carriers.linked().all()) == 3
    assert len(sender.requests) == 1


def paged(pages, length):
    def handler(query):
        number = int(query.get("page", 1))
        return {"items": rows(length, start=1 + (number - 1) * length) if number <= pages else []}

    return handler


async def test_page_numbers_go_on_until_an_empty_page():
    group, sender = resources(paged(5, 10))
    assert len(await group.integration_data.carriers.paged().all()) == 50
    assert [query["page"] for query in sender.queries] == ["1", "2", "3", "4", "5", "6"]
    assert sender.queries[0]["paginate"] == "true"


async def test_offsets_count_the_rows_that_came_until_an_empty_page():
    held = rows(25)

    def handler(query):
        start = int(query.get("offset", 0))
        return held[start : start + 10]

    group, sender = resources(handler)
    assert len(await group.integration_data.carriers.offset(datatype="x").all()) == 25
    assert [query.get("offset") for query in sender.queries] == [None, "10", "20", "25"]


async def test_caller_may_start_further_on_or_turn_paging_off():
    group, sender = resources(paged(5, 10))
    carriers = group.integration_data.carriers
    assert len(await carriers.paged(page=4).all()) == 20
    assert len(await carriers.paged(paginate=False).all()) == 10
    assert sender.queries[-1]["paginate"] == "false"
    with pytest.raises(TypeError, match="page takes an int"):
        await carriers.paged(page="four")


async def test_f36_proxy_that_ignores_its_page_number_is_a_loop():
    group, sender = resources(lambda query: {"items": rows(10)})
    with pytest.raises(PaginationLoopError):
        await group.integration_data.carriers.paged().all()
    assert len(sender.requests) == 2


@pytest.mark.parametrize(
    ("whole", "delivered"),
    [
        ("", []),
        (None, []),
        ({}, []),
        ({"name": "one thing"}, [{"name": "one thing"}]),
        ({"a": [1], "b": [2]}, [{"a": [1], "b": [2]}]),
        ("text", ["text"]),
        (5, [5]),
    ],
)
async def test_response_that_is_no_list_comes_as_it_is(whole, delivered):
    group, sender = resources(lambda query: whole)
    assert await group.integration_data.carriers.paged().all() == delivered
    assert len(sender.requests) == 1


async def test_caller_may_say_where_rows_and_cursor_are():
    def handler(query):
        token = query.get("nextLink")
        return {
            "data": {"a": rows(3, start=4 if token else 1), "b": []},
            "odd": {"more": None if token else "t"},
        }

    group, sender = resources(handler)
    linked = group.integration_data.carriers.linked
    by_path = linked(rows_path="data.a", next_path="odd.more")
    assert [row["id"] async for row in by_path] == [1, 2, 3, 4, 5, 6]
    by_function = linked(
        rows_path=lambda whole: whole["data"]["a"], next_path=lambda whole: whole["odd"]["more"]
    )
    assert [row["id"] async for row in by_function.limit(4)] == [1, 2, 3, 4]
    with pytest.raises(DecodeError, match="data, odd"):
        await linked(rows_path="data.c")
    assert sender.queries[:2] == [{"doPaginate": "true"}, {"doPaginate": "true", "nextLink": "t"}]


async def test_what_steers_the_client_is_never_sent():
    group, sender = resources(lambda query: [{"id": 1}])
    carriers = group.integration_data.carriers
    await group.parcels.list(on_incomplete="warn").all()
    await carriers.odd(rows_path=lambda whole: whole, next_path="next", on_incomplete="warn").all()
    await carriers.odd(rows_path_="theirs").all()
    assert sender.queries == [
        {"pageinate": "true", "page_no": "1", "page_size": "100"},
        {},
        {"rows_path": "theirs"},
    ]
    sent = {parameter.name for parameter in carriers.odd.operation.parameters}
    assert sent == {"after", "rows_path"}


@pytest.mark.parametrize(("old", "new"), [("records", "rows_path"), ("continuation", "next_path")])
def test_earlier_name_of_a_place_is_refused_with_its_present_one(old, new):
    group, _ = resources(lambda query: [])
    with pytest.raises(TypeError, match=rf"no parameter '{old}'\. Did you mean '{new}'\?"):
        group.integration_data.carriers.linked(**{old: "data"})


def test_lists_have_nothing_to_find():
    group, _ = resources(lambda query: [])
    with pytest.raises(TypeError, match="no parameter 'rows_path'"):
        group.parcels.list(rows_path="x")


@settings(max_examples=examples(150), deadline=None)
@given(
    total=st.integers(0, 60),
    length=st.integers(1, 12),
    kind=st.sampled_from(["paged", "offset", "linked"]),
    path=st.sampled_from(SPELLINGS),
)
def test_every_row_of_a_proxy_comes_once(total, length, kind, path):
    held = rows(total)

    def handler(query):
        token = query.get("nextLink") or query.get("continuationToken")
        start = {
            "paged": (int(query.get("page", 1)) - 1) * length,
            "offset": int(query.get("offset", 0)),
            "linked": int(token or 0),
        }[kind]
        page = {"value": held[start : start + length]}
        following = str(start + length) if start + length < total else None
        return {**page, **nested(path, following)} if kind == "linked" else page

    async def read():
        group, _ = resources(handler)
        return [row["id"] async for row in getattr(group.integration_data.carriers, kind)()]

    assert asyncio.run(read()) == [row["id"] for row in held]


async def test_f37_old_rows_in_ever_new_combinations_are_a_loop():
    starts = iter([0, 10, 5, 3, 7, 2, 8, 1, 9, 4, 6])

    def handler(query):
        start = next(starts)
        return {"value": rows(20)[start : start + 10], "nextLink": str(start)}

    group, sender = resources(handler)
    with pytest.raises(PaginationLoopError, match="no new row"):
        await group.integration_data.carriers.linked().all()
    assert len(sender.requests) == 7


async def test_f37_empty_pages_that_go_on_for_ever_are_a_loop():
    numbers = iter(range(1, 1000))
    group, sender = resources(lambda query: {"value": [], "nextLink": str(next(numbers))})
    with pytest.raises(PaginationLoopError, match="no new row"):
        await group.integration_data.carriers.linked().all()
    assert len(sender.requests) == 5


async def test_empty_page_with_a_continuation_is_not_the_end():
    pages = {None: ([], "a"), "a": (rows(2), "b"), "b": ([], "c"), "c": (rows(1, start=3), None)}

    def handler(query):
        held, following = pages[query.get("nextLink")]
        return {"value": held, "nextLink": following}

    group, _ = resources(handler)
    assert [row["id"] async for row in group.integration_data.carriers.linked()] == [1, 2, 3]


async def test_short_page_by_number_is_not_the_end():
    lengths = {1: 10, 2: 7, 3: 10, 4: 0}
    group, sender = resources(lambda query: rows(lengths[int(query["page"])], start=100 * int(query["page"])))
    assert len(await group.integration_data.carriers.paged().all()) == 27
    assert len(sender.requests) == 4


async def test_short_last_page_that_comes_again_is_the_end():
    group, sender = resources(lambda query: rows(25)[10 * (min(int(query["page"]), 3) - 1) :][:10])
    assert len(await group.integration_data.carriers.paged().all()) == 25
    assert len(sender.requests) == 4


async def test_f36_full_page_that_comes_again_is_a_loop_wherever_it_is():
    group, _ = resources(lambda query: rows(20)[10 * (min(int(query["page"]), 2) - 1) :][:10])
    with pytest.raises(PaginationLoopError, match="Page 3 has the same rows as page 2"):
        await group.integration_data.carriers.paged().all()


@pytest.mark.parametrize(
    "wrapped", [{"data": {"items": rows(3), "total": 3}}, {"data": {"inner": {"x": rows(3)}}}]
)
async def test_one_list_is_found_deeper_down(wrapped):
    group, _ = resources(lambda query: wrapped)
    assert [row["id"] for row in await group.integration_data.carriers.linked().all()] == [1, 2, 3]


async def test_rows_are_where_the_declaration_says():
    response = {"result": {"found": rows(2), "hidden": rows(9)}, "messages": ["a", "b"]}
    group, _ = resources(lambda query: response if "offset" not in query else {"result": {"found": []}})
    assert [row["id"] for row in await group.integration_data.carriers.offset().all()] == [1, 2]


async def test_continuation_beside_several_lists_says_to_name_the_rows():
    group, _ = resources(lambda query: {"data": rows(3), "errors": [], "nextLink": "t"})
    with pytest.raises(CursorNotFoundError, match=r"data, errors, nextLink\. Name the list by rows_path="):
        await group.integration_data.carriers.linked().all()


async def test_mere_promise_of_more_is_no_end():
    group, _ = resources(lambda query: {"data": rows(3), "paging": {"has_next": True, "odd": "t"}})
    with pytest.raises(CursorNotFoundError, match="Name the cursor by next_path="):
        await group.integration_data.carriers.linked().all()
    group, _ = resources(lambda query: {"data": rows(100), "paging": {"has_next": False}})
    assert len(await group.integration_data.carriers.linked().all()) == 100


async def test_callers_continuation_works_where_pages_have_numbers_too():
    def handler(query):
        page = query.get("page")
        return {"items": rows(3, start=4 if page == "x" else 1), "more": "x" if page != "x" else None}

    group, sender = resources(handler)
    assert len(await group.integration_data.carriers.paged(next_path="more").all()) == 6
    assert [query["page"] for query in sender.queries] == ["1", "x"]


async def test_an_empty_body_is_not_an_empty_page_of_a_proxy():
    from halo_async.pagination.cursor_response import proxy_reader
    from halo_async.transport import Response

    with pytest.raises(DecodeError, match="empty"):
        proxy_reader()(Response(204, {}, b""))


async def test_a_page_without_a_list_is_no_end_where_those_before_had_one():
    def handler(query):
        number = int(query.get("page", 1))
        return "" if number == 3 else {"value": rows(3, start=number * 3)}

    group, _ = resources(handler)
    with pytest.raises(CursorNotFoundError, match="Page 3"):
        await group.integration_data.carriers.paged().all()
