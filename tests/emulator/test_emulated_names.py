"""The emulator's custom fields and lists of names: FieldInfo lists what rows carry, writes act as was seen."""

from __future__ import annotations

import pytest

from halo_async.emulator.data.custom_fields import OF_PATH

ONES = ["/Tickets/3", "/Projects/1", "/Client/2", "/Site/2", "/Users/2", "/Asset/2"]


@pytest.mark.parametrize("path", ONES)
async def test_field_info_lists_every_custom_field_that_an_object_carries(halo, path):
    whole = await halo.request("GET", path, params={"includedetails": True})
    number = OF_PATH[f"/{path.split('/')[1]}"]
    listed = {row.id: row for row in await halo.field_info.list(typeid=number).all()}
    assert listed
    for field in whole["customfields"]:
        row = listed[field["id"]]
        assert (row.name, row.label, row.type, row.usage) == tuple(
            field[key] for key in ("name", "label", "type", "usage")
        )


async def test_field_info_has_its_own_ids(halo):
    rows = await halo.field_info.list().all()
    assert {row.usage for row in rows} == {1, 2, 3, 4, 5}
    assert (await halo.field_info.get(157)).name == "CFRootCause"
    created = await halo.field_info.create({"name": "CFNew", "usage": 1})
    assert created.id == max(row.id for row in rows) + 1


async def test_asset_types_name_the_fields_of_their_assets(halo):
    asset = await halo.asset.get(2, includedetails=True)
    of_type = await halo.asset_type.get(asset.assettype_id)
    named = {field.field_id: field.field_name for field in of_type.fields}
    assert {field.id: field.name for field in asset.fields}.items() <= named.items()
    assert {row.id: row.name for row in await halo.field.list().all()}.items() >= named.items()


async def test_a_custom_field_is_written_by_name_alone_and_the_others_stay(halo):
    before = (await halo.request("GET", "/Client/2"))["customfields"]
    sent = [{"id": 2, "customfields": [{"name": "cfaccountnumber", "value": "K-1"}]}]
    after = (await halo.request("POST", "/Client", json=sent))["customfields"]
    assert after[: len(before)] == before
    assert (after[-1]["id"], after[-1]["label"], after[-1]["value"]) == (102, "Account number", "K-1")


async def test_the_fields_of_an_asset_are_replaced_as_a_whole(halo):
    sent = [{"id": 2, "fields": [{"id": 32, "value": "1 TB"}]}]
    after = await halo.request("POST", "/Asset", json=sent)
    assert after["fields"] == [{"id": 32, "name": "Memory", "value": "1 TB"}]


async def test_categories_are_those_of_the_tickets(halo):
    ticket = await halo.tickets.get(5)
    categories = {row.id: row.value for row in await halo.category.list().all()}
    assert categories[ticket.categoryid_1] == ticket.category_1
