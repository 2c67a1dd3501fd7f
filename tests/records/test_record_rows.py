"""Records over rows: whatever is done with them, they are what records over dicts are."""

from __future__ import annotations

import copy
import json
import pickle
import threading
import weakref
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._operations.serialization import encode_json
from halo_async.models import Ticket
from halo_async.records.change_tracking import baseline, original_value, was_loaded
from halo_async.records.read_fields import WatchedRow, can_be_written
from halo_async.records.record import asdict, changes, from_json, from_json_rows, is_set, replace
from halo_async.records.struct_rows import (
    FieldNames,
    PlainField,
    fit,
    let_read_rows,
    order_of,
    shape_of,
)
from tests.support.examples import examples
from tests.support.rows_kit import over_rows
from tests.support.shop import Order
from tests.support.shop_names import ORDER_NAMES

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(2**64)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.sampled_from(["2024-05-06T07:08:09", "2024-05-06", ""])
)
values = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "sku"]), inner, max_size=2)
    ),
)
NAMES = [*ORDER_NAMES, "from", "class", "_hidden", "newer", "reads", "copy"]
ATTRIBUTES = [*NAMES, "self_", "main_line", "nothing"]
rows = st.dictionaries(st.sampled_from(NAMES), values, max_size=12)


def outcome(do: Any, *arguments: Any) -> Any:
    """What comes of something, be it an error."""
    try:
        return do(*arguments)
    except Exception as error:
        return type(error), str(error)


def _set(record: Any, name: str, value: Any) -> None:
    setattr(record, name, value)


def _put(record: Any, name: str, value: Any) -> None:
    record[name] = value


def _delete(record: Any, name: str, value: Any) -> None:
    delattr(record, name)


def _take(record: Any, name: str, value: Any) -> None:
    del record[name]


STEPS = {
    "read": lambda record, name, value: repr(getattr(record, name)),
    "has": lambda record, name, value: hasattr(record, name),
    "item": lambda record, name, value: repr(record[name]),
    "in": lambda record, name, value: name in record,
    "is_set": lambda record, name, value: is_set(record, name),
    "set": _set,
    "put": _put,
    "delete": _delete,
    "take": _take,
    "asdict": lambda record, name, value: list(asdict(record).items()),
    "vars": lambda record, name, value: repr(vars(record)),
    "changes": lambda record, name, value: changes(record),
    "original": lambda record, name, value: (
        original_value(record),
        was_loaded(record),
        baseline(record, name),
    ),
    "repr": lambda record, name, value: repr(record),
    "copy": lambda record, name, value: asdict(copy.copy(record)),
    "deepcopy": lambda record, name, value: asdict(copy.deepcopy(record)),
    "pickle": lambda record, name, value: asdict(pickle.loads(pickle.dumps(record))),
    "replace": lambda record, name, value: changes(replace(record, summary=value)),
    "encode": lambda record, name, value: encode_json(record),
    "attrs": lambda record, name, value: repr(attrs.asdict(record)),
}
usual = st.sets(st.sampled_from(NAMES))
"""Fields that are read of every row, so that `__dict__` has them from the start."""
steps = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(ATTRIBUTES), leaves), max_size=8)


@settings(deadline=None, max_examples=examples(300))
@given(rows, usual, steps)
def test_no_sequence_of_uses_tells_whether_a_record_stands_over_a_row(row, read, taken):
    class Fresh(Order):  # its fields are prepared anew each time
        pass

    globals()["Fresh"] = Fresh  # where pickle looks
    Fresh.__qualname__ = "Fresh"
    if not row:
        return
    plain = from_json(Fresh, json.loads(json.dumps(row)))
    (over_row,) = over_rows(Fresh, [row], read=read)
    for what, name, value in taken:
        step = STEPS[what]
        assert outcome(step, over_row, name, value) == outcome(step, plain, name, value), what
    assert over_row == plain
    assert list(asdict(over_row).items()) == list(asdict(plain).items())


@settings(deadline=None)
@given(st.lists(rows.filter(bool), min_size=2, max_size=6), usual)
def test_rows_that_lack_fields_of_their_shape_do_not_get_them(found, read):
    names = tuple(dict.fromkeys(name for row in found for name in row))

    class Fresh(Order):
        pass

    for row, record in zip(found, over_rows(Fresh, found, names, read), strict=True):
        for name in NAMES:
            assert outcome(getattr, record, name) == outcome(getattr, from_json(Fresh, dict(row)), name)
        assert asdict(record) == row


def test_a_field_read_from_a_row_does_not_fill_the_dict():
    (ticket,) = over_rows(
        Ticket, [{"id": 1, "summary": "x", "dateoccurred": "2024-05-06T07:08:09", "newer": 2**70}]
    )
    assert (ticket.id, ticket.summary, ticket.newer, ticket.user_name) == (1, "x", 2**70, None)
    assert ticket.dateoccurred.year == 2024
    assert ticket.__halo_dict__ == {}
    assert ticket["summary"] == "x"
    assert ticket.__halo_dict__ == asdict(ticket)
    assert ticket.__halo_row__ is None


