"""Lists and proxies as Arrow, polars and pandas: the same rows, the same guarantees, in bounded memory."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._operations.serialization import encode_json
from halo_async.errors import (
    CursorNotFoundError,
    DecodeError,
    IncompleteError,
    PaginationLoopError,
    SettingsError,
)
from halo_async.pagination.pages import PaginationWarning
from halo_async.tables import TableWarning, requirements
from tests.support.calls_kit import resources, respond, rows
from tests.support.examples import examples

pa = pytest.importorskip("pyarrow", reason="needs pyarrow")


def paged(held: list[Any], *, cap: int = 100, key: str | None = "parcels", counts: bool = True):
    """A well-behaved list of these rows; without a key a bare array of all."""

    def handler(query):
        if key is None:
            return held
        length = min(int(query.get("page_size", 50)), cap)
        start = (int(query.get("page_no", 1)) - 1) * length
        return {**({"record_count": len(held)} if counts else {}), key: held[start : start + length]}

    return handler


async def table_of(held: list[Any], **options: Any) -> Any:
    group, _ = resources(paged(held))
    return await group.parcels.list().to_arrow(**options)


async def test_every_row_of_every_page_is_in_the_table_once_and_in_order():
    group, sender = resources(paged(rows(717)))
    table = await group.parcels.list().to_arrow()
    assert table.to_pylist() == rows(717)
    assert len(sender.requests) == 8
    assert table.schema.metadata == {b"halo.record": b"ParcelSummary"}


@pytest.mark.parametrize("key", ["parcels", "Parcels", "other", None])
async def test_both_shapes_of_a_list_are_read(key):
    group, _ = resources(paged(rows(130), key=key))
    assert (await group.parcels.list(page_size=100).to_arrow())["id"].to_pylist() == list(range(1, 131))


async def test_a_list_without_rows_has_the_declared_columns():
    table = await table_of([])
    assert table.num_rows == 0
    assert table.schema.names == ["id", "label"]
    assert table.schema.types == [pa.int64(), pa.string()]
    group, _ = resources(paged([]))
    (batch,) = [batch async for batch in group.parcels.list().arrow_batches()]
    assert (batch.num_rows, batch.schema) == (0, table.schema)


async def test_values_are_exact():
    held = [
        {"id": 2**53 + 1, "weight": 0.1, "sent": "2026-12-31T23:59:59.9999999", "inside": [{"id": 1}]},
        {"id": 7, "label": "é", "sent": ""},
    ]
    table = await table_of(held)
    assert table["id"].to_pylist() == [2**53 + 1, 7]
    assert table["sent"].to_pylist() == ["2026-12-31T23:59:59.9999999", ""]  # no date, since none is declared
    assert table["inside"].to_pylist() == [[{"id": 1}], None]
    assert (await table_of(held, nested=False))["inside"].to_pylist() == ['[{"id": 1}]', None]


async def test_columns_are_read_alone_and_in_the_order_asked_for():
    held = [{"id": number, "label": "a", "more": {"x": [number]}} for number in range(1, 6)]
    group, sender = resources(paged(held))
    pages = group.parcels.list()
    table = await pages.to_arrow(columns=["more", "id", "more"])
    assert table.to_pylist() == [{"more": {"x": [number]}, "id": number} for number in range(1, 6)]
    assert table.schema.names == ["more", "id"]
    (batch,) = [batch async for batch in pages.arrow_batches(columns=["label"])]
    assert batch.to_pylist() == [{"label": "a"}] * 5
    assert set(sender.queries[0]) == {"pageinate", "page_no", "page_size"}  # Halo has no parameter for them


async def test_a_column_that_no_row_has_is_null_and_a_warning_says_so():
    group, _ = resources(paged(rows(3)))
    pages = group.parcels.list()
    expected = re.escape("parcels.list: no row has the field 'lable' (did you mean 'label'?).")
    with pytest.warns(TableWarning, match=expected) as seen:
        table = await pages.to_arrow(columns=["id", "lable"])
    assert seen[0].filename == __file__
    assert table.to_pylist() == [{"id": number, "lable": None} for number in (1, 2, 3)]
    with pytest.warns(TableWarning, match=expected):
        (batch,) = [batch async for batch in pages.arrow_batches(columns=["id", "lable"])]
    assert batch.schema.names == ["id", "lable"]


@pytest.mark.parametrize(
    ("columns", "error", "text"),
    [
        ("id", TypeError, "`columns` is one string. Pass a list: columns=['id']."),
        ([], ValueError, "`columns` is empty. Name a field, or leave it out for all."),
        (["id", 1], TypeError, "`columns` has 1, which is not the name of a field."),
    ],
)
async def test_wrong_columns_are_refused_before_a_request(columns, error, text):
    group, sender = resources(paged(rows(3)))
    for method in ("to_arrow", "to_polars", "to_pandas"):
        with pytest.raises(error, match=re.escape(text)):
            await getattr(group.parcels.list(), method)(columns=columns)
    with pytest.raises(error, match=re.escape(text)):
        group.parcels.list().arrow_batches(columns=columns)
    assert sender.requests == []


@pytest.mark.parametrize(("count", "error"), [(0, ValueError), (-1, ValueError), ("5", TypeError)])
async def test_a_wrong_length_of_batches_is_refused(count, error):
    group, _ = resources(paged(rows(3)))
    with pytest.raises(error):
        group.parcels.list().arrow_batches(count)


async def test_a_column_that_widens_says_so_and_has_every_value_as_it_came():
    held = [*rows(150), {"id": 2**70, "label": 5}, {"id": 152, "label": "6"}]
    group, _ = resources(paged(held))
    text = (
        "parcels.list: id: int64 -> decimal(38, 0) (row 1180591620717411303424: an integer beyond 64 bits)."
    )
    with pytest.warns(TableWarning, match=re.escape(text)):
        table = await group.parcels.list().to_arrow()
    assert table.schema.field("id").type == pa.decimal128(38, 0)
    assert table["id"].to_pylist() == [Decimal(row["id"]) for row in held]
    assert table["label"].to_pylist()[-3:] == ["parcel 150", "5", "6"]  # text, as it was declared
    assert json.loads(table.schema.metadata[b"halo.notes"]) == [text.removeprefix("parcels.list: ")[:-1]]


@pytest.mark.filterwarnings("ignore::halo_async.tables.TableWarning")
@pytest.mark.parametrize("plain", [0, 2**30])
async def test_rows_before_a_wider_one_are_made_again_from_what_came(plain, monkeypatch):
    from halo_async.tables import table_building

    monkeypatch.setattr(table_building, "_BLOCK", 1)  # a batch a page
    monkeypatch.setattr(table_building, "_PLAIN", plain)
    held = [{"id": number, "v": 1.50, "w": {"a": 1}} for number in range(1, 301)]
    body = json.dumps({"parcels": held}).replace("1.5", "1.50")
    body = body.replace('"v": 1.50, "w": {"a": 1}}]', '"v": "x", "w": 7}]')
    pages = [json.loads(body)["parcels"]]
    texts = body[body.index("[") + 1 : -2].split('}, {"id"')

    def handler(query):
        at = (int(query["page_no"]) - 1) * 100
        part = [text if number == 0 else '{"id"' + text for number, text in enumerate(texts)][at : at + 100]
        part = [text if text.count("{") == text.count("}") else text + "}" for text in part]
        return respond(f'{{"record_count":300,"parcels":[{",".join(part)}]}}'.encode())

    group, _ = resources(handler)
    table = await group.parcels.list().to_arrow()
    assert table["v"].to_pylist() == ["1.50"] * 299 + ["x"]
    assert table["w"].to_pylist() == ['{"a": 1}'] * 299 + ["7"]
    assert table["id"].to_pylist() == [row["id"] for row in pages[0]]


async def test_batches_have_so_many_rows_whatever_pages_have():
    group, _ = resources(paged(rows(717)))
    batches = [batch async for batch in group.parcels.list().arrow_batches(250)]
    assert [batch.num_rows for batch in batches] == [250, 250, 217]
    assert [row for batch in batches for row in batch.to_pylist()] == rows(717)
    whole, _ = resources(paged(rows(717), key=None))
    assert [b.num_rows async for b in whole.parcels.list_all().arrow_batches(250)] == [250, 250, 217]


async def test_later_batches_have_the_wider_columns():
    held = [*rows(200), {"id": 1.5, "label": "a", "late": True}]
    group, _ = resources(paged(held))
    with pytest.warns(TableWarning, match="id: int64 -> float64"):
        batches = [batch async for batch in group.parcels.list().arrow_batches(100)]
    assert [batch.schema.names for batch in batches] == [["id", "label"]] * 2 + [["id", "label", "late"]]
    assert batches[2].to_pylist() == [held[-1]]


async def test_batches_are_requested_as_they_are_read():
    group, sender = resources(paged(rows(100_000)))
    batches = group.parcels.list().arrow_batches(100)
    await anext(batches)
    assert len(sender.requests) <= 3
    await batches.aclose()


async def test_limit_prefetch_and_overlapping_hold_for_tables():
    group, sender = resources(paged(rows(717)))
    pages = group.parcels.list()
    assert (await pages.limit(150).to_arrow()).num_rows == 150
    assert len(sender.requests) == 2
    assert (await pages.prefetch(3).to_arrow())["id"].to_pylist() == list(range(1, 718))
    assert sender.most_open == 4
    assert (await pages.overlapping().to_arrow())["id"].to_pylist() == list(range(1, 718))
    assert (await pages.limit(0).to_arrow()).num_rows == 0


# The guarantees of lists -----------------------------------------------------------------------------


def shifted(query):
    """A row is inserted before the second page, and pushes the last row of the first onto it."""
    if query["page_no"] == "1":
        return {"record_count": 150, "parcels": rows(100)}
    return {"record_count": 151, "parcels": rows(51, start=100)}


async def test_repeated_rows_are_left_out():
    group, _ = resources(shifted)
    assert (await group.parcels.list().to_arrow())["id"].to_pylist() == list(range(1, 151))


@pytest.mark.parametrize("call", ["to_arrow", "to_polars", "to_pandas"])
async def test_lost_rows_are_noticed(call):
    pytest.importorskip({"to_arrow": "pyarrow"}.get(call, call.removeprefix("to_")))

    def deleted(query):
        first = query["page_no"] == "1"
        if query["page_no"] > "2":
            return {"record_count": 0, "parcels": []}
        return {"record_count": 150 if first else 149, "parcels": rows(100) if first else rows(49, start=102)}

    group, _ = resources(deleted)
    with pytest.raises(IncompleteError, match=r"parcels\.list: "):
        await getattr(group.parcels.list(), call)()
    with pytest.warns(PaginationWarning):
        table = await group.parcels.list(on_incomplete="warn").to_arrow()
    assert table.num_rows == 149


async def test_batches_before_an_error_are_delivered_and_then_it_is_raised():
    def broken(query):
        if query["page_no"] == "3":
            return respond(b"{")
        return {"record_count": 300, "parcels": rows(100, start=1 + 100 * (int(query["page_no"]) - 1))}

    group, _ = resources(broken)
    got: list[int] = []

    async def read() -> None:
        async for batch in group.parcels.list().arrow_batches(70):
            got.extend(batch["id"].to_pylist())

    with pytest.raises(DecodeError):
        await read()
    assert got == list(range(1, 201))


async def test_a_page_that_comes_again_is_an_error():
    group, _ = resources(lambda query: {"parcels": rows(50)})
    with pytest.raises(PaginationLoopError, match=r"parcels\.list: Page \d is the same"):
        await group.parcels.list(page_size=50).to_arrow()
    few, _ = resources(lambda query: {"parcels": [{"label": "a"}] * 5, "record_count": 10})
    with pytest.raises(PaginationLoopError):
        await few.parcels.list(page_size=5).to_arrow()


@pytest.mark.parametrize(
    "body", [b"", b"null", b'{"error": "no"}', b'{"a": [], "b": []}', b"[1", b"<html></html>", b'"x"']
)
async def test_what_is_no_list_is_the_same_error(body):
    group, _ = resources(lambda query: respond(body))
    with pytest.raises(DecodeError) as usual:
        await group.parcels.list().all()
    with pytest.raises(DecodeError, match=re.escape(str(usual.value))):
        await group.parcels.list().to_arrow()


async def test_rows_that_are_no_records_are_refused_where_records_are_declared():
    group, _ = resources(lambda query: [1, 2])
    with pytest.raises(DecodeError, match=r"Expected models\.ParcelSummary as a row, got a number"):
        await group.parcels.list_all().to_arrow()
    with pytest.warns(TableWarning, match="rows that are not objects"):
        table = await group.parcels.list_any().to_arrow()
    assert table.to_pylist() == [{"value": 1}, {"value": 2}]


async def test_rows_are_told_apart_by_the_fields_that_identify_them():
    stops = [{"parcel_id": parcel, "id": stop} for parcel in range(40) for stop in range(5)]

    def handler(query):
        start = (int(query["page_no"]) - 1) * 100
        return {"record_count": 200, "stops": stops[start : start + 100]}

    group, _ = resources(handler)
    assert (await group.parcels.list_stops().to_arrow()).to_pylist() == stops


async def test_every_state_of_a_changed_row_is_there_once():
    held = [{"id": number % 60, "moved": f"2026-01-01T00:00:{number % 50:02}"} for number in range(300)]
    distinct = len({tuple(row.values()) for row in held})
    group, _ = resources(paged(held, counts=False))
    pages = group.parcels.changed_since(datetime(2026, 1, 1, tzinfo=UTC), page_size=50)
    table = await pages.to_arrow()
    assert table.num_rows == len(await pages.all()) == distinct


async def test_odd_rows_are_in_the_table_and_noted():
    body = b'{"record_count":2,"parcels":[{"id":1,"label":"\\ud800"},{"id":2,"label":1e400}]}'
    group, _ = resources(lambda query: respond(body))
    with pytest.warns(
        TableWarning,
        match="label: the value of row 1 has a lone surrogate and .*; label: the value of row 2 has a number",
    ):
        table = await group.parcels.list().to_arrow()
    assert table["label"].to_pylist() == ["\\ud800", "1e400"]


async def test_a_cancelled_table_leaves_nothing_behind():
    group, sender = resources(paged(rows(100_000)))
    task = asyncio.ensure_future(group.parcels.list().prefetch(2).to_arrow())
    while len(sender.requests) < 20:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sender.open == 0
    assert asyncio.all_tasks() == {asyncio.current_task()}


ROWS = st.lists(
    st.dictionaries(
        st.sampled_from(["id", "label", "Label", "x"]),
        st.one_of(st.none(), st.booleans(), st.integers(-5, 2**65), st.text(max_size=3), st.floats(-9, 9)),
    ),
    max_size=40,
)


@pytest.mark.filterwarnings("ignore::halo_async.tables.TableWarning")
@settings(max_examples=examples(60), deadline=None)
@given(ROWS, st.integers(1, 12), st.booleans())
async def test_a_table_has_the_rows_that_the_list_has(held, size, counts):
    group, _ = resources(paged(held, counts=counts))
    pages = group.parcels.list(page_size=size)
    usual, error = None, None
    try:
        usual = await pages.all()
    except (IncompleteError, PaginationLoopError) as found:
        error = type(found)
    if error is not None:
        with pytest.raises(error):
            await pages.to_arrow()
        return
    table = await pages.to_arrow()
    assert table.num_rows == len(usual or ())
    labels = {
        (field.metadata or {}).get(b"halo.field", field.name.encode()).decode(): field.name
        for field in table.schema
    }
    for made, row in zip(table.to_pylist(), usual or (), strict=True):
        for name, value in json.loads(encode_json(row)).items():
            assert _same(made[labels[name]], value)


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, str) and not isinstance(value, str):
        return bool(json.loads(found) == value)
    return bool(found == value)


# Proxies ---------------------------------------------------------------------------------------------


async def test_a_proxy_is_a_table_of_the_values_that_came():
    def handler(query):
        number = int(query.get("nextLink", "0"))
        body = '{"value":[{"id":%d,"v":1.50},{"id":%d,"v":"a"}],"nextLink":%s}'
        return respond((body % (2 * number, 2 * number + 1, number + 1 if number < 3 else "null")).encode())

    group, _ = resources(handler)
    with pytest.warns(TableWarning):
        table = await group.integration_data.carriers.linked().to_arrow()
    assert table["id"].to_pylist() == list(range(8))
    assert table["v"].to_pylist() == ["1.50", "a"] * 4  # as it came, not as a decoder writes it


async def test_rows_of_a_proxy_are_found_where_the_list_finds_them():
    group, _ = resources(
        lambda query: {"a": {"b": rows(3)}, "c": [1]} if "offset" not in query else {"a": {"b": []}}
    )
    pages = group.integration_data.carriers.offset(rows_path="a.b")
    assert (await pages.to_arrow()).to_pylist() == rows(3)
    one, _ = resources(lambda query: {"id": 5})
    assert (await one.integration_data.carriers.linked().to_arrow()).to_pylist() == [{"id": 5}]


async def test_a_proxy_without_its_cursor_is_an_error():
    group, _ = resources(lambda query: {"value": rows(100)})
    with pytest.raises(CursorNotFoundError):
        await group.integration_data.carriers.linked().to_arrow()


# Data frames -----------------------------------------------------------------------------------------

HELD = [
    {"id": 1, "label": "a", "n": 2**53 + 1, "f": 0.1, "b": True, "s": [{"x": 1}]},
    {"id": None, "label": None, "n": None},
    {"id": 3, "f": 2.5, "b": False, "s": []},
]


def expected(name: str) -> list[Any]:
    return [row.get(name) for row in HELD]


async def test_a_data_frame_of_polars_has_every_value():
    polars = pytest.importorskip("polars", reason="needs polars")
    group, _ = resources(paged(HELD))
    frame = await group.parcels.list().to_polars()
    assert isinstance(frame, polars.DataFrame)
    assert {name: frame[name].to_list() for name in HELD[0]} == {name: expected(name) for name in HELD[0]}
    assert frame.schema["n"] == polars.Int64


async def test_a_data_frame_of_pandas_keeps_ids_beside_a_missing_one():
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    group, _ = resources(paged(HELD))
    frame = await group.parcels.list().to_pandas()
    assert isinstance(frame, pandas.DataFrame)
    assert str(frame.dtypes["id"]) == "int64[pyarrow]"
    for name in HELD[0]:
        found = [None if value is pandas.NA else value for value in frame[name].tolist()]
        assert found == expected(name)


async def test_duckdb_polars_and_pandas_take_a_table_without_a_copy():
    duckdb = pytest.importorskip("duckdb", reason="needs duckdb")
    polars = pytest.importorskip("polars", reason="needs polars")
    group, _ = resources(paged(rows(717)))
    parcels = await group.parcels.list().to_arrow()
    assert hasattr(parcels, "__arrow_c_stream__")
    (batch,) = [batch async for batch in group.parcels.list().arrow_batches()]
    assert hasattr(batch, "__arrow_c_array__")
    assert duckdb.sql("select count(*), sum(id) from parcels").fetchall() == [(717, 717 * 359)]
    frame = polars.DataFrame(parcels)
    assert frame["id"].sum() == 717 * 359
    assert _place(frame["id"].to_arrow()) == _place(parcels["id"].chunk(0))


def _place(array: Any) -> int:
    return int(array.buffers()[1].address)


@pytest.mark.parametrize(
    ("call", "missing", "text"),
    [
        ("to_arrow", "pyarrow", 'An Arrow table requires pyarrow. Run pip install "halo-async[arrow]".'),
        (
            "to_polars",
            "polars",
            'A data frame of polars requires polars. Run pip install "halo-async[polars]".',
        ),
        (
            "to_polars",
            "pyarrow",
            'A data frame of polars requires pyarrow. Run pip install "halo-async[polars]".',
        ),
        (
            "to_pandas",
            "pandas",
            'A data frame of pandas requires pandas. Run pip install "halo-async[pandas]".',
        ),
    ],
)
async def test_a_missing_library_is_named_before_a_request(call, missing, text, monkeypatch):
    for name in ("polars", "pandas"):
        pytest.importorskip(name, reason="needs polars and pandas")
    monkeypatch.setitem(sys.modules, missing, None)
    assert requirements.required("json", "", "")
    group, sender = resources(paged(rows(3)))
    with pytest.raises(SettingsError, match=re.escape(text)):
        await getattr(group.parcels.list(), call)()
    assert sender.requests == []


async def test_batches_without_pyarrow_are_refused(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    group, _ = resources(paged(rows(3)))
    with pytest.raises(SettingsError, match=r"halo-async\[arrow\]"):
        group.parcels.list().arrow_batches()
