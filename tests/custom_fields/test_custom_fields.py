"""Custom fields by name against an instance: what goes over the wire, and what is asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime

import pytest

from halo_async import models, wrap
from halo_async.emulator import Fault
from halo_async.errors import (
    AmbiguousNameError,
    ConflictError,
    InvalidRequestError,
    PermissionDeniedError,
    UnknownNameError,
)
from halo_async.records.record import changes


def posted(emulator, path="/Tickets"):
    return [request.json() for request in emulator.requests(f"POST {path}")]


def asked(emulator, path="/FieldInfo"):
    return len(emulator.requests(f"GET {path}"))


async def test_a_ticket_gives_its_custom_fields_by_label_name_and_id_in_any_case(halo, halo_emulator):
    ticket = await halo.tickets.get(7, includedetails=True)
    custom = ticket.custom
    assert custom["Root cause"] == custom["CFRootCause"] == custom["  root  CAUSE "] == custom[157]
    assert custom.date("Go live") == datetime.fromisoformat(custom["Go live"] + "+00:00")
    assert custom.display("Channels") == "Mail, Telephone"
    assert list(custom) == ["Root cause", "Go live", "Channels"]
    assert asked(halo_emulator) == 0


async def test_saving_sends_the_id_and_the_custom_field_that_was_set_and_nothing_else(halo, halo_emulator):
    ticket = await halo.tickets.get(7, includedetails=True)
    ticket.custom["root cause"] = "Dust"
    saved = await halo.tickets.save(ticket)
    assert posted(halo_emulator) == [
        [{"id": 7, "customfields": [{"id": 157, "name": "CFRootCause", "value": "Dust"}]}]
    ]
    assert saved.custom["Root cause"] == "Dust"
    assert saved.custom["Go live"] == ticket.custom["Go live"]
    assert changes(ticket) == {}
    assert await halo.tickets.save(ticket) is ticket
    assert len(posted(halo_emulator)) == 1
    assert asked(halo_emulator) == 0


async def test_a_name_that_the_record_did_not_bring_is_looked_up_once_when_it_is_saved(halo, halo_emulator):
    ticket = await halo.tickets.get(7, includedetails=True)
    ticket.custom["Asset tag"] = "A-17"
    assert (ticket.custom["asset TAG"], asked(halo_emulator)) == ("A-17", 0)
    ticket.summary = "Printer"
    await halo.tickets.save(ticket)
    wanted = {"id": 158, "name": "CFAssetTag", "value": "A-17"}
    assert posted(halo_emulator) == [[{"id": 7, "customfields": [wanted], "summary": "Printer"}]]
    assert changes(ticket) == {}
    await halo.tickets.update(8, custom={"CFAssetTag": "A-18"})
    assert [dict(request.query) for request in halo_emulator.requests("GET /FieldInfo")] == [{"typeid": "1"}]


async def test_update_and_create_take_custom_fields_by_name(halo, halo_emulator):
    updated = await halo.tickets.update(9, custom={"Asset tag": "A-17", "root cause": None})
    assert (updated.custom["Asset tag"], updated.custom.get("Root cause", 0)) == ("A-17", None)
    created = await halo.tickets.create(models.Ticket(summary="New", custom={"Asset tag": "A-19"}))
    other = await halo.tickets.create({"summary": "Other", "custom": {"Asset tag": "A-20"}})
    assert (created.custom["Asset tag"], other.custom["Asset tag"]) == ("A-19", "A-20")
    assert posted(halo_emulator)[0] == [
        {
            "id": 9,
            "customfields": [
                {"id": 158, "name": "CFAssetTag", "value": "A-17"},
                {"id": 157, "name": "CFRootCause", "value": None},
            ],
        }
    ]
    assert "custom" not in posted(halo_emulator)[2][0]


async def test_upsert_finds_the_ids_too(halo, halo_emulator):
    records = [models.Ticket(id=n, custom={"Asset tag": "A"}) for n in (3, 4)]
    await halo.tickets.upsert([*records, {"id": 5, "custom": {"Asset tag": "A"}}, {"id": 6, "summary": "x"}])
    (sent,) = posted(halo_emulator)
    field = {"id": 158, "name": "CFAssetTag", "value": "A"}
    assert sent == [*({"id": n, "customfields": [field]} for n in (3, 4, 5)), {"id": 6, "summary": "x"}]
    assert asked(halo_emulator) == 1


async def test_bulk_upsert_finds_the_ids_too(halo, halo_emulator):
    rows = ({"id": n, "custom": {"Asset tag": "B"}} for n in range(3, 9))
    results = [result async for result in halo.tickets.bulk_upsert(rows, batch_size=2)]
    assert [result.record.custom["Asset tag"] for result in results] == ["B"] * 6
    assert (asked(halo_emulator), len(posted(halo_emulator))) == (1, 3)


async def test_many_writers_share_one_question_for_the_names(halo, halo_emulator):
    await asyncio.gather(*(halo.tickets.update(n, custom={"Asset tag": "x"}) for n in range(1, 9)))
    assert (asked(halo_emulator), len(posted(halo_emulator))) == (1, 8)


async def test_an_unknown_name_says_what_exists_and_nothing_is_sent(halo, halo_emulator):
    with pytest.raises(UnknownNameError) as caught:
        await halo.tickets.update(7, custom={"Aset tag": "x"})
    assert str(caught.value) == (
        "Ticket has no custom field 'Aset tag'. Did you mean 'Asset tag'? It has 6: 'Root cause' (CFRootCause, 157), "
        "'Asset tag' (CFAssetTag, 158), 'Go live' (CFGoLive, 159), 'Channels' (CFChannels, 160), "
        "'Reference' (CFSupplierRef, 161), 'Reference' (CFCustomerRef, 162). "
        "To remove the name from a record, use del record.custom['Aset tag']."
    )
    assert isinstance(caught.value, KeyError)
    assert posted(halo_emulator) == []


async def test_an_ambiguous_name_lists_the_fields_and_an_id_decides(halo, halo_emulator):
    with pytest.raises(
        AmbiguousNameError, match=r"id 161, name 'CFSupplierRef'.*; id 162, name 'CFCustomerRef'"
    ):
        await halo.tickets.update(7, custom={"reference": "x"})
    with pytest.raises(InvalidRequestError, match="set by two of its names"):
        await halo.tickets.update(7, custom={"Asset tag": "x", "CFAssetTag": "y"})
    assert posted(halo_emulator) == []
    updated = await halo.tickets.update(7, custom={162: "x", "CFSupplierRef": "y"})
    assert (updated.custom[162], updated.custom[161]) == ("x", "y")
    with pytest.raises(AmbiguousNameError):
        updated.custom["Reference"]


async def test_dates_lists_numbers_and_nothing_go_as_json_has_them(halo, halo_emulator):
    values = {
        "Go live": date(2026, 1, 5),
        "Channels": [{"id": 1}, {"id": 2}],
        "Asset tag": 2**70,
        "Root cause": None,
        161: datetime(2026, 1, 5, 12, tzinfo=UTC),
    }
    updated = await halo.tickets.update(7, custom=values)
    assert [field["value"] for field in posted(halo_emulator)[0][0]["customfields"]] == [
        "2026-01-05T12:00:00Z",
        "2026-01-05T00:00:00Z",
        [{"id": 1}, {"id": 2}],
        2**70,
        None,
    ]
    assert updated.custom["Asset tag"] == 2**70
    assert updated.custom.date("Go live") == datetime(2026, 1, 5, tzinfo=UTC)


async def test_a_row_of_a_list_says_how_to_get_its_custom_fields_and_can_set_them(halo, halo_emulator):
    row = await halo.tickets.list(order="id").first()
    with pytest.raises(UnknownNameError, match="includedetails=True"):
        row.custom["Root cause"]
    row.custom["Root cause"] = "Dust"
    await halo.tickets.save(row)
    assert posted(halo_emulator) == [
        [{"id": row.id, "customfields": [{"id": 157, "name": "CFRootCause", "value": "Dust"}]}]
    ]


async def test_an_asset_sends_all_fields_of_its_type_when_one_is_set(halo, halo_emulator):
    asset = await halo.asset.get(4, includedetails=True)
    serial = asset.custom["Serial number"]
    asset.custom["memory"] = "128 GB"
    await halo.asset.save(asset)
    sent = [{"id": 31, "value": serial}, {"id": 32, "value": "128 GB"}]
    assert posted(halo_emulator, "/Asset") == [[{"id": 4, "fields": sent}]]
    assert (asked(halo_emulator), asked(halo_emulator, "/Asset/{id}")) == (0, 1)


async def test_an_asset_updated_by_id_keeps_its_other_fields(halo, halo_emulator):
    before = await halo.asset.get(4, includedetails=True)
    updated = await halo.asset.update(4, custom={"Memory": "128 GB", "Loaned to": "Maren"})
    assert updated.custom["Serial number"] == before.custom["Serial number"]
    assert (updated.custom["Memory"], updated.custom["Loaned to"]) == ("128 GB", "Maren")
    assert posted(halo_emulator, "/Asset")[0][0].keys() == {"id", "customfields", "fields"}


async def test_the_number_of_an_assets_field_is_looked_up_in_both_lists(halo, halo_emulator):
    updated = await halo.asset.update(4, custom={32: "128 GB", 301: "Maren"})
    assert (updated.custom["Memory"], updated.custom["Loaned to"]) == ("128 GB", "Maren")
    updated.custom[302] = 1
    updated.custom[302] = 2
    assert (updated.custom[302], "302" in list(updated.custom)) == (2, True)
    with pytest.raises(UnknownNameError, match="Asset has no custom field '99'"):
        await halo.asset.update(4, custom={99: 1})


async def test_a_field_that_only_the_type_of_an_asset_knows_is_found_there(halo, halo_emulator):
    asset = await halo.asset.get(4)
    name = f"{asset.assettype_name} notes"
    updated = await halo.asset.update(4, custom={name: "scratched"})
    assert (updated.custom[name], updated.custom["Memory"]) == ("scratched", asset.custom["Memory"])
    created = await halo.asset.create(
        models.Asset(client_id=1, assettype_id=3, custom={"Printer notes": "new"})
    )
    assert posted(halo_emulator, "/Asset")[-1] == [
        {"client_id": 1, "assettype_id": 3, "fields": [{"id": 35, "value": "new"}]}
    ]
    assert created.custom["printer notes"] == "new"
    given = [models.FieldHelper(id=31, value="SN-1")]
    await halo.asset.create(models.Asset(assettype_id=3, fields=given, custom={"Printer notes": "new"}))
    assert posted(halo_emulator, "/Asset")[-1][0]["fields"] == [
        {"id": 31, "value": "SN-1"},
        {"id": 35, "value": "new"},
    ]
    with pytest.raises(UnknownNameError, match="without assettype_id"):
        await halo.asset.create(models.Asset(client_id=1, custom={"Printer notes": "new"}))


async def test_fields_that_came_without_names_get_them_from_the_instance(halo, halo_emulator):
    asset = wrap(
        models.Asset, {"id": 4, "assettype_id": 3, "fields": [{"id": 31, "value": "S1"}, {"id": 35}]}
    )
    assert list(asset.custom) == ["31", "35"]
    custom = await halo.custom_fields(asset)
    assert dict(custom) == {"Serial number": "S1", "Printer notes": None}
    custom["printer notes"] = "old"
    assert changes(asset) == {"fields": [{"id": 31, "value": "S1"}, {"id": 35, "value": "old"}]}
    assert await halo.custom_fields(asset) == custom
    assert asked(halo_emulator, "/AssetType/{id}") == 1
    ticket = await halo.tickets.get(7, includedetails=True)
    assert await halo.custom_fields(ticket) == ticket.custom
    assert asked(halo_emulator) == 0


async def test_other_records_look_among_all_custom_fields(halo, halo_emulator):
    user = await halo.users.update(3, custom={"Badge number": 7})
    assert user.custom["badge NUMBER"] == 7
    assert halo_emulator.requests("GET /FieldInfo")[0].query == ()
    client = await halo.client.update(2, custom={"Account number": "K-1"})
    assert (client.custom["Support tier"], client.custom["Account number"]) == ("Gold", "K-1")


async def test_names_are_asked_for_again_after_forgetting_them(halo, halo_emulator):
    await halo.tickets.update(7, custom={"Asset tag": "x"})
    halo.forget_lookups()
    await halo.tickets.update(7, custom={"Asset tag": "y"})
    assert asked(halo_emulator) == 2


async def test_a_login_that_may_not_read_the_names_says_so_and_sends_nothing(halo, halo_emulator):
    halo_emulator.faults.add([Fault("F18", "GET /FieldInfo")])
    with pytest.raises(PermissionDeniedError) as caught:
        await halo.tickets.update(7, custom={"Asset tag": "x"})
    assert any("Give ids" in note for note in caught.value.__notes__)
    assert posted(halo_emulator) == []
    await halo.tickets.update(7, custom={158: "x"})
    assert posted(halo_emulator) == [[{"id": 7, "customfields": [{"id": 158, "value": "x"}]}]]


async def test_a_dry_run_prepares_the_ids(halo, halo_emulator):
    with halo.dry_run():
        prepared = await halo.tickets.update(7, custom={"Asset tag": "x"})
    assert prepared.json() == [{"id": 7, "customfields": [{"id": 158, "name": "CFAssetTag", "value": "x"}]}]
    assert posted(halo_emulator) == []


async def test_a_conflict_shows_in_the_custom_field_that_is_set(halo):
    read = await halo.tickets.get(7, includedetails=True)
    await halo.tickets.update(7, custom={"Root cause": "Water"})
    with pytest.raises(ConflictError):
        await halo.tickets.update(7, if_unchanged=read, custom={"Root cause": "Dust"})


async def test_a_field_that_the_record_did_not_bring_is_no_conflict(halo, halo_emulator):
    read = await halo.tickets.get(7, includedetails=True)
    read.custom["Asset tag"] = "A-17"
    saved = await halo.tickets.save(read, if_unchanged=True)
    assert saved.custom["Asset tag"] == "A-17"