def test_the_dict_is_filled_from_the_row_although_it_has_the_usual_fields():
    (ticket,) = over_rows(Ticket, [{"id": 1, "summary": "x", "details": "y"}], read={"summary"})
    assert ticket.__halo_dict__ == {"summary": "x"}
    assert (ticket.id, ticket.details) == (1, "y")
    assert ticket.__halo_dict__ == {"summary": "x"}
    ticket.summary = "z"
    assert changes(ticket) == {"summary": "z"}
    assert asdict(ticket) == {"id": 1, "summary": "z", "details": "y"}


@pytest.mark.parametrize("name", ["class", "None", "\N{LATIN SMALL LIGATURE FI}", "a b", "é"])
def test_names_that_source_code_cannot_have_are_not_written_into_it(name):
    assert not can_be_written(name)


def test_a_class_reads_as_before_once_rows_were_read_by_it():
    class Fresh(Order):
        pass

    before_that = {name: outcome(getattr, Fresh, name) for name in ATTRIBUTES}
    attributes = attrs.fields(Fresh)
    over_rows(Fresh, [dict.fromkeys(NAMES)])
    assert isinstance(vars(Fresh)["summary"], PlainField)
    assert {name: outcome(getattr, Fresh, name) for name in ATTRIBUTES} == before_that
    assert attrs.fields(Fresh) == attributes


def test_what_one_of_many_threads_sets_stays_set_while_all_fill_the_dict():
    for _ in range(200):
        (ticket,) = over_rows(Ticket, [{"id": 1, "summary": "x", "details": "y"}])
        start = threading.Barrier(4)
        seen: list[Any] = []

        def use(number: int, ticket: Any = ticket, start: Any = start, seen: Any = seen) -> None:
            start.wait()
            seen.append(ticket.details)
            ticket[f"own_{number}"] = number

        threads = [threading.Thread(target=use, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == ["y"] * 4
        assert asdict(ticket) == {"id": 1, "summary": "x", "details": "y"} | {f"own_{n}": n for n in range(4)}


def test_the_values_of_a_row_are_let_go_of_with_the_record():
    class Value(dict):
        """Can be watched."""

    (ticket,) = over_rows(Ticket, [{"id": 1, "details": "x"}])
    value = Value()
    ticket.__halo_row__.details = value
    gone = weakref.ref(value)
    del ticket, value
    assert gone() is None


def test_a_watched_row_knows_what_is_read_of_it():
    row = shape_of(FieldNames(("id", "summary", "reads"))).decode(b'[{"id":1,"summary":"x","reads":7}]')[0][0]
    watched = WatchedRow(row)
    assert let_read_rows(Ticket, ("id", "summary", "reads"))
    (ticket,) = from_json_rows(Ticket, [watched])
    assert (ticket.id, ticket.reads) == (1, 7)
    assert (watched.__halo_reads__, watched.__halo_whole__) == ({"id", "reads"}, False)
    assert asdict(ticket) == {"id": 1, "summary": "x", "reads": 7}
    assert watched.__halo_whole__


@pytest.mark.parametrize(
    ("found", "order"),
    [
        ([{"a": 1, "b": 2}, {"a": 1}], ("a", "b")),
        ([{"a": 1, "c": 2}, {"a": 1, "b": 2}], ("a", "c", "b")),
        ([{"b": 1, "c": 2}, {"a": 1, "b": 2}], ("a", "b", "c")),
        ([{"a": 1, "b": 2}, {"b": 1, "a": 2}], None),
        ([{"a": 1}, {}], ("a",)),
    ],
)
def test_the_order_of_fields_is_the_one_in_which_all_rows_have_them(found, order):
    assert order_of(found) == order


def test_an_order_known_is_kept_and_extended():
    assert order_of([{"a": 1, "x": 2, "c": 3}], ("a", "b", "c")) == ("a", "x", "b", "c")


@pytest.mark.parametrize("name", ["no-identifier", "", "3rd", "__class__", "__dict__", "a b"])
def test_names_that_slots_cannot_have_do_not_fit(name):
    assert not fit(["id", name])


identifiers = st.from_regex(r"[^\W\d]\w{0,6}", fullmatch=True) | st.sampled_from(
    ["None", "class", "self", "_", "_1"]
)


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=3) | identifiers, leaves, min_size=1, max_size=6))
def test_whatever_names_fit_become_slots(row):
    class Fresh(Order):
        pass

    if fit(row):
        (record,) = over_rows(Fresh, [row])
        assert [getattr(record, name) for name in row if name not in ATTRIBUTES] == [
            value for name, value in row.items() if name not in ATTRIBUTES
        ]
        assert asdict(record) == row


def test_a_class_whose_attribute_is_something_else_does_not_read_rows_of_that_name():
    assert not let_read_rows(Ticket, ("id", "custom"))
    assert fit(["id", "custom"])
