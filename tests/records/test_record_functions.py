"""Equality, repr, copies, changes and the functions over records."""

from __future__ import annotations

import copy
import pickle

import attrs
import pytest

from halo_async.records.record import (
    Record,
    absent,
    asdict,
    changes,
    field_named,
    from_json_list,
    is_set,
    mark_saved,
    replace,
    wrap,
)
from tests.support.shop import Order, OrderLine, RushOrder


def test_attrs_knows_the_record_and_its_fields():
    assert attrs.has(Order)
    fields = attrs.fields_dict(Order)
    assert list(fields)[:4] == ["id", "self_", "_novalidate", "summary"]
    assert fields["id"].default is absent
    assert fields["id"].type is int
    assert fields["summary"].type == str | None
    assert fields["first_line"].type == OrderLine | None
    assert fields["_novalidate"].alias == "_novalidate"
    assert fields["self_"].metadata["wire"] == "self"
    assert fields["summary"].kw_only
    assert not fields["api_token"].repr


def test_looking_at_the_base_of_all_records_leaves_classes_their_own_fields():
    assert attrs.fields(Record) == ()
    assert Record.__halo_fields__ == Record.__halo_names__ == {}

    class Fresh(Record):
        id: int | None = None
        from_: str | None = field_named("from")

    assert [field.name for field in attrs.fields(Fresh)] == ["id", "from_"]
    assert asdict(Fresh(id=1, from_="x")) == {"id": 1, "from": "x"}


def test_attrs_metadata_of_a_subclass_is_its_own():
    assert "courier" not in attrs.fields_dict(Order)
    assert {*attrs.fields_dict(RushOrder)} == {*attrs.fields_dict(Order), "courier", "fee"}
    assert attrs.has(Record)


def test_records_match_structurally_by_keyword():
    match wrap(Order, {"id": 1, "lines": [{"id": 2}]}):
        case Order(id=1, lines=[OrderLine(id=number)]):
            assert number == 2
        case _:
            pytest.fail("the pattern should match")


def test_equality_does_not_depend_on_what_was_read_before():
    one, other = (wrap(Order, {"id": 1, "lines": [{"id": 2}]}) for _ in range(2))
    assert one.lines[0].id == 2
    assert one == other
    assert one != wrap(Order, {"id": 1})
    assert one != wrap(RushOrder, asdict(one))
    assert one != asdict(one)


def test_records_are_not_hashable_since_they_change():
    with pytest.raises(TypeError):
        hash(wrap(Order, {"id": 1}))


def test_repr_is_bounded_and_hides_secrets():
    order = wrap(
        Order, {"id": 1, "api_token": "hunter2", "clientSecret": "s3", "extra": "y" * 5000, "summary": None}
    )
    for number in range(100):
        order[f"field{number}"] = {"password": "p4"}
    text = repr(order)
    assert text.startswith("Order(id=1, api_token='***', clientSecret='***', extra='yyy")
    assert "hunter2" not in text
    assert "s3" not in text
    assert "p4" not in text
    assert "summary" not in text
    assert len(text) < 700
    assert text.endswith("… 88 more)")


def test_repr_survives_an_integer_of_thousands_of_digits():
    assert repr(wrap(Order, {"id": 10**5000})) == "Order(id=<a huge integer>)"


@pytest.mark.parametrize("read_first", [False, True])
def test_pickle_and_deepcopy_keep_everything_and_share_nothing(read_first):
    order = wrap(Order, {"id": 1, "lines": [{"id": 2}], "new": [1]})
    order.summary = "s"
    if read_first:
        order.lines[0].note = "n"
    for twin in (pickle.loads(pickle.dumps(order)), copy.deepcopy(order)):
        assert twin == order
        assert changes(twin) == changes(order)
        twin["new"].append(2)
        twin.lines[0].note = "other"
        assert order["new"] == [1]
        assert order.lines[0].note == ("n" if read_first else None)


def test_copy_is_shallow_and_independent():
    order = wrap(Order, {"id": 1})
    order.summary = "s"
    twin = copy.copy(order)
    twin.total = 5.0
    assert changes(order) == {"summary": "s"}
    assert changes(twin) == {"summary": "s", "total": 5.0}


def test_fresh_record_has_no_changes_and_setting_makes_one():
    order = wrap(Order, {"id": 1, "summary": "a"})
    assert changes(order) == {}
    order.summary = "b"
    order.shipped = "2024-05-06"
    assert changes(order) == {"summary": "b", "shipped-at": "2024-05-06"}


def test_all_that_a_constructor_is_given_is_a_change():
    assert changes(Order(id=1, total=None)) == {"id": 1, "total": None}


def test_setting_a_nested_field_changes_the_parent_as_a_whole_value():
    order = wrap(Order, {"id": 1, "lines": [{"id": 2}, {"id": 3}], "first_line": {"id": 4}})
    order.lines[1].note = "n"
    assert changes(order) == {"lines": [{"id": 2}, {"id": 3, "note": "n"}]}
    assert changes(order.lines[1]) == {"note": "n"}


def test_nested_lists_cannot_be_changed_unnoticed():
    order = wrap(Order, {"lines": [{"id": 2}]})
    with pytest.raises(AttributeError):
        order.lines.append(OrderLine(id=3))
    order.lines = [*order.lines, OrderLine(id=3)]
    assert changes(order) == {"lines": [{"id": 2}, {"id": 3}]}


def test_changes_that_were_sent_are_settled_and_later_ones_stay():
    order = wrap(Order, {"id": 1, "lines": [{"id": 2}]})
    order.summary = "a"
    order.total = 1.0
    order.lines[0].note = "n"
    sent = changes(order)
    order.total = 2.0
    mark_saved(order, sent)
    assert changes(order) == {"total": 2.0}


def test_replace_copies_and_counts_as_changes():
    order = wrap(Order, {"id": 1, "summary": "a", "new": 1})
    twin = replace(order, summary="b", self_="me")
    assert asdict(twin) == {"id": 1, "summary": "b", "new": 1, "self": "me"}
    assert changes(twin) == {"summary": "b", "self": "me"}
    assert order.summary == "a"
    with pytest.raises(TypeError, match="Did you mean 'summary'"):
        replace(order, sumary="b")


def test_is_set_takes_python_names():
    order = wrap(Order, {"self": None, "new": 1})
    assert is_set(order, "self_")
    assert is_set(order, "new")
    assert not is_set(order, "summary")


def test_asdict_shares_nothing_with_the_record():
    order = wrap(Order, {"tags": ["a"], "lines": [{"id": 1}]})
    out = asdict(order)
    out["tags"].append("b")
    out["lines"][0]["id"] = 2
    assert order.tags == ["a"]
    assert order.lines[0].id == 1


def test_wrap_takes_any_mapping_and_copies_what_is_no_dict():
    from types import MappingProxyType

    source = {"id": 1}
    order = wrap(Order, MappingProxyType(source))
    order.id = 2
    assert source == {"id": 1}


def test_page_with_a_row_that_is_no_object_is_refused():
    with pytest.raises(TypeError):
        from_json_list(Order, [{"id": 1}, "x"])
