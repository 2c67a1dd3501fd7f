"""Columns: from the surface, from what was seen, wide enough for every value (F56)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from halo_async._utils.lenient import made_up
from halo_async.export.columns import ColumnType, ExportColumn, batches, converter, joined, scan, surface_of
from halo_async.export.names import resolve_names
from halo_async.export.schema_evolution import REST, folded_labels

SURFACE = {"id": ColumnType.INT, "name": ColumnType.TEXT, "open": ColumnType.BOOL}


def rows(*values: Any) -> list[bytes]:
    return [json.dumps(value).encode() for value in values]


def kinds(*values: Any) -> dict[str, ColumnType]:
    return {column.name: column.kind for column in scan(rows(*values), SURFACE).columns}


def test_the_surfaces_columns_come_first_and_new_ones_as_they_turned_up() -> None:
    found = scan(rows({"new": 1, "id": 1}, {"id": 2, "newer": "x"}), SURFACE)
    assert found.names == ("id", "name", "open", "new", "newer")
    assert found.added == ("new", "newer")
    assert [column.name for column in found.columns if not column.seen] == ["name", "open"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, 2], ColumnType.INT),
        ([1, None], ColumnType.INT),
        ([None], ColumnType.NONE),
        ([1, 2.5], ColumnType.FLOAT),
        ([2.5, 1], ColumnType.FLOAT),
        ([1, "x"], ColumnType.TEXT),
        ([True, 1], ColumnType.TEXT),
        ([{}, []], ColumnType.JSON),
        ([{}, 1], ColumnType.TEXT),
        ([2**63 - 1, -(2**63)], ColumnType.INT),
        ([2**63], ColumnType.TEXT),
        ([2**70, 1], ColumnType.TEXT),
        ([0.5, 2**53 + 1], ColumnType.TEXT),
        ([2**53 + 1, 0.5], ColumnType.TEXT),
    ],
)
def test_f56_a_column_is_as_wide_as_its_widest_value(values: list[Any], kind: ColumnType) -> None:
    assert kinds(*({"x": value} for value in values))["x"] is kind


def test_f56_widening_is_found_across_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    values = [{"x": 2**53 + 1}] + [{"x": 1}] * 3000 + [{"x": 0.5}]
    (column,) = scan(rows(*values), {}).columns
    assert column == ExportColumn("x", ColumnType.TEXT, expected=False, plain=False, large=True)


def test_f56_a_type_other_than_the_surfaces_is_reported() -> None:
    found = scan(rows({"id": "A1", "name": 5, "open": True}), SURFACE)
    assert found.widened == ("id: int -> text",)
    assert found.columns[0].kind is ColumnType.TEXT


@pytest.mark.parametrize("one", ColumnType)
@pytest.mark.parametrize("other", ColumnType)
def test_joining_is_the_same_both_ways(one: ColumnType, other: ColumnType) -> None:
    assert joined(one, other) is joined(other, one)
    assert joined(joined(one, other), one) is joined(one, other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("x", "x"),
        (5, "5"),
        (True, "true"),
        ({"a": [1, "é"]}, '{"a":[1,"é"]}'),
        (2**70, str(2**70)),
        ([2**70], f"[{2**70}]"),
    ],
)
def test_what_becomes_text_loses_nothing(value: Any, text: str | None) -> None:
    assert converter(ColumnType.TEXT)(value) == text


def test_named_values_become_columns_and_their_list_stays() -> None:
    row = {"id": 1, "customfields": [{"id": 7, "name": "CFfloor", "value": "3rd"}, {"id": 8}, "odd"]}
    ((made,),) = batches(rows(row), ["customfields"])
    assert made == {**row, "customfields.CFfloor": "3rd"}


def test_rows_that_are_no_objects_have_one_column() -> None:
    assert scan(rows(1, 2), {}).names == ("value",)


def test_names_that_differ_only_in_case_are_told_apart() -> None:
    names = ["id", "Id", "ID", "id_2", "Name", "name"]
    labels = folded_labels([], names)
    assert labels == ["id", made_up("Id"), made_up("ID"), "id_2", "Name", made_up("name")]
    assert folded_labels(labels, names) == labels
    assert folded_labels(labels, names[::-1]) == labels[::-1]
    assert folded_labels(["Name"], ["name"]) == [made_up("name")]


def test_no_other_field_gets_into_a_column_whose_name_was_made_up() -> None:
    labels = folded_labels([], ["id", "Id"])
    (other,) = folded_labels(labels, [made_up("Id")])
    assert other not in labels
    assert folded_labels([], ["Id", made_up("Id")]) == [made_up("Id"), other]


@pytest.mark.parametrize("name", ["", "a\0b", "\0", REST, "ID", REST.upper()])
def test_a_name_that_no_column_can_have_gets_another_one(name: str) -> None:
    (label,) = folded_labels([], [name])
    assert label
    assert "\0" not in label
    assert label.lower() not in {"id", REST}
    assert folded_labels([label], [name]) == [label]


def test_the_surface_knows_a_lists_fields_by_their_names_in_json() -> None:
    (tickets,) = resolve_names(["tickets"])
    surface = surface_of(tickets)
    assert (surface["id"], surface["summary"], surface["dateoccurred"]) == (
        ColumnType.INT,
        ColumnType.TEXT,
        ColumnType.TEXT,
    )
    assert surface["additional_agents"] is ColumnType.JSON
    assert surface_of(resolve_names(["feed"])[0]) == {}
