"""Reading and setting the fields of records."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from halo_async._utils import dates
from halo_async.errors import DecodeError
from halo_async.records.record import asdict, changes, wrap
from tests.support.shop import Order, OrderLine, RushOrder


def test_decoded_object_becomes_the_record_itself():
    row = {"id": 1, "summary": "x", "brand_new": [1, {"a": None}]}
    order = wrap(Order, row)
    assert order.__dict__ is row
    assert (order.id, order.summary, order["brand_new"]) == (1, "x", [1, {"a": None}])


def test_nullable_field_that_did_not_come_reads_as_none():
    order = wrap(Order, {})
    assert order.summary is None
    assert order.datetime is None
    assert order.lines is None
    assert order.self_ is None


@pytest.mark.parametrize("name", ["id", "created", "main_line"])
def test_field_that_is_never_null_raises_attribute_error_when_it_did_not_come(name):
    with pytest.raises(AttributeError, match=name):
        getattr(wrap(Order, {}), name)
    assert not hasattr(wrap(Order, {}), name)


def test_null_that_came_is_told_from_absence():
    order = wrap(Order, {"summary": None})
    assert "summary" in order
    assert "total" not in order
    assert order.summary is order.total is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-06T07:08:09", datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)),
        ("2024-05-06T07:08:09.1", datetime(2024, 5, 6, 7, 8, 9, 100_000, tzinfo=UTC)),
        ("2024-05-06T07:08:09.1234567", datetime(2024, 5, 6, 7, 8, 9, 123_456, tzinfo=UTC)),
        ("2024-05-06T07:08:09.12Z", datetime(2024, 5, 6, 7, 8, 9, 120_000, tzinfo=UTC)),
        ("2024-05-06T07:08:09+02:00", datetime(2024, 5, 6, 5, 8, 9, tzinfo=UTC)),
        ("2024-05-06", datetime(2024, 5, 6, tzinfo=UTC)),
        ("0001-01-01T00:00:00", datetime(1, 1, 1, tzinfo=UTC)),
        ("1900-01-01T00:00:00", datetime(1900, 1, 1, tzinfo=UTC)),
        ("", None),
    ],
)
def test_date_reads_as_aware_utc_and_keeps_its_text(text, moment):
    order = wrap(Order, {"datetime": text, "shipped-at": text})
    assert order.datetime == order.shipped == moment
    assert moment is None or order.datetime.tzinfo is UTC
    assert order["datetime"] == text
    assert asdict(order) == {"datetime": text, "shipped-at": text}


def test_date_that_is_read_again_is_not_parsed_again():
    order = wrap(Order, {"datetime": "2024-05-06T07:08:09.777", "shipped-at": "2024-05-06T07:08:09.777"})
    assert order.datetime is order.datetime is order.shipped


def test_dates_that_were_parsed_are_not_kept_for_ever():
    for number in range(3_000):
        order = wrap(Order, {"datetime": f"2024-05-06T07:08:09.{number:07}"})
        assert order.datetime.microsecond == number // 10
    assert len(dates._MOMENTS) <= dates._MOST_MOMENTS


def test_date_of_the_year_one_with_an_eastern_offset_is_read_as_it_stands():
    order = wrap(Order, {"datetime": "0001-01-01T00:00:00+05:00"})
    assert order.datetime == datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2024, 5, 6, 7, 8, 9), "2024-05-06T07:08:09Z"),
        (datetime(2024, 5, 6, 7, 8, 9, 5, tzinfo=UTC), "2024-05-06T07:08:09.000005Z"),
        (datetime(2024, 5, 6, 7, tzinfo=timezone(timedelta(hours=-3))), "2024-05-06T10:00:00Z"),
        (date(2024, 5, 6), "2024-05-06T00:00:00Z"),
        ("2024-05-06T07:08:09.1", "2024-05-06T07:08:09.1"),
        (None, None),
    ],
)
def test_date_that_is_set_is_kept_as_the_text_that_halo_reads(value, text):
    assert asdict(Order(datetime=value)) == {"datetime": text}


def test_nested_objects_are_wrapped_in_place_on_first_reading():
    order = wrap(Order, {"first_line": {"id": 7}, "lines": [{"id": 8, "parts": [{"id": 9}]}, None]})
    assert isinstance(order.first_line, OrderLine)
    assert order.first_line is order.first_line
    assert order.lines[0].parts[0].id == 9
    assert order.lines[1] is None


def test_records_of_other_modules_that_name_each_other_in_circles_are_found():
    line = wrap(OrderLine, {"order": {"lines": [{"order": {"id": 3}}]}})
    assert line.order.lines[0].order.id == 3


def test_lists_of_lists_mappings_and_dates_convert():
    order = wrap(
        Order, {"grid": [[{"id": 1}], []], "by_code": {"a": {"id": 2}}, "holidays": ["2024-05-06", ""]}
    )
    assert order.grid[0][0].id == 1
    assert order.by_code["a"].id == 2
    assert order.holidays == (datetime(2024, 5, 6, tzinfo=UTC), None)


def test_nested_value_reads_the_same_by_key_before_and_after_wrapping():
    order = wrap(Order, {"lines": [{"id": 1}], "3rd_line": {"id": 2}})
    assert order["lines"] is order.lines
    assert order["3rd_line"].id == order.main_line.id == 2


@pytest.mark.parametrize(
    ("name", "bad"),
    [("datetime", 5), ("datetime", "yesterday"), ("lines", {"id": 1}), ("lines", [1]), ("first_line", "x")],
)
def test_wrong_type_spoils_only_its_own_field_and_only_when_read(name, bad):
    order = wrap(Order, {"id": 1, name: bad})
    assert order.id == 1
    assert order[name] == bad
    with pytest.raises(DecodeError, match=f"Order.{name}"):
        getattr(order, name)
    assert asdict(order) == {"id": 1, name: bad}


def test_constructor_refuses_a_name_that_is_no_field():
    with pytest.raises(TypeError, match="Did you mean 'summary'"):
        Order(sumary="x")
    with pytest.raises(TypeError):
        Order(1)


def test_setting_refuses_a_name_that_is_no_field():
    order = wrap(Order, {})
    with pytest.raises(AttributeError, match="Did you mean 'summary'"):
        order.sumary = "x"
    order["sumary"] = "x"
    assert changes(order) == {"sumary": "x"}


def test_setting_a_nested_field_to_another_kind_is_refused():
    order = wrap(Order, {})
    with pytest.raises(TypeError):
        order.lines = "x"
    with pytest.raises(TypeError):
        order.lines = {"id": 1}
    with pytest.raises(TypeError):
        order.first_line = 5
    assert asdict(order) == {}


def test_mappings_and_records_can_both_be_set_as_nested_values():
    order = Order(lines=[{"id": 1}, OrderLine(id=2)], first_line={"id": 3})
    assert [line.id for line in order.lines] == [1, 2]
    assert order.first_line.id == 3
    assert asdict(order) == {"lines": [{"id": 1}, {"id": 2}], "first_line": {"id": 3}}


def test_field_called_self_and_other_odd_names_go_under_halos_names():
    order = Order(self_="me", shipped=None, _novalidate=True)
    assert asdict(order) == {"self": "me", "shipped-at": None, "_novalidate": True}


def test_deleting_a_field_makes_it_absent():
    order = Order(id=1, summary="x", datetime="2024-05-06", shipped="2024-05-06")
    del order.summary, order.datetime, order["id"], order.shipped
    assert asdict(order) == changes(order) == {}
    with pytest.raises(AttributeError):
        del order.datetime


def test_subclass_adds_fields_to_those_of_its_record():
    rush = RushOrder(courier="c", summary="s", lines=[{"id": 1}])
    assert (rush.courier, rush.summary, rush.lines[0].id) == ("c", "s", 1)
    with pytest.raises(AttributeError):
        _ = rush.fee
    with pytest.raises(TypeError):
        Order(courier="c")


def test_json_keys_that_look_like_python_internals_do_no_harm():
    row = {"__class__": "x", "__dict__": 1, "__init__": 2, "__halo_changes__": [1], "__halo_fields__": 3}
    order = wrap(Order, dict(row))
    order.summary = "s"
    assert changes(order) == {"summary": "s"}
    assert asdict(order) == {**row, "summary": "s"}
    assert type(order) is Order


def test_record_is_no_sequence():
    with pytest.raises(TypeError):
        iter(wrap(Order, {"id": 1}))
