"""Fingerprints of rows: the same for the same row, whatever it is made of, and different for another."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async.models import Ticket
from halo_async.records.record import wrap
from halo_async.writing.rows import digest


def named(value):
    ticket = Ticket(summary="x")
    ticket.custom["Asset tag"] = value
    return ticket


SAME = [
    (lambda: {"a": 1, "b": 2}, lambda: {"b": 2, "a": 1}),
    (lambda: Ticket(id=1, summary="x"), lambda: wrap(Ticket, {"summary": "x", "id": 1})),
    (lambda: Ticket(id=1, summary="x"), lambda: {"id": 1, "summary": "x"}),
    (lambda: named("A"), lambda: named("A")),
    (lambda: {"d": datetime(2026, 1, 2, tzinfo=UTC)}, lambda: {"d": datetime(2026, 1, 2, tzinfo=UTC)}),
]
OTHERS = [
    {"a": 1}, {"a": 2}, {"a": "1"}, {"a": None}, {},
    {"a": Decimal("1.0")}, {"a": b"x"}, {"a": b"y"}, {"a": float("nan")},
    named("A"), named("B"), Ticket(summary="x"), {"a": [1, 2]}, {"a": [2, 1]}, "text", "other", 5, {1: 2}, {1: 3},
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_row_has_the_same_fingerprint(one, other):
    assert digest(one()) == digest(other())


def test_other_rows_have_others():
    assert len({digest(row) for row in OTHERS}) == len(OTHERS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(row=st.dictionaries(st.text(), JSON, max_size=5), order=st.randoms())
def test_the_order_of_fields_never_matters(row, order):
    names = list(row)
    order.shuffle(names)
    assert digest(row) == digest({name: row[name] for name in names})
