"""Rows to Arrow: the quick way and the careful one say the same, and no value is lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from halo_async._utils.dates import parse_date
from halo_async._utils.lenient import JsonText, decode_row
from halo_async.tables.column_types import BOOL, FLOAT, INT, TEXT, TIMESTAMP, ColumnType
from halo_async.tables.declared import DeclaredColumns, DeclaredType
from tests.support.examples import examples

pa = pytest.importorskip("pyarrow", reason="needs pyarrow")

from halo_async.tables.arrow_builder import ArrowBuilder  # noqa: E402 - needs pyarrow
from halo_async.tables.arrow_casts import cast_anyway  # noqa: E402
from halo_async.tables.arrow_dates import timestamps  # noqa: E402
from halo_async.tables.arrow_types import table_schema  # noqa: E402
from halo_async.tables.values import MisfitError, labelled  # noqa: E402

DECLARED: DeclaredColumns = {
    "id": DeclaredType(INT),
    "at": DeclaredType(TIMESTAMP),
    "name": DeclaredType(TEXT),
    "open": DeclaredType(BOOL),
    "cost": DeclaredType(FLOAT),
}
DATES = st.one_of(
    st.datetimes().map(lambda at: at.isoformat()),
    st.datetimes().map(lambda at: at.isoformat(timespec="microseconds") + "9"),
    st.datetimes().map(lambda at: at.isoformat(timespec="milliseconds") + "Z"),
    st.sampled_from(
        [
            "",
            "0001-01-01T00:00:00",
            "0000-01-01T00:00:00",
            "9999-12-31T23:59:59.9999999",
            "2026-12-31T23:59:59.9999999Z",
            "1899-12-30",
            "2026-10-03Z",
            "2026-10-03T06:24Z",
            "2026-10-03T06:24:10.123456789",
            "2026-10-03T06:24:10+02:00",
            "0001-01-01T00:00:00+02:00",
            "2026-10-03T06:24:10ZZ",
            "2026-W40-6",
            "soon",
        ]
    ),
)
RAW_DATES = DATES.map(json.dumps)
NUMBERS = st.one_of(
    st.integers(-5, 5).map(str),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from(
        ["-0", "0.10", "1E+2", "1.0", "1e400", "9" * 39, "9" * 400, str(2**53), str(2**53 + 1), str(2**63)]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)
TEXTS = st.one_of(
    st.text(st.sampled_from("ab\r\n\t\"'\\\0é😀"), max_size=3).map(json.dumps), st.just(r'"\ud800"')
)
SCALARS = st.one_of(NUMBERS, TEXTS, RAW_DATES, st.sampled_from(["null", "true", "false"]))


def as_object(fields: dict[str, str]) -> str:
    return "{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in fields.items()) + "}"


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=2).map(lambda items: f"[{','.join(items)}]"),
        st.dictionaries(st.sampled_from(["a", "A", "", 'q"']), inner, max_size=2).map(as_object),
    ),
    max_leaves=4,
)
ALIKE: dict[str, st.SearchStrategy[str]] = {
    "id": st.integers(1, 9).map(str),
    "at": RAW_DATES,
    "name": TEXTS,
    "open": st.sampled_from(["true", "false", "null"]),
    "cost": st.sampled_from(["1", "2.5", "null", "1e3"]),
    "nested": st.sampled_from(["[]", '[{"a":1}]', '[{"a":null},null]', "null"]),
    "late": st.sampled_from(["{}", "null", '{"x":{"y":1.5}}']),
}
NAMES = st.sampled_from([*ALIKE, "ID", "n", "", "n\n"])
USUAL = st.fixed_dictionaries(
    {"id": ALIKE["id"]}, optional={name: values for name, values in ALIKE.items() if name != "id"}
).map(as_object)
ODD = st.dictionaries(NAMES, VALUES, max_size=4).map(as_object)
BLOCKS = st.lists(
    st.lists(st.one_of(USUAL, USUAL, ODD, SCALARS), min_size=1, max_size=4), min_size=1, max_size=4
)


def tables(blocks: list[list[bytes]], quick: bool, **options: Any) -> tuple[Any, ArrowBuilder]:
    """All rows as one table, built block by block, and again where a column became wider."""
    builder = ArrowBuilder(DECLARED, **options)
    if not quick:
        builder._quickly = lambda *_: None  # type: ignore[method-assign]
    made = [builder.add(rows) for rows in blocks]
    for at, rows in enumerate(blocks):
        fitting = builder.fits(made[at])
        made[at] = builder.add(rows) if fitting is None else fitting
    return pa.Table.from_batches(made, builder.arrow_schema), builder


def moments(text: str) -> datetime | None:
    return parse_date(text)


def says(cell: Any, value: Any, type: ColumnType) -> bool:
    """Whether a cell of a column says what a row said."""
    if value is None or (value == "" and cell is None):
        return cell is None
    if isinstance(cell, datetime):
        return cell == moments(value)
    if isinstance(cell, dict):
        return len(type.fields) == len(cell) and all(
            says(cell[label], value.get(name), item) for label, name, item in labelled(type)
        )
    if isinstance(cell, list):
        assert type.item is not None
        return len(cell) == len(value) and all(
            says(item, sent, type.item) for item, sent in zip(cell, value, strict=True)
        )
    if isinstance(cell, str) and not isinstance(value, str):
        return cell == value if isinstance(value, JsonText) else bool(decode_row(cell.encode()) == value)
    if isinstance(cell, Decimal):
        return int(cell) == value
    return bool(cell == value) and isinstance(cell, bool) is isinstance(value, bool)


@settings(max_examples=examples(50), deadline=None)
@given(BLOCKS)
@example([['{"id":1,"at":"2026-10-03T06:24:10.1234567"}'], ['{"id":2,"at":"x"}']])
@example([['{"id":9007199254740993}'], ['{"id":0.5}']])
@example([['{"cost":1}'], ['{"cost":9007199254740993}']])
@example([['{"late":{}}'], ['{"late":{"x":1}}']])
@example([["null"], ['{"id":1}']])
@example([['{"late":{},"mixed":1}', '{"mixed":"x"}'], ['{"late":{"a":0}}']])
@example([['{"n":-0,"cost":-0}']])
def test_the_quick_way_and_the_careful_one_are_the_same(blocks: list[list[str]]) -> None:
    given_rows = [[row.encode() for row in rows] for rows in blocks]
    quick, builder = tables(given_rows, True)
    careful, other = tables(given_rows, False)
    assert quick.schema.equals(careful.schema, check_metadata=True)
    assert quick.equals(careful)
    assert set(builder.schema.columns) == set(other.schema.columns)
    for row, cells in zip((row for rows in given_rows for row in rows), quick.to_pylist(), strict=True):
        sent = decode_row(row)
        sent = sent if isinstance(sent, dict) else {"value": sent}
        for column in builder.schema.columns:
            assert says(cells[column.name], sent.get(column.original), column.type), (sent, cells)
    assert table_schema(builder.arrow_schema).names == builder.schema.names


@given(st.lists(DATES, max_size=3), st.booleans())
def test_dates_in_c_are_those_of_the_library(texts: list[str], never: bool) -> None:
    try:
        found = timestamps(pa.array(texts, pa.string()), never_as_null=never).to_pylist()
    except MisfitError:
        return
    assert [None if at is None else at.replace(tzinfo=UTC) for at in found] == [
        None if never and at is not None and at.date().isoformat() in NEVER else at
        for at in map(parse_date, texts)
    ]


NEVER = {"0001-01-01", "1899-12-30", "1900-01-01", "9999-12-31"}


@pytest.mark.parametrize(
    "text", ["2026-10-03T06:24:10", "2026-10-03T06:24:10.1234567", "2026-10-03T06:24:10.123Z"]
)
def test_the_dates_that_come_are_converted_in_c(text: str) -> None:
    (found,) = timestamps(pa.array([text])).to_pylist()
    assert found == parse_date(text)


def test_seven_digits_are_cut_and_never_dates_stay() -> None:
    texts = [
        "2026-12-31T23:59:59.9999999",
        "0001-01-01T00:00:00",
        "1899-12-30T00:00:00",
        "9999-12-31T23:59:59.9999999",
    ]
    rows = [json.dumps({"at": text}).encode() for text in texts]
    (batch,) = tables([rows], True)[0].to_batches()
    assert batch["at"].to_pylist() == list(map(parse_date, texts))
    assert batch["at"].to_pylist()[0] == datetime(2027, 1, 1, tzinfo=UTC) - timedelta(microseconds=1)
    (batch,) = tables([rows], True, never_as_null=True)[0].to_batches()
    assert batch["at"].null_count == 3
    (batch,) = tables([rows], False, never_as_null=True)[0].to_batches()
    assert batch["at"].null_count == 3


@pytest.fixture
def builder() -> ArrowBuilder:
    return ArrowBuilder(DECLARED)


def test_rows_of_known_types_are_looked_at_once(
    builder: ArrowBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [b'{"id":1,"at":"2026-10-03T06:24:10","mixed":[{"a":1},{"a":"x"}],"more":2.5}'] * 500
    builder.add(rows)
    monkeypatch.setattr(builder, "_carefully", None)
    monkeypatch.setattr(builder._seen, "add", None)
    assert builder.add(rows).num_rows == 500


def test_columns_are_chosen() -> None:
    row = b'{"id":1,"at":"2026-10-03","new":[{"a":1}],"other":{}}'
    batch = ArrowBuilder(DECLARED, columns=["new", "at", "gone"]).add([row])
    assert batch.to_pylist() == [{"at": datetime(2026, 10, 3, tzinfo=UTC), "new": [{"a": 1}]}]


def test_fields_of_nested_objects_in_chosen_columns_are_all_there() -> None:
    builder = ArrowBuilder({}, columns=["n"])
    builder.add([b'{"n":{"a":1}}'])
    assert builder.add([b'{"n":{"a":2,"b":3},"m":4}']).to_pylist() == [{"n": {"a": 2, "b": 3}}]


def test_nested_values_can_stay_json_text() -> None:
    batch = ArrowBuilder(DECLARED, nested=False).add([b'{"id":1,"n":[{"a":1.0}],"o":{}}'])
    assert batch.select(["n", "o"]).to_pylist() == [{"n": '[{"a":1.0}]', "o": "{}"}]


def test_named_values_become_columns() -> None:
    row = {"id": 1, "customfields": [{"id": 7, "name": "CFfloor", "value": "3rd"}, {"id": 8}]}
    batch = ArrowBuilder(DECLARED, flatten=["customfields"]).add(
        [json.dumps(row, separators=(",", ":")).encode()]
    )
    assert batch["customfields.CFfloor"].to_pylist() == ["3rd"]


def test_what_cannot_be_built_again_is_written_anew() -> None:
    old = pa.table(
        {
            "at": pa.array([datetime(2026, 10, 3, tzinfo=UTC)]),
            "n": pa.array([{"a": [1]}]),
            "x": pa.array([1.5]),
        }
    )
    wanted = pa.schema([("at", pa.string()), ("n", pa.string()), ("x", pa.string()), ("y", pa.int64())])
    assert cast_anyway(old, wanted).to_pylist() == [
        {"at": "2026-10-03T00:00:00.000000Z", "n": '{"a":[1]}', "x": "1.5", "y": None}
    ]
