"""Suggestions know Halo's other words for a thing, wherever a name is misspelt."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from halo_async import ClientCredentials, Halo, SettingsError
from halo_async._utils.names import closest_names, did_you_mean
from halo_async.cli.arguments import lookup, named_values
from halo_async.cli.errors import UsageError
from halo_async.errors import InvalidRequestError
from halo_async.export.names import resolve_names
from halo_async.export.options import options
from halo_async.models import Asset, Ticket

ROOT = Path(__file__).parents[3]
OVERLAY = ROOT / "spec" / "overlay.toml"
WORDS = json.loads((ROOT / "halo_async" / "api" / "words.json").read_bytes())


@pytest.fixture
def halo() -> Halo:
    return Halo("acme.halopsa.com", ClientCredentials("id", "secret"))


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"tickettype_id": 3}, "requesttype_id"),
        ({"ticket_type_id": 3}, "requesttype_id"),
        ({"area_id": 3}, "client_id"),
        ({"uname_id": 3}, "agent_id"),
        ({"customer_id": 3}, "client_id"),
        ({"company_id": 3}, "client_id"),
        ({"company": 3}, "client_id"),
        ({"type_id": 3}, "requesttype_id"),
        ({"device_id": 3}, "asset_id"),
    ],
)
def test_a_parameter_by_another_of_its_names(halo: Halo, given: dict[str, int], meant: str) -> None:
    with pytest.raises(TypeError, match=rf"tickets\.list\(\) has no parameter .*. Did you mean '{meant}'\?"):
        halo.tickets.list(**given)


@pytest.mark.parametrize(
    ("record", "name", "meant"),
    [
        (Ticket, "requesttype_id", "tickettype_id"),
        (Ticket, "description", "details"),
        (Ticket, "area_id", "client_id"),
        (Ticket, "status", "status_id"),
        (Ticket, "policy_id", "priority_id"),
        (Asset, "xtype_id", "assettype_id"),
    ],
)
def test_a_field_by_another_of_its_names(record: type, name: str, meant: str) -> None:
    with pytest.raises(TypeError, match=f"Did you mean '{meant}'"):
        record(**{name: 1})
    with pytest.raises(AttributeError, match=f"Did you mean '{meant}'"):
        setattr(record(), name, 1)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("device", "asset"),
        ("devices", "asset"),
        ("area", "client"),
        ("uname", "agent"),
        ("fault", "tickets"),
        ("faults", "tickets"),
        ("request_type", "ticket_type"),
        ("tstatus", "status"),
        ("policy", "priority"),
        ("slahead", "sla"),
        ("category_detail", "category"),
        ("flow_header", "workflow"),
        ("toutcome", "outcome"),
        ("section_detail", "team"),
        ("xtype", "asset_type"),
        ("generic", "asset_group"),
        ("autoassign", "ticket_rules"),
        ("contract_header", "client_contract"),
        ("kbentry", "kb_article"),
        ("customers", "client"),
        ("technician", "agent"),
        ("companies", "client"),
        ("engineers", "agent"),
        ("computers", "asset"),
    ],
)
def test_a_resource_an_export_and_a_command_by_another_of_their_names(
    halo: Halo, name: str, meant: str
) -> None:
    with pytest.raises(AttributeError, match=f"Did you mean '{meant}'"):
        getattr(halo, name)
    with pytest.raises(SettingsError, match=f"Did you mean '{meant}'"):
        resolve_names([name])
    with pytest.raises(UsageError, match=rf"Did you mean '{meant}\.list'"):
        lookup(f"{name}.list")


def test_a_filter_of_an_export_and_of_a_command_by_another_of_their_names() -> None:
    (tickets,) = resolve_names(["tickets"])
    with pytest.raises(SettingsError, match="Did you mean 'requesttype_id'"):
        options(
            [tickets],
            format="jsonl",
            since=None,
            flatten=(),
            concurrency=None,
            filters={"tickets": {"tickettype_id": 3}},
        )
    with pytest.raises(UsageError, match="Did you mean 'requesttype_id'"):
        named_values(tickets, ["tickettype_id=3"])


@pytest.mark.parametrize(
    ("name", "meant"), [("requesttype", "ticket_type"), ("uname", "agent"), ("policy", "priority")]
)
async def test_a_kind_to_look_up_by_another_of_its_names(halo: Halo, name: str, meant: str) -> None:
    with pytest.raises(InvalidRequestError, match=f"Did you mean '{meant}'"):
        await halo.resolve(name, "x")


def test_a_slip_of_the_fingers_comes_before_other_words() -> None:
    known = ["client_id", "client_name", "area_code"]
    assert did_you_mean("clientid", known) == ". Did you mean 'client_id'?"
    assert did_you_mean("areacode", known) == ". Did you mean 'area_code'?"
    assert closest_names("cleint_id", known, 1) == ["client_id"]


def test_what_is_like_nothing_suggests_nothing() -> None:
    assert did_you_mean("zzzz", ["client_id", "asset"]) == ""
    assert did_you_mean("", ["client_id"]) == ""


def test_every_pair_of_the_overlay_works_both_ways() -> None:
    tables = tomllib.loads(OVERLAY.read_text("utf-8"))
    names = tables["records"]
    pairs = [
        (schema, record)
        for schema, record in names.items()
        if record.lower() != schema.lower() and schema not in names.values()
    ]
    groups = [set(group) for group in WORDS]
    folded = [(one.replace("_", "").lower(), other.lower()) for one, other in pairs]
    assert len(folded) > 40
    assert all(any({one, other} <= group for group in groups) for one, other in folded)
    assert all(any({name, *words} <= group for group in groups) for name, words in tables["words"].items())
    for group in WORDS:
        for one in group:
            for other in group:
                assert one == other or closest_names(f"{one}_id", [f"{other}_id", "zzz"], 1) == [
                    f"{other}_id"
                ]
