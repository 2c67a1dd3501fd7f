"""What could tell a record over a row from one over a dict without asking the record: none of it does."""

from __future__ import annotations

import dataclasses
import gc
import weakref
from typing import Any

import msgspec
import pytest

from halo_async.models import Ticket
from halo_async.records import struct_rows
from halo_async.records.record import asdict, from_json
from halo_async.records.struct_rows import let_read_rows
from tests.support.rows_kit import over_rows
from tests.support.shop import Order

ROW = {"id": 1, "newer": ["a"], "object": {"a": 1}, "self": [1], "late": "x"}


@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.msgpack.encode, msgspec.to_builtins])
def test_msgspec_which_reads_the_slot_of_the_dict_finds_what_came(encode):
    (record,) = over_rows(Ticket, [ROW])
    assert encode(record) == encode(from_json(Ticket, dict(ROW)))


def test_a_record_is_no_dataclass():
    (record,) = over_rows(Ticket, [ROW])
    assert not dataclasses.is_dataclass(Ticket)
    assert not dataclasses.is_dataclass(record)
    with pytest.raises(TypeError, match="dataclass"):
        dataclasses.fields(record)


@pytest.mark.parametrize("name", ["newer", "self_"])
def test_a_plain_list_that_was_read_is_the_one_that_the_record_holds(name):
    (record,) = over_rows(Order, [ROW])
    held = getattr(record, name)
    record["late"] = "y"
    held.append("b")
    assert getattr(record, name) is held
    assert asdict(record)[name.rstrip("_")] == held


def test_what_is_put_into_a_plain_object_stays_what_it_is():
    (record,) = over_rows(Ticket, [ROW])
    value = object()
    record.object["own"] = value
    assert record["object"]["own"] is value


def test_a_record_put_into_a_plain_list_of_its_own_is_collected():
    class Watched(Order):
        pass

    (record,) = over_rows(Watched, [ROW])
    record.newer.append(record)
    gone = weakref.ref(record)
    del record
    gc.collect()
    assert gone() is None


def test_what_classes_of_classes_have_is_no_default_of_a_field():
    class Fresh(Order):
        pass

    over_rows(Fresh, [{"id": 1, "mro": 2}])
    assert not hasattr(from_json(Fresh, {"id": 1}), "mro")


def test_a_class_keeps_a_descriptor_of_its_own_that_gives_the_class_a_plain_value():
    class Both:
        def __get__(self, record: Any, owner: type) -> str:
            return "of the class" if record is None else "of the record"

        def __set__(self, record: Any, value: Any) -> None:
            raise AssertionError

    class Fresh(Order):
        status = Both()

    assert not let_read_rows(Fresh, ("id", "status"))
    assert from_json(Fresh, {"id": 1, "status": 2}).status == "of the record"


def test_a_class_whose_dict_is_found_past_the_record_reads_no_rows():
    class Plain:
        pass

    class Fresh(Plain, Order):
        pass

    assert not let_read_rows(Fresh, ("id",))


def test_what_a_mixin_behind_the_class_has_is_still_found():
    class Mixin:
        late = "of the mixin"

        @property
        def newer(self) -> str:
            return "of the mixin"

    class Fresh(Order):
        pass

    class Mixed(Fresh, Mixin):
        pass

    over_rows(Fresh, [ROW])
    record = from_json(Mixed, {"id": 1})
    assert (record.late, record.newer, Mixed.late) == ("of the mixin", "of the mixin", "of the mixin")
    assert Mixed.newer is Mixin.newer


def test_names_that_are_ever_new_do_not_make_a_class_grow_for_ever(monkeypatch):
    class Fresh(Order):
        pass

    monkeypatch.setattr(struct_rows, "_MAX_NAMES", 40)
    learned = [let_read_rows(Fresh, ("id", f"own_{n}")) for n in range(100)]
    assert learned[0]
    assert not learned[-1]
    assert len(vars(Fresh)) <= 40
    assert let_read_rows(Fresh, ("id", "own_0"))
