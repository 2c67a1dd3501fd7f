"""What holds for every JSON object."""

from __future__ import annotations

import pickle
from copy import deepcopy
from datetime import UTC, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_async._utils.dates import format_date, parse_date
from halo_async.errors import DecodeError
from halo_async.records.record import asdict, changes, wrap
from tests.support.shop import Order
from tests.support.shop_names import ORDER_NAMES

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
names = st.sampled_from([*ORDER_NAMES, "3rd_line", "shipped-at"]) | st.text(max_size=8)
rows = st.dictionaries(names, values, max_size=8)
FIELDS = ["self_" if name == "self" else name for name in ORDER_NAMES] + ["main_line"]


def read_everything(order: Order) -> None:
    for name in FIELDS:
        try:
            getattr(order, name)
        except (AttributeError, DecodeError):
            continue


@settings(deadline=None)
@given(rows)
def test_nothing_that_arrived_is_dropped_or_changed_by_reading(row):
    order = wrap(Order, deepcopy(row))
    read_everything(order)
    repr(order)
    assert asdict(order) == row
    assert changes(order) == {}
    assert list(asdict(order)) == list(row)


@settings(deadline=None)
@given(rows)
def test_pickling_and_equality_hold_whatever_was_read(row):
    untouched, read = wrap(Order, deepcopy(row)), wrap(Order, deepcopy(row))
    read_everything(read)
    assert read == untouched
    assert pickle.loads(pickle.dumps(read)) == untouched


@settings(deadline=None)
@given(st.integers(min_value=-(2**80), max_value=2**80))
def test_integers_of_any_size_stay_exact(number):
    order = wrap(Order, msgspec.json.decode(b'{"id": %d}' % number))
    assert order.id == number


@settings(deadline=None)
@given(st.datetimes(), st.integers(0, 7))
def test_date_texts_of_every_length_read_as_the_same_moment(moment, digits):
    fraction = f"{moment.microsecond:06d}0"[:digits]
    text = moment.replace(microsecond=0).isoformat() + (f".{fraction}" if digits else "")
    expected = moment.replace(microsecond=int(fraction.ljust(6, "0")[:6] or 0), tzinfo=UTC)
    assert parse_date(text) == expected


@settings(deadline=None)
@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.timezones()))
def test_dates_that_are_set_read_back_as_the_same_moment(moment):
    # compared in UTC: Python calls a moment in a repeated hour unequal to itself in another zone
    assert parse_date(format_date(moment)) == moment.astimezone(UTC)


@settings(deadline=None)
@given(st.sampled_from(["summary", "total", "tags", "self"]), values, rows)
def test_change_holds_exactly_what_was_set_by_the_name_in_json(name, value, row):
    order = wrap(Order, deepcopy(row))
    order[name] = value
    assert list(changes(order)) == [name]
    assert order[name] == value


@settings(deadline=None)
@given(values, rows)
def test_change_holds_exactly_what_was_set(value, row):
    order = wrap(Order, deepcopy(row))
    order.extra = value
    assert list(changes(order)) == ["extra"]
    assert order.extra == value
