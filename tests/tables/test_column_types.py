"""Types of columns: the narrowest that holds every value."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async.models import Ticket, TicketSummary
from halo_async.tables.column_types import (
    BOOL,
    DECIMAL,
    FLOAT,
    INT,
    JSON,
    LONG,
    MIXED,
    NULL,
    STRUCT,
    TEXT,
    TIMESTAMP,
    WIDEST,
    ColumnType,
    Kind,
    joined,
    list_of,
    tamed,
)
from halo_async.tables.declared import DeclaredType, declared_columns
from halo_async.tables.schema import TableSchema
from halo_async.tables.seen import scan
from halo_async.tables.value_types import type_of

DECLARED = {"id": DeclaredType(INT), "at": DeclaredType(TIMESTAMP), "name": DeclaredType(TEXT)}
SIMPLE = st.sampled_from([NULL, BOOL, INT, LONG, DECIMAL, FLOAT, TIMESTAMP, TEXT, MIXED, JSON])
TYPES = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        inner.map(list_of),
        st.dictionaries(st.sampled_from("ab"), inner, max_size=2).map(
            lambda fields: ColumnType(Kind.STRUCT, tuple(sorted(fields.items())))
        ),
    ),
    max_leaves=4,
)


def lines(*rows: Any) -> list[bytes]:
    return [json.dumps(row, separators=(",", ":")).encode() for row in rows]


def same(one: ColumnType, other: ColumnType) -> bool:
    """Whether types are equal but for the order of fields."""
    if one.kind is Kind.STRUCT is other.kind:
        left, right = dict(one.fields), dict(other.fields)
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    if one.item is not None and other.item is not None:
        return same(one.item, other.item)
    return one == other


@given(TYPES, TYPES, TYPES)
def test_joining_is_the_same_in_every_order(one: ColumnType, two: ColumnType, three: ColumnType) -> None:
    results = [joined(joined(a, b), c) for a, b, c in permutations((one, two, three))]
    assert all(same(result, results[0]) for result in results)
    assert joined(results[0], one) == results[0]


@given(TYPES)
def test_a_schema_is_read_as_it_was_written(type: ColumnType) -> None:
    written = json.loads(json.dumps(type.to_json()))
    assert ColumnType.from_json(written).to_json() == written


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ([1, None], INT),
        ([1, 2.5], FLOAT),
        ([1, "x"], MIXED),
        ([True, 1], MIXED),
        ([2**63 - 1, -(2**63)], LONG),
        ([2**63, 1], DECIMAL),
        ([10**38], MIXED),
        ([0.5, 2**53 + 1], MIXED),
        ([0.5, 2**70], MIXED),
        ([{}, None], STRUCT),
        ([{}, []], JSON),
        ([{}, 1], MIXED),
        ([[1], [None, 2.5]], list_of(FLOAT)),
        ([{"a": 1}, {"b": [{"c": "x"}]}], None),
        ([json.loads("[" * 9 + "]" * 9)], JSON),
        ([{f"f{number}": 1 for number in range(WIDEST + 1)}], JSON),
    ],
)
def test_a_column_is_as_wide_as_its_widest_value(values: list[Any], type: ColumnType | None) -> None:
    found = scan(lines(*({"x": value} for value in values)), {}, nested=True).columns[0].type
    if type is None:
        assert str(found) == "struct<a: int64, b: list<struct<c: text>>>"
    else:
        assert found == type


def test_dates_are_dates_only_where_they_are_declared() -> None:
    rows = lines({"id": 1, "at": "2026-10-03T06:24:10", "name": "2026-10-03", "more": "2026-10-03"})
    assert [str(column.type) for column in scan(rows, DECLARED).columns] == [
        "int64",
        "timestamp[us, UTC]",
        "text",
        "text",
    ]


def test_the_report_says_which_column_is_wider_where_and_why() -> None:
    rows = lines(
        {"id": 1, "at": "2026-10-03", "n": [{"v": 1}]},
        {"id": 2, "at": "", "big": 2**70, "n": [{"v": 1.5}, {"v": "x"}]},
        {"id": "A3", "at": "soon", "big": 10**40, "n": []},
    )
    assert set(scan(rows, DECLARED, nested=True).widened) == {
        "at: timestamp[us, UTC] -> text (row A3: a string that is not a date)",
        "big: int64 -> text (row 2: an integer beyond 64 bits)",
        "id: int64 -> text (row A3: a string)",
        "n[].v: int64 -> text (row 2: a nested value of another type)",
    }


def test_what_becomes_known_of_a_column_is_not_reported() -> None:
    rows = lines({"id": None, "n": None}, {"id": 2**60, "n": 5}, {"n": 2.5, "o": {}}, {"o": {"a": 1}})
    assert scan(rows, DECLARED, nested=True).widened == ()


def test_a_record_class_declares_columns() -> None:
    declared = declared_columns(TicketSummary)
    assert [
        str(declared[name].type) for name in ("id", "dateoccurred", "child_ticket_ids", "customfields")
    ] == [
        "int64",
        "timestamp[us, UTC]",
        "list<int64>",
        "list<null>",
    ]
    item = declared["customfields"].item
    assert item is not None
    assert str(item.fields()["name"].type) == "text"


def test_a_nested_date_is_one_where_its_record_class_says_so() -> None:
    item = declared_columns(Ticket)["agent_time_metrics"]
    assert item.item is not None
    name = next(name for name, field in item.item.fields().items() if field.type is TIMESTAMP)
    assert type_of([{name: "2026-10-03T06:24:10"}], item) == list_of(
        ColumnType(Kind.STRUCT, ((name, TIMESTAMP),))
    )


def test_the_schema_of_a_table_is_json() -> None:
    made = scan(
        lines({"id": 1, "n": [{"Id": 1, "id": 2}], 'a"b': 2.5}), DECLARED, record="Faults", nested=True
    )
    read = TableSchema.from_json(json.loads(json.dumps(made.to_json())))
    assert read.to_json() == made.to_json()
    assert made.renamed == {'a"b': "a_b_b25a3e51"}
    assert [column["type"] for column in made.to_json()["columns"]][:3] == [
        "int64",
        "timestamp[us, UTC]",
        "text",
    ]
    with pytest.raises(ValueError, match="not the schema"):
        TableSchema.from_json({"columns": [{}]})


def test_an_object_with_few_fields_stays_what_it_is() -> None:
    type = ColumnType(Kind.STRUCT, tuple((f"f{number}", INT) for number in range(WIDEST)))
    assert tamed(type) is type
