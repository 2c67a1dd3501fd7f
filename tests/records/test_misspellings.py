"""Which unknown names are taken for slips of the keyboard, and which for fields of a newer instance."""

from __future__ import annotations

import pytest

from halo_async import models
from halo_async.records.fields import declared
from halo_async.records.misspellings import slip_of

KNOWN = [name for name, _, _ in declared(models.Ticket)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("sumary", "summary"),
        ("summmary", "summary"),
        ("sumamry", "summary"),
        ("clientid", "client_id"),
        ("cleint_id", "client_id"),
        ("client_Id", "client_id"),
        ("detials", "details"),
        ("status", "status_id"),
        ("tickettype", "tickettype_id"),
        ("novalidate", "_novalidate"),
    ],
)
def test_a_slip_is_told_from_what_was_meant(written, meant):
    assert slip_of(written, KNOWN) == meant


@pytest.mark.parametrize(
    ("written", "meant"), [("nmae", "name"), ("anme", "name"), ("nam", None), ("same", None)]
)
def test_letters_that_changed_places_are_a_slip_in_short_names_too(written, meant):
    assert slip_of(written, [name for name, _, _ in declared(models.Client)]) == meant


def test_digits_that_changed_places_are_another_field():
    assert slip_of("inv02", ["inv20"]) is None


@pytest.mark.parametrize(
    "name", ["any_new_field", "depot_id", "category_9", "x", "zzz", "brand_new", "fleet", "ids"]
)
def test_a_name_of_its_own_is_no_slip(name):
    assert slip_of(name, KNOWN) is None
