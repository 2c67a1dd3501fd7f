"""`help()` of a writing method names the record that the method takes."""

from __future__ import annotations

import inspect
import pydoc

import pytest

import halo_async
from halo_async import Halo, Record
from halo_async.writing.writable import Writable


@pytest.mark.parametrize("method", ["create", "save", "bulk_upsert"])
def test_help_names_the_record_that_a_method_takes(halo: Halo, method: str) -> None:
    shown = pydoc.render_doc(getattr(halo.actions, method), renderer=pydoc.plaintext)
    assert "models.Action | Mapping" in shown or "record: 'models.Action'" in shown
    assert not {"R", "R |"} & set(
        shown.partition("\n\n")[2].partition(" method of")[0].replace("'", " ").split()
    )


def test_help_of_update_names_the_record_that_it_returns(halo: Halo) -> None:
    assert inspect.signature(halo.tickets.update).return_annotation == "models.Ticket"


def test_every_resource_that_writes_records_names_its_own() -> None:
    seen = 0
    for operation in halo_async.operations():
        if operation.kind == "upsert":
            owner = inspect.getmodule(operation.stub)
            cls = next(
                value
                for value in vars(owner).values()
                if inspect.isclass(value) and value.__module__ == owner.__name__
            )
            if issubclass(cls, Writable):
                seen += 1
                returned = inspect.signature(cls.create).return_annotation
                assert f"[{returned}]" in operation.result
    assert seen > 200


def test_a_class_of_ones_own_over_a_record_is_shown_too() -> None:
    class Thing(Record):
        """A record."""

    class Things(Writable[Thing]):
        """A resource."""

    class Unnamed(Writable):  # type: ignore[type-arg]
        """A resource without a record."""

    assert inspect.signature(Things.create).return_annotation.endswith("Thing")
    assert inspect.signature(Unnamed.create).return_annotation == "R"
