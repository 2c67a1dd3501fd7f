"""Column types: Halo's where it names them and the values agree, else the widest of the values."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async.resources.reports.columns import ReportColumn, columns_of, type_of, widest


def one(*values: object, told: str | None = None) -> ReportColumn:
    described = [] if told is None else [{"name": "v", "data_type": told}]
    (column,) = columns_of([{"v": value} for value in values], described)
    return column


@pytest.mark.parametrize(
    ("values", "kind", "mixed"),
    [
        ((1, 2), int, False),
        ((1, 2.5), float, True),
        ((True, False), bool, False),
        ((True, 2), int, True),
        ((1, "x"), str, True),
        (("2024-01-31T10:00:00", "2024-02-01"), datetime, False),
        (("2024-01-31T10:00:00.1234567", ""), datetime, False),
        (("2024-01-31", "soon"), str, True),
        ((1, "2024-01-31"), str, True),
        (("", ""), str, False),
        ((None, None), str, False),
        (([1], {"a": 1}), str, False),
        ((2**70, 1), int, False),
    ],
)
def test_the_widest_of_the_values_counts_and_a_mixture_is_said(values, kind, mixed):
    column = one(*values)
    assert (column.type, column.mixed, column.known_from) == (kind, mixed, "values")


@pytest.mark.parametrize(
    ("told", "values", "kind"),
    [
        ("int", (1,), int),
        ("FLOAT", (1, 2.5), float),
        ("decimal(18,2)", (3,), float),
        ("bit", (1, 0), bool),
        ("nvarchar(50)", ("2024-01-31",), str),
        ("datetime2(7)", ("2024-01-31T00:00:00", None, ""), datetime),
        ("int", (None,), int),
        ("uniqueidentifier", ("a-b",), str),
    ],
)
def test_what_halo_says_counts_where_the_values_agree(told, values, kind):
    column = one(*values, told=told)
    assert (column.type, column.known_from, column.mixed) == (kind, "halo", False)


@pytest.mark.parametrize(
    ("told", "value", "kind"), [("int", "x", str), ("datetime", 5, int), ("moon", 5, int)]
)
def test_values_that_do_not_agree_count_more(told, value, kind):
    column = one(value, told=told)
    assert (column.type, column.known_from) == (kind, "values")


def test_a_column_may_be_missing_in_a_row():
    columns = columns_of([{"a": 1}, {"a": 2, "b": "x"}], None)
    assert [(column.name, column.nullable) for column in columns] == [("a", False), ("b", True)]


def test_without_rows_the_columns_are_those_that_halo_names():
    told = [{"name": "A", "data_type": "int"}, {"name": "B", "data_type": "bit", "hidden": True}, "odd", {}]
    assert columns_of([], told) == (ReportColumn("A", int, "halo"),)
    assert columns_of([], "nonsense") == ()


JSON = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.lists(st.integers())
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), JSON), max_size=8), st.one_of(st.none(), JSON))
def test_every_column_has_one_type_that_holds_all_its_values(rows, told):
    for column in columns_of(rows, told):
        kinds = {type_of(row[column.name]) for row in rows if row.get(column.name) not in (None, "")}
        assert column.type is widest({column.type, *kinds})
        assert column.mixed == (len(kinds) > 1)
