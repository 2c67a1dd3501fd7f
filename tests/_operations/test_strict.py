"""Requests that are checked against the document before they are sent."""

from __future__ import annotations

import re
from typing import Any

import pytest

from halo_async import Halo, InvalidRequestError, SettingsError, models
from halo_async._operations.strict import OperationChecks
from halo_async.blocking import Halo as BlockingHalo
from halo_async.emulator import Emulator

WRONG_BODIES: list[tuple[dict[str, Any], str]] = [
    ({"table": 999_999}, r"\$.table must be one of 0, 1, 2.* and \d+ more, not 999999"),
    ({"id": 1, "attachments": [{"type": 1}, {"type": True}]}, r"\$.attachments\[1\].type must be an integer"),
    ({"status_id": 2**40}, r"\$.status_id must be an integer of 32 bits, not 1099511627776"),
    ({"summry": "x"}, r"\$.summry is not a field of Faults. Did you mean 'summary'\?"),
]


async def nothing_sent(emulator: Emulator) -> bool:
    return not [one for one in emulator.requests if one.api and one.method != "GET"]


@pytest.mark.parametrize(("fields", "said"), WRONG_BODIES)
async def test_a_body_is_refused_with_the_field_and_what_it_takes(
    halo: Halo, halo_emulator: Emulator, fields: dict[str, Any], said: str
) -> None:
    row = models.Ticket()
    for name, value in fields.items():
        row[name] = value  # not looked at without strict
    with pytest.raises(InvalidRequestError, match=said) as caught:
        await halo.with_options(strict=True).tickets.upsert([row])
    assert "Without strict" in str(caught.value)
    assert await nothing_sent(halo_emulator)


async def test_a_row_among_several_is_named_by_its_index(halo: Halo, halo_emulator: Emulator) -> None:
    rows = [models.Ticket(summary="a"), models.Ticket(summary="b")]
    rows[1]["team_id"] = "five"
    with pytest.raises(
        InvalidRequestError, match=r"tickets.upsert\(\): row 1: \$.team_id must be an integer"
    ):
        await halo.tickets.with_options(strict=True).upsert(rows)
    assert await nothing_sent(halo_emulator)


async def test_a_bulk_write_refuses_the_row_and_writes_the_others(
    halo: Halo, halo_emulator: Emulator
) -> None:
    rows = [models.Ticket(summary=f"{n}") for n in range(5)]
    rows[3]["team_id"] = "five"
    strict = halo.with_options(strict=True)
    results = [result async for result in strict.tickets.bulk_upsert(rows, on_error="continue")]
    assert [result.outcome for result in results] == ["written"] * 3 + ["refused", "written"]
    assert "row 3: $.team_id must be an integer" in str(results[3].error)
    (sent,) = halo_emulator.requests("POST /Tickets")
    assert len(sent.json()) == 4


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"domain": "ops"}, "must be one of opps, prjs, reqs, not 'ops'. Did you mean 'opps'"),
        ({"department_id": 2**40}, "must be an integer of 32 bits"),
    ],
)
async def test_a_parameter_is_refused_with_what_it_takes(
    halo: Halo, halo_emulator: Emulator, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidRequestError, match=re.escape(said)):
        await halo.with_options(strict=True).agent.list(**given)
    assert not halo_emulator.requests("GET /Agent")


async def test_a_parameter_that_the_document_lacks_is_refused(halo: Halo, halo_emulator: Emulator) -> None:
    view = halo.tickets.with_options(params={"open_onyl": True}, strict=True)
    with pytest.raises(InvalidRequestError, match=r"no parameter 'open_onyl'. Did you mean 'open_only'"):
        await view.list()
    assert not halo_emulator.requests("GET /Tickets")
    assert await view.with_options(strict=False).list().first()


async def test_what_the_document_allows_is_sent(halo: Halo) -> None:
    strict = halo.with_options(strict=True)
    made = await strict.tickets.create(
        summary="Printer",
        client_id=1,
        dateoccurred="2026-05-31T09:30:00",
        customfields=[{"id": 1, "value": "x"}],
    )
    made.summary = "Printer on fire"
    assert (await strict.tickets.save(made)).summary == "Printer on fire"
    assert (await strict.tickets.update(made.id, summary="Out")).summary == "Out"
    assert (
        len(await strict.tickets.list(open_only=True, client_ids=[1, 2], startdate="2020-01-01").all()) >= 0
    )
    assert await strict.agent.list(domain="reqs", activeinactive="true,false")
    await strict.tickets.delete(made.id)


async def test_every_record_that_an_instance_has_can_be_sent_back(halo: Halo) -> None:
    strict = halo.with_options(strict=True)
    with halo.dry_run() as prepared:
        for resource in (strict.tickets, strict.client, strict.agent, strict.asset):
            for row in await resource.list().limit(5).all():
                await resource.upsert([await resource.get(row.id)])  # type: ignore[arg-type,list-item]
    assert len(prepared) == 20


async def test_a_record_of_unknown_operation_is_left_alone() -> None:
    from halo_async._operations.resource import operation_of
    from halo_async.api.tickets import Tickets

    operation = operation_of(Tickets(None), "upsert")  # type: ignore[arg-type]
    checks = OperationChecks({"paths": {}, "components": {"schemas": {}}}, operation)
    checks.check_query([("anything", "goes")])
    checks.check_body([{"summary": 5}])


def test_it_is_an_option_of_the_client(halo_emulator: Emulator) -> None:
    from halo_async import ClientCredentials

    with pytest.raises(SettingsError, match="`strict` must be True or False"):
        Halo("acme.halopsa.com", ClientCredentials("id", "secret"), strict="yes")  # type: ignore[arg-type]
    with pytest.raises(InvalidRequestError, match="`strict` must be"):
        Halo("acme.halopsa.com", ClientCredentials("id", "secret")).with_options(strict=1)  # type: ignore[arg-type]
    client = BlockingHalo("acme.halopsa.com", ClientCredentials("id", "secret"), strict=True)
    with pytest.raises(InvalidRequestError, match="must be one of opps"):
        client.agent.list(domain="ops").all()
    client.close()
