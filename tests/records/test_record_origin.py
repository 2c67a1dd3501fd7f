"""What a record was when it came, whatever was set in it since."""

from __future__ import annotations

import copy
import pickle

from hypothesis import given
from hypothesis import strategies as st

from halo_async.records.change_tracking import baseline, original_value, was_loaded
from halo_async.records.record import asdict, changes, mark_saved, replace, wrap
from tests.support.shop import Order

NAMES = ["id", "summary", "new_field", "first_line", "lines"]
VALUES = {"first_line": st.just({"id": 3}), "lines": st.lists(st.just({"id": 4}), max_size=2)}
ROWS = st.fixed_dictionaries({}, optional={name: VALUES.get(name, st.integers()) for name in NAMES})


@given(row=ROWS, steps=st.lists(st.tuples(st.sampled_from(NAMES), st.booleans()), max_size=8))
def test_whatever_is_set_or_deleted_the_original_stays_known(row, steps):
    order = wrap(Order, copy.deepcopy(row))
    for name, delete in steps:
        if delete and name in order:
            del order[name]
        elif not delete:
            order[name] = {"id": 9} if name == "first_line" else [] if name == "lines" else 7
    assert original_value(order) == row
    assert was_loaded(order) is bool(row)
    assert original_value(pickle.loads(pickle.dumps(order))) == original_value(copy.copy(order)) == row


def test_what_is_set_in_a_nested_record_is_not_in_the_original():
    order = wrap(Order, {"id": 1, "lines": [{"id": 2, "text": "a"}]})
    order.lines[0]["text"] = "b"
    assert original_value(order) == {"id": 1, "lines": [{"id": 2, "text": "a"}]}
    assert changes(order) == {"lines": [{"id": 2, "text": "b"}]}


def test_a_record_made_here_came_from_nowhere():
    order = Order(id=1, summary="x")
    assert (original_value(order), was_loaded(order)) == ({}, False)
    assert was_loaded(replace(wrap(Order, {"id": 1}), id=2))
    assert not was_loaded(Order())


def test_a_deleted_field_is_no_change_and_is_still_known():
    order = wrap(Order, {"id": 1, "summary": "x"})
    del order.id
    assert changes(order) == {}
    assert asdict(order) == {"summary": "x"}
    order.id = 2
    assert (baseline(order, "id"), baseline(order, "summary"), baseline(order, "other")) == (1, "x", ...)


def test_after_a_save_what_was_saved_counts_as_come():
    order = wrap(Order, {"id": 1, "summary": "x"})
    order.summary = "y"
    mark_saved(order, changes(order))
    assert original_value(order) == {"id": 1, "summary": "y"}
