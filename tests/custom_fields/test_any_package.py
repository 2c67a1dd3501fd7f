"""Custom fields of records that are not the built-in ones, of records inside records, and of what arrived oddly."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from halo_async import changes, is_set, models, replace, wrap
from halo_async.custom_fields.record import RecordWithCustomFields
from halo_async.errors import AmbiguousNameError, DecodeError, UnknownNameError
from halo_async.records.record import Record, absent

if TYPE_CHECKING:
    from collections.abc import Sequence


class CustomField(Record):
    """An element of `customfields`."""

    id: int = absent
    name: str | None = None
    value: Any = None


class Parcel(RecordWithCustomFields):
    """A record of a package of a user's own."""

    customfields: Sequence[CustomField] | None = None
    label: str | None = None


class Odd(RecordWithCustomFields):
    """A record that has a field `custom` of Halo's too."""

    custom: int | None = None  # type: ignore[assignment]
    customfields: Sequence[CustomField] | None = None


def test_records_of_any_package_have_them():
    parcel = Parcel(label="x", custom={"Colour": "red"})
    assert changes(parcel) == {"label": "x", "customfields": [{"name": "Colour", "value": "red"}]}
    came = wrap(Parcel, {"customfields": [{"id": 1, "name": "CFColour", "value": "red"}]})
    came.custom["cfcolour"] = "blue"
    assert changes(came) == {"customfields": [{"id": 1, "name": "CFColour", "value": "blue"}]}
    assert type(came.customfields[0]) is CustomField


def test_a_field_of_halos_own_by_that_name_is_never_hidden():
    odd = wrap(Odd, {"custom": 5})
    assert odd.custom == odd["custom"] == 5
    odd.custom = 6
    assert changes(odd) == changes(Odd(custom=6)) == {"custom": 6}
    assert wrap(models.FieldInfo, {"custom": 1}).custom == 1
    ticket = wrap(models.Ticket, {"custom": 7})
    assert (ticket["custom"], "custom" in ticket, dict(ticket.custom)) == (7, True, {})


def test_setting_the_list_sends_it_whole():
    ticket = wrap(
        models.Ticket, {"customfields": [{"id": 1, "name": "CFa", "value": 1, "type": 0}, {"id": 2}]}
    )
    ticket.customfields = ticket.customfields
    ticket.custom["cfa"] = 2
    assert changes(ticket) == {"customfields": [{"id": 1, "name": "CFa", "value": 2, "type": 0}, {"id": 2}]}


def test_it_is_no_field_of_the_record():
    assert "custom" not in models.Ticket.__halo_fields__
    assert not is_set(models.Ticket(custom={"a": 1}), "custom")
    with pytest.raises(TypeError, match="has no field 'custom'"):
        models.Status(custom={"a": 1})
    with pytest.raises(TypeError, match="a mapping of names to values, not an int"):
        models.Ticket(custom=5)
    with pytest.raises(AttributeError):
        models.Status().custom  # noqa: B018


def test_a_copy_shares_no_pending_field_with_its_original():
    ticket = wrap(models.Ticket, {"id": 1})
    copy = replace(ticket, summary="x")
    copy.custom["Asset tag"] = 1
    assert (dict(ticket.custom), dict(copy.custom)) == ({}, {"Asset tag": 1})


def test_a_list_that_is_none_can_be_seen_and_says_so_when_something_is_set():
    ticket = wrap(models.Ticket, {"customfields": "odd"})
    assert dict(ticket.custom) == {}
    with pytest.raises(DecodeError):
        ticket.custom["Asset tag"] = 1


def test_an_asset_may_have_the_same_id_in_both_of_its_lists():
    lists = {
        "customfields": [{"id": 31, "label": "Loaned to"}],
        "fields": [{"id": 31, "name": "Memory", "value": 1}],
    }
    asset = wrap(models.Asset, lists)
    assert dict(asset.custom) == {"Loaned to": None, "Memory": 1}
    with pytest.raises(AmbiguousNameError, match="id 31, label 'Loaned to'; id 31, name 'Memory'"):
        asset.custom[31]
    asset.custom["memory"] = 2
    assert changes(asset) == {"fields": [{"id": 31, "value": 2}]}


def test_errors_pickle_and_read_as_sentences():
    ticket = wrap(models.Ticket, {"customfields": [{"id": 1, "label": "A"}, {"id": 2, "label": "A"}]})
    with pytest.raises(UnknownNameError) as caught:
        ticket.custom["B"]
    again = pickle.loads(pickle.dumps(caught.value))
    assert (
        str(again) == str(caught.value) == "This Ticket has no custom field 'B'. It has 2: 'A' (1), 'A' (2)."
    )
    with pytest.raises(AmbiguousNameError, match="id 1, label 'A'; id 2, label 'A'"):
        ticket.custom["a"]
    assert (dict(ticket.custom), ticket.custom[2]) == ({"1": None, "2": None}, None)


def test_secrets_do_not_show():
    ticket = wrap(models.Ticket, {"customfields": [{"id": 1, "label": "API token", "value": "abc"}]})
    assert "abc" not in repr(ticket.custom)


async def test_records_inside_a_record_have_their_names_looked_up_too(halo, halo_emulator):
    invoice = wrap(models.Invoice, {"id": 2, "lines": [{"id": 1, "item_shortdescription": "x"}]})
    invoice.lines[0].custom["badge number"] = 5
    await halo.invoice.save(invoice)
    (sent,) = (request.json() for request in halo_emulator.requests("POST /Invoice"))
    named = {"id": 251, "name": "CFBadge", "value": 5}
    assert sent == [{"id": 2, "lines": [{"id": 1, "item_shortdescription": "x", "customfields": [named]}]}]


async def test_a_post_that_takes_one_record_has_its_names_looked_up_too(halo, halo_emulator):
    ticket = models.Ticket(summary="x", custom={"Asset tag": "A-1"})
    await halo.halo_integration.create_ticket(ticket)
    (sent,) = (request.json() for request in halo_emulator.requests("POST /HaloIntegration/CreateTicket"))
    assert sent["customfields"] == [{"id": 158, "name": "CFAssetTag", "value": "A-1"}]
