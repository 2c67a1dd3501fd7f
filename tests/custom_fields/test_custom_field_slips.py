"""What a hurried hand does wrong with custom fields: said at once, and nothing is lost by it."""

from __future__ import annotations

import copy

import pytest

from halo_async import asdict, models, replace, wrap
from halo_async.custom_fields.naming import by_name
from halo_async.errors import AmbiguousNameError, DecodeError, InvalidRequestError, UnknownNameError
from halo_async.records.change_tracking import original_value
from halo_async.records.record import changes
from halo_async.writing import failed_rows


def posted(emulator, path="/Tickets"):
    return [request.json() for request in emulator.requests(f"POST {path}")]


def ticket_with(**fields):
    held = [{"id": 157, "name": "CFRootCause", "label": "Root cause", "value": "Dust"}]
    return wrap(models.Ticket, {"id": 7, "customfields": held, **fields})


@pytest.mark.parametrize("name", [None, 1.5, True, b"Root cause", ("Root cause",)], ids=repr)
def test_what_is_no_name_of_a_field_is_a_type_error_that_says_so(name):
    custom = ticket_with().custom
    told = "by its label, its name or its id, not by"
    with pytest.raises(TypeError, match=told):
        custom[name]
    with pytest.raises(TypeError, match=told):
        custom[name] = "x"
    with pytest.raises(TypeError, match=told):
        del custom[name]
    with pytest.raises(TypeError, match=told):
        models.Ticket(custom={name: "x"})
    assert name not in custom


@pytest.mark.parametrize("name", ["", "  ", 0, -1])
def test_a_name_that_no_field_can_have_is_not_taken(name):
    ticket = ticket_with()
    with pytest.raises(InvalidRequestError, match="by its label, its name or its id, not by"):
        ticket.custom[name] = "x"
    assert changes(ticket) == {}


def test_replacing_custom_fields_changes_the_copy_alone():
    ticket = ticket_with(summary="Printer")
    copied = replace(ticket, custom={"Root cause": "Rust", 158: "A-17"}, summary="Scanner")
    assert dict(copied.custom) == {"Root cause": "Rust", "158": "A-17"}
    assert changes(copied) == {
        "summary": "Scanner",
        "customfields": [
            {"id": 157, "name": "CFRootCause", "value": "Rust"},
            {"id": 158, "value": "A-17"},
        ],
    }
    assert (dict(ticket.custom), changes(ticket)) == ({"Root cause": "Dust"}, {})
    with pytest.raises(TypeError, match="Custom fields must be a mapping"):
        replace(ticket, custom="Rust")
    with pytest.raises(TypeError, match="Did you mean 'summary'"):
        replace(ticket, sumary="x")


def test_setting_a_field_of_a_copy_leaves_the_record_alone():
    ticket = ticket_with()
    copied = copy.copy(ticket)
    copied.custom["Root cause"] = "Rust"
    assert (ticket.custom["Root cause"], changes(ticket)) == ("Dust", {})


@pytest.mark.parametrize(("value", "what"), [("soon", "a str"), (5, "an int"), ([], "a list")])
def test_a_date_that_is_none_is_told_as_other_fields_tell_it(value, what):
    ticket = ticket_with(customfields=[{"id": 159, "name": "CFGoLive", "value": value}])
    with pytest.raises(DecodeError) as raised:
        ticket.custom.date("CFGoLive")
    assert str(raised.value) == (
        f"Ticket.custom['CFGoLive'] contains {what} that is not a date. "
        "Read the received value as record.custom['CFGoLive']."
    )
    assert ticket.custom["CFGoLive"] == value


async def test_a_name_that_means_several_fields_can_be_taken_back(halo, halo_emulator):
    ticket = await halo.tickets.get(7, includedetails=True)
    came = asdict(ticket)
    ticket.custom["Reference"] = "x"
    with pytest.raises(
        AmbiguousNameError,
        match=r"Give the id instead\. To remove the name .* del record\.custom\['Reference'\]",
    ):
        await halo.tickets.save(ticket)
    del ticket.custom["reference"]
    assert (asdict(ticket), changes(ticket)) == (came, {})
    assert await halo.tickets.save(ticket) is ticket
    ticket.custom[162] = "x"
    await halo.tickets.save(ticket)
    (sent,) = posted(halo_emulator)
    assert [field["id"] for field in sent[0]["customfields"]] == [162]


