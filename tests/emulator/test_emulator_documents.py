"""The document in its dialects, with a byte order mark, and adrift."""

from __future__ import annotations

import pytest

from halo_async._utils.openapi_document import load_document
from halo_async.emulator.documents import load
from halo_async.emulator.drift import drifted
from halo_async.emulator.routes import METHODS
from halo_async.errors import SettingsError

VALID = {"string", "integer", "number", "boolean", "array", "object"}


def newest():
    return load(None, "newest")


async def shown(wire):
    return (await wire.get("/swagger/v2/swagger.json")).json()


def operations(paths):
    return {(path, method) for path, item in paths.items() for method in item if method in METHODS}


async def test_the_document_may_begin_with_a_byte_order_mark(start):
    wire = await start(bom=True)
    assert (await wire.get("/swagger/v2/swagger.json")).body.startswith(b'\xef\xbb\xbf{"openapi"')


async def test_the_dialect_of_2026_has_valid_types_and_every_operation(start):
    found = await shown(await start(dialect="2026"))
    parameters = [
        one
        for item in found["paths"].values()
        for operation in item.values()
        for one in operation.get("parameters", ())
    ]
    assert len(parameters) > 3000
    assert {
        one["schema"]["type"] for one in parameters if one["schema"] and "$ref" not in one["schema"]
    } <= VALID
    assert operations(found["paths"]) == operations(newest()["paths"])


async def test_the_dialect_of_2026_describes_some_responses_and_declares_the_errors_of_those(start):
    found = await shown(await start())
    clients = found["paths"]["/Client"]["get"]["responses"]
    assert clients["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/Area_View"
    }
    view = found["components"]["schemas"]["Area_View"]["properties"]
    assert view["clients"]["items"] == {"$ref": "#/components/schemas/Area_List"}
    assert {
        "page_no",
        "page_size",
        "record_count",
        "columns_id",
        "columns_tilehtml",
        "columns",
    } <= view.keys()
    assert clients.keys() == {"200", "400", "401", "429"}
    assert found["paths"]["/Tickets"]["post"]["responses"].keys() == {"201", "400", "401", "429"}
    assert found["paths"]["/Status"]["get"]["responses"] == {"200": {"description": "Success"}}


async def test_an_unknown_dialect_is_refused(start):
    with pytest.raises(ValueError, match="2024"):
        await start(dialect="1999")


async def test_drift_changes_exactly_what_it_says(start):
    wire = await start(drift=40, seed=7)
    changes = wire.emulator.changes
    assert len(changes) == 40
    found = await shown(wire)
    before, after = operations(newest()["paths"]), operations(found["paths"])
    kinds = {change.kind for change in changes}
    assert len(kinds) == 7
    named = {(change.kind, change.where) for change in changes}
    assert {f"{method.upper()} {path}" for path, method in after - before} == {
        where for kind, where in named if kind == "operation added"
    }
    assert {f"{method.upper()} {path}" for path, method in before - after} == {
        where for kind, where in named if kind == "operation removed"
    }
    old = newest()["components"]["schemas"]
    for name, schema in found["components"]["schemas"].items():
        fields, known = schema.get("properties", {}), old[name].get("properties", {})
        gained = {("field added", name, field) for field in fields.keys() - known.keys()}
        lost = {("field removed", name, field) for field in known.keys() - fields.keys()}
        retyped = {
            ("field retyped", name, field)
            for field in fields.keys() & known.keys()
            if fields[field].get("type") != known[field].get("type")
        }
        told = {(one.kind, one.where, one.name) for one in changes if one.where == name}
        assert gained | lost | retyped == told


async def test_the_same_seed_drifts_the_same_way(start):
    first, second = await start(drift=9, seed=3), await start(drift=9, seed=3)
    assert first.emulator.changes == second.emulator.changes


async def test_a_drifted_instance_responds_by_its_own_document(start):
    wire = await start(drift=40, seed=7)
    added = next(change.where for change in wire.emulator.changes if change.kind == "operation added")
    removed = next(
        change.where
        for change in wire.emulator.changes
        if change.where.startswith("GET") and "removed" in change.kind and "operation" in change.kind
    )
    assert (await wire.get(added.removeprefix("GET "))).status == 200
    assert (await wire.get(removed.removeprefix("GET ").replace("{id}", "1"))).status in (404, 405)


def test_more_changes_than_a_document_has_places_are_refused():
    small = {"paths": {"/A": {"get": {}}}, "components": {"schemas": {"A": {"properties": {}}}}}
    with pytest.raises(SettingsError, match="room for 0 changes, not for 7"):
        drifted(small, 1, 7)
    with pytest.raises(SettingsError, match=r"room for \d{3,4} changes, not for 5000\. Request fewer"):
        drifted(load_document(), 1, 5000)
