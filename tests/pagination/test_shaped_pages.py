"""Lists whose later pages are decoded by the shape of the earlier ones: nothing but the speed differs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._operations.list_envelope import PageData
from halo_async._operations.response_decoding import row_maker
from halo_async.errors import DecodeError, PaginationLoopError
from halo_async.pagination.list_reading import list_reader
from halo_async.pagination.struct_decoding import StructPageDecoder
from halo_async.records.record import asdict
from tests.support.acme_halo.models import ParcelSummary
from tests.support.calls_kit import resources, respond
from tests.support.examples import examples

PAGE = 25


def wide_rows(count: int) -> list[dict[str, Any]]:
    return [
        {"id": n, "label": f"parcel {n}", "weight": 2**64 + n, "newer": {"n": [n]}}
        for n in range(1, count + 1)
    ]


def pages_of(rows: list[Any], **extra: Any) -> Any:
    """A handler that gives rows by pages, whatever they are."""

    def handler(query: dict[str, str]) -> Any:
        start = (int(query["page_no"]) - 1) * PAGE
        return {"record_count": len(rows), "parcels": rows[start : start + PAGE], **extra}

    return handler


def stands_over_a_row(record: Any) -> bool:
    return getattr(record, "__halo_row__", None) is not None


async def read(handler: Any, **how: Any) -> list[Any]:
    group, _ = resources(handler)
    pages = group.parcels.list(page_size=PAGE)
    return await (pages.prefetch(how["prefetch"]) if how else pages).all()


@pytest.mark.parametrize("how", [{}, {"prefetch": 4}])
async def test_later_pages_are_rows_and_hold_what_came(how):
    rows = wide_rows(10 * PAGE)
    records = await read(pages_of(rows), **how)
    assert {type(record) for record in records} == {ParcelSummary}
    assert [stands_over_a_row(record) for record in records[:PAGE]] == [False] * PAGE
    assert all(map(stands_over_a_row, records[-PAGE:]))
    assert [asdict(record) for record in records] == rows


async def test_short_lists_are_not_worth_a_shape():
    assert not any(map(stands_over_a_row, await read(pages_of(wide_rows(3 * PAGE)))))


async def test_a_bare_array_gets_a_shape_after_some_pages():
    rows = wide_rows(100 * 8 + 3)

    def handler(query: dict[str, str]) -> Any:
        start = (int(query["page_no"]) - 1) * 100
        return rows[start : start + 100]

    group, _ = resources(handler)
    records = await group.parcels.list().all()
    assert stands_over_a_row(records[-1])
    assert [asdict(record) for record in records] == rows


async def test_a_field_that_was_never_seen_arrives_and_belongs_to_the_shape_from_then_on():
    rows = wide_rows(12 * PAGE)
    rows[6 * PAGE + 3]["late"] = "x"
    rows[9 * PAGE]["late"] = "y"
    records = await read(pages_of(rows))
    assert records[6 * PAGE + 3].late == "x"
    assert stands_over_a_row(records[9 * PAGE])
    assert records[9 * PAGE].late == "y"
    assert not hasattr(records[9 * PAGE + 1], "late")
    assert [asdict(record) for record in records] == rows


async def test_lists_whose_pages_often_have_unseen_fields_stay_dicts():
    rows = wide_rows(14 * PAGE)
    for number in range(1, 14, 2):
        rows[number * PAGE][f"late_{number}"] = number
    records = await read(pages_of(rows))
    over_rows = [stands_over_a_row(record) for record in records[::PAGE]]
    assert over_rows == [False, False, True, *[False] * 11]
    assert [asdict(record) for record in records] == rows


async def test_rows_with_fields_in_an_order_of_their_own_stay_dicts():
    rows = [dict(reversed(row.items())) if row["id"] % 2 else row for row in wide_rows(8 * PAGE)]
    records = await read(pages_of(rows))
    assert not any(map(stands_over_a_row, records))
    assert [list(asdict(record)) for record in records] == [list(row) for row in rows]


@pytest.mark.parametrize("name", ["no-identifier", "__class__", "__dict__", ""])
async def test_rows_with_names_that_slots_cannot_have_stay_dicts(name):
    rows = [{**row, name: 1} for row in wide_rows(8 * PAGE)]
    records = await read(pages_of(rows))
    assert not any(map(stands_over_a_row, records))
    assert [asdict(record) for record in records] == rows


async def test_records_read_much_become_dicts_after_two_pages():
    group, _ = resources(pages_of([{f"f{n}": n for n in range(40)} | {"id": id} for id in range(12 * PAGE)]))
    over_rows = []
    async for page in group.parcels.list(page_size=PAGE).by_page():
        over_rows.append(stands_over_a_row(page[0]))
        for record in page:
            assert sum(getattr(record, f"f{n}") for n in range(40)) == sum(range(40))
    assert over_rows == [False, True, True, *[False] * 9]


async def test_records_whose_dicts_are_wanted_become_dicts_after_two_pages():
    group, _ = resources(pages_of([{f"f{n}": n for n in range(40)} | {"id": id} for id in range(12 * PAGE)]))
    over_rows = []
    async for page in group.parcels.list(page_size=PAGE).by_page():
        over_rows.append(stands_over_a_row(page[0]))
        assert len([asdict(record) for record in page]) == PAGE
    assert over_rows == [False, True, True, *[False] * 9]


async def test_records_read_little_stay_over_rows():
    group, _ = resources(pages_of(wide_rows(12 * PAGE)))
    over_rows = []
    async for page in group.parcels.list(page_size=PAGE).by_page():
        over_rows.append(stands_over_a_row(page[0]))
        assert [record.label for record in page] == [f"parcel {record.id}" for record in page]
    assert over_rows == [False, *[True] * 11]


async def test_fields_that_are_read_of_every_row_are_in_the_dicts_of_later_pages():
    group, _ = resources(pages_of(wide_rows(40 * PAGE)))
    held = []
    async for page in group.parcels.list(page_size=PAGE).by_page():
        held.append(sorted(page[1].__halo_dict__) if stands_over_a_row(page[1]) else None)
        assert [record.label for record in page] == [f"parcel {record.id}" for record in page]
    assert held == [None, [], *[["id", "label"]] * 38]


async def test_fields_that_are_read_no_more_are_left_out_after_a_while():
    group, _ = resources(pages_of(wide_rows(200 * PAGE)))
    number = 0
    async for page in group.parcels.list(page_size=PAGE).by_page():
        assert all(record.weight > record.id for record in page if number < 8)
        number += 1
    assert page[1].__halo_dict__ == {}
    assert page[1].weight == 2**64 + page[1].id


@pytest.mark.parametrize("kind", ["scalar", "nested"])
@pytest.mark.parametrize("ahead", [0, 3])
async def test_usual_fields_of_pages_of_an_earlier_shape_are_read_of_that_shape(ahead, kind):
    """Pages fetched ahead are of the shape before the one that is known when they are delivered."""
    rows = wide_rows(30 * PAGE)
    for number in range(10, 30):
        rows[number * PAGE + 2]["late"] = [number] if kind == "nested" else number
    group, _ = resources(pages_of(rows))
    seen: list[Any] = []
    async for page in group.parcels.list(page_size=PAGE).prefetch(ahead).by_page():
        seen += [(record.id, record.label, getattr(record, "late", None), record) for record in page]
    assert [(*values, asdict(record)) for *values, record in seen] == [
        (row["id"], row["label"], row.get("late"), row) for row in rows
    ]


@pytest.mark.parametrize("identity", ["id", "none"])
async def test_a_page_that_comes_again_is_a_loop_whatever_it_was_decoded_into(identity):
    rows = wide_rows(9 * PAGE)
    if identity == "none":
        rows = [{**row, "id": None} for row in rows]

    def handler(query: dict[str, str]) -> Any:
        number = int(query["page_no"])
        start = 0 if number == 6 else (number - 1) * PAGE
        return {"record_count": len(rows), "parcels": rows[start : start + PAGE]}

    with pytest.raises(PaginationLoopError, match="Page 6 is the same as page 1"):
        await read(handler)


async def test_rows_that_came_before_are_left_out_whatever_they_were_decoded_into():
    rows = wide_rows(9 * PAGE)
    again = rows[: 5 * PAGE] + rows[5 * PAGE - 1 : -1]
    group, _ = resources(pages_of(again))
    with pytest.warns(match="Rows were received again"):
        ids = [record.id for record in await group.parcels.list(page_size=PAGE, on_incomplete="warn").all()]
    assert ids == [row["id"] for row in rows[:-1]]


async def test_a_row_that_is_no_object_is_an_error_on_a_later_page_too():
    rows: list[Any] = wide_rows(9 * PAGE)
    rows[7 * PAGE + 1] = "x"
    with pytest.raises(DecodeError, match="as a row, got a string"):
        await read(pages_of(rows))


async def test_another_list_beside_the_rows_keeps_what_it_means():
    rows = wide_rows(8 * PAGE)
    group, _ = resources(pages_of(rows, others=[1, 2], columns=[{"id": 1}]))
    pages = [page async for page in group.parcels.list(page_size=PAGE).by_page()]
    assert {json.dumps(page.envelope, sort_keys=True) for page in pages} == {
        json.dumps({"columns": [{"id": 1}], "others": [1, 2], "record_count": 200})
    }
    assert [asdict(record) for page in pages for record in page] == rows


async def test_the_envelope_of_a_later_page_says_things_in_the_order_of_the_first():
    group, _ = resources(pages_of(wide_rows(9 * PAGE), page_no=1, agg=None))
    envelopes = [list(page.envelope) async for page in group.parcels.list(page_size=PAGE).by_page()]
    assert envelopes == [["record_count", "page_no", "agg"]] * 9


async def test_a_list_that_appears_beside_the_rows_of_a_later_page_is_as_unclear_as_ever():
    shaped = StructPageDecoder(list_reader(None), row_maker("Pages[Any]", __name__), lambda: ParcelSummary)
    rows = wide_rows(PAGE)
    shaped.read(respond({"record_count": 10 * PAGE, "parcels": rows, "others": None}))
    clear = shaped.read(respond({"record_count": 10 * PAGE, "parcels": rows, "others": None}))
    assert type(clear.rows[0]) is not dict
    with pytest.raises(DecodeError, match="Expected one list in the response"):
        shaped.read(respond({"record_count": 10 * PAGE, "parcels": rows, "others": [1]}))


leaves = st.none() | st.integers() | st.just(-(2**70)) | st.booleans() | st.text(max_size=3)
row_values = leaves | st.lists(leaves, max_size=2) | st.dictionaries(st.sampled_from(["id", "a"]), leaves)
row_names = st.sampled_from(["id", "label", "a", "b", "c", "from", "_d", "é"])
some_rows = st.lists(
    st.dictionaries(row_names, row_values, min_size=1, max_size=5) | st.none() | leaves, max_size=4
)
envelopes = st.dictionaries(
    st.sampled_from(["record_count", "page_no", "columns", "others"]), row_values | some_rows
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A response: mostly as the first pages were, else anything."""
    kind = draw(st.sampled_from(["like the first", "like the first", "rows", "bare", "anything", "broken"]))
    if kind == "like the first" and draw(st.booleans()):
        value: Any = [{"id": n, "label": "x", "a": draw(leaves)} for n in range(draw(st.integers(0, 3)))]
    elif kind == "like the first":
        wanted = draw(st.lists(st.sampled_from(["id", "label", "a"]), unique=True).map(sorted))
        rows = [{"id": n, "label": "x", "a": draw(leaves)} for n in range(draw(st.integers(0, 3)))]
        value: Any = {
            "record_count": 10_000,
            "parcels": [{n: row[n] for n in row if n in wanted} for row in rows],
        }
    elif kind == "bare":
        value = draw(some_rows)
    elif kind == "rows":
        value = {**draw(envelopes), draw(st.sampled_from(["parcels", "Parcels"])): draw(some_rows)}
    else:
        value = draw(row_values)
    body = json.dumps(value).encode()
    cut = draw(st.integers(0, len(body))) if kind == "broken" else len(body)
    return draw(st.sampled_from([b"", b"", b"\xef\xbb\xbf"])) + body[:cut]


def plainly(read: Any, body: bytes) -> Any:
    """What a response says, or the error that it is."""
    try:
        found: PageData = read(respond(body))
    except DecodeError as error:
        return type(error), str(error)
    rows = [row.__halo_object__() if hasattr(row, "__halo_object__") else row for row in found.rows]
    return rows, found.total, found.bare, found.key, dict(found.rest)


@settings(deadline=None, max_examples=examples(300))
@given(st.lists(bodies(), max_size=8), st.sampled_from(["parcels", None]), st.booleans())
def test_every_response_says_the_same_with_a_shape_and_without(later, key, bare):
    cls = type("Parcel", (ParcelSummary,), {"__module__": ParcelSummary.__module__, "__annotations__": {}})
    shaped = StructPageDecoder(list_reader(key), row_maker("Pages[Any]", __name__), lambda: cls)
    rows = [{"id": n, "label": "x", "a": None} for n in range(20)]
    first = json.dumps(rows if bare else {"record_count": 10_000, "parcels": rows}).encode()
    for body in [*[first] * 4, *later]:
        assert plainly(shaped.read, body) == plainly(list_reader(key), body)