async def test_a_name_that_nobody_knows_can_be_taken_back(halo, halo_emulator):
    ticket = models.Ticket(summary="Printer", custom={"Aset tag": "x"})
    with pytest.raises(UnknownNameError, match=r"use del record\.custom\['Aset tag'\]"):
        await halo.tickets.create(ticket)
    del ticket.custom["Aset tag"]
    assert asdict(ticket) == {"summary": "Printer"}
    await halo.tickets.create(ticket)
    assert posted(halo_emulator) == [[{"summary": "Printer"}]]


def test_what_came_is_not_taken_out_and_what_is_not_there_is_a_key_error():
    ticket = ticket_with()
    ticket.custom["Root cause"] = "Rust"
    with pytest.raises(TypeError, match="Set it to None"):
        del ticket.custom["Root cause"]
    assert ticket.custom["Root cause"] == "Rust"
    assert original_value(ticket)["customfields"][0]["value"] == "Dust"
    with pytest.raises(UnknownNameError, match="Did you mean 'Root cause'"):
        del ticket.custom["Rot cause"]


async def test_a_record_made_here_with_custom_fields_alone_is_one_to_create(halo, halo_emulator):
    made = models.Ticket(summary="Printer", custom={"Asset tag": "A-17"})
    (first,) = await halo.tickets.upsert([made])
    assert first.custom["Asset tag"] == "A-17"
    async for result in halo.tickets.bulk_upsert([models.Ticket(custom={"Asset tag": "A-18"})]):
        assert result.ok
    assert [list(body[0]) for body in posted(halo_emulator)] == [
        ["summary", "customfields"],
        ["customfields"],
    ]


@pytest.mark.parametrize("given", ["A-17", ["Asset tag"], 5])
async def test_custom_that_is_no_mapping_is_refused_in_every_write(halo, halo_emulator, given):
    told = "Custom fields must be a mapping of names to values"
    with pytest.raises(TypeError, match=told):
        await halo.tickets.update(7, custom=given)
    with pytest.raises(TypeError, match=told):
        await halo.tickets.create({"summary": "x", "custom": given})
    with pytest.raises(TypeError, match=told):
        await halo.tickets.upsert([{"id": 7, "custom": given}])
    assert posted(halo_emulator) == []


async def test_custom_of_nothing_sets_nothing(halo, halo_emulator):
    await halo.tickets.upsert([{"id": 7, "summary": "x", "custom": None}])
    assert posted(halo_emulator) == [[{"id": 7, "summary": "x"}]]


def test_the_view_itself_cannot_be_deleted():
    ticket = ticket_with()
    with pytest.raises(AttributeError, match=r"Clear one by record\.custom\[name\] = None"):
        del ticket.custom
    assert ticket.custom["Root cause"] == "Dust"


@pytest.mark.parametrize("record", [5, None, {"id": 7}, models.Tag(text="x"), models.Ticket], ids=repr)
async def test_only_records_with_custom_fields_get_a_view_with_names(halo, record):
    with pytest.raises(
        TypeError, match="custom_fields\\(\\) takes a record with custom fields, for example a Ticket, not"
    ):
        await halo.custom_fields(record)


async def test_names_and_values_under_the_name_of_the_list_are_told_to_go_to_custom(halo, halo_emulator):
    told = r"Ticket\.customfields is a list of \{id, value\}\. Pass names and values as custom=\{…\}"
    with pytest.raises(TypeError, match=told):
        await halo.tickets.update(7, customfields={"Asset tag": 1})
    ticket = ticket_with()
    with pytest.raises(TypeError, match=told):
        ticket.customfields = {"Asset tag": 1}
    with pytest.raises(TypeError, match=r"Asset\.fields is a list"):
        models.Asset(fields={"Memory": 1})
    assert posted(halo_emulator) == []


async def test_a_row_with_a_misspelt_custom_field_can_be_corrected_from_the_error_file(halo, tmp_path):
    rows = [
        models.Ticket(summary="x", custom={"Aset tag": 1}, customfields=[{"id": 157, "value": "Dust"}]),
        models.Asset(id=4, custom={99: "A-17"}),
    ]
    errors = tmp_path / "errors.jsonl"
    async for result in halo.tickets.bulk_upsert(rows[:1], on_error="continue", errors=errors):
        assert result.outcome == "refused"
    (row,) = failed_rows(errors)
    assert row == {
        "summary": "x",
        "customfields": [{"id": 157, "value": "Dust"}],
        "custom": {"Aset tag": 1},
    }
    row["custom"] = {"Asset tag": row["custom"].pop("Aset tag")}
    async for result in halo.tickets.bulk_upsert([row]):
        assert dict(result.record.custom) == {"Root cause": "Dust", "Asset tag": 1}
    assert by_name(rows[1]) == {"id": 4, "custom": {"99": "A-17"}}
