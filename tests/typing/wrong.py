"""What users get wrong: each line is an error to mypy --strict and to pyright, or this file does not pass.

An ignored error that is none fails: mypy warns of unused ignores, pyright of unnecessary ones.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=error

from __future__ import annotations

from halo_async import ClientCredentials, Halo, models


async def misspelt_parameter(halo: Halo) -> None:
    halo.tickets.list(open_onyl=True)  # type: ignore[call-arg]
    await halo.tickets.get(1, includedetail=True)  # type: ignore[call-arg]


async def wrong_parameter_type(halo: Halo) -> None:
    halo.tickets.list(client_id="twelve")  # type: ignore[arg-type]
    halo.tickets.list(client_ids=[1.5])  # type: ignore[list-item]
    halo.tickets.list(client_id=[1, 2])  # type: ignore[arg-type]
    halo.tickets.list(enddate=20260131)  # type: ignore[arg-type]


def wrong_steering(halo: Halo) -> None:
    halo.tickets.list(on_incomplete="ignore")  # type: ignore[arg-type]
    halo.tickets.list(rows_path="data")  # type: ignore[call-arg]
    halo.integration_data.intune.get(next_path=5)  # type: ignore[arg-type]
    halo.tickets.changed_since("yesterday")  # type: ignore[arg-type]
    halo.tickets.changed_since()  # type: ignore[call-arg]


async def missing_id(halo: Halo) -> None:
    await halo.tickets.get()  # type: ignore[call-arg]
    await halo.tickets.delete()  # type: ignore[call-arg]
    await halo.tickets.update(summary="x")  # type: ignore[call-arg]


async def wrong_field_type(halo: Halo) -> None:
    ticket = await halo.tickets.get(1)
    ticket.summary = 5  # type: ignore[assignment]
    models.Ticket(id="seven")  # type: ignore[arg-type]


async def unknown_field(halo: Halo) -> None:
    ticket = await halo.tickets.get(1)
    print(ticket.sumary)  # type: ignore[attr-defined]
    models.Ticket(sumary="x")  # type: ignore[call-arg]


async def field_that_list_rows_lack(halo: Halo) -> None:
    async for row in halo.tickets.list():
        print(row.details_html)  # type: ignore[attr-defined]
        row.details_html = "x"  # type: ignore[attr-defined]
    models.TicketSummary(details_html="x")  # type: ignore[call-arg]


async def record_of_another_kind(halo: Halo) -> None:
    await halo.tickets.create(models.Client(name="Acme"))  # type: ignore[arg-type]


async def list_awaited_as_one(halo: Halo) -> None:
    for row in halo.tickets.list():  # type: ignore[attr-defined]
        print(row)


async def custom_fields_of_what_has_none(halo: Halo) -> None:
    print(models.Status().custom)  # type: ignore[attr-defined]
    models.Ticket(custom=5)  # type: ignore[arg-type]
    await halo.resolve("status", None)  # type: ignore[call-overload]
    halo.agent.list(domain=5)  # type: ignore[arg-type]


async def writes_that_cannot_be(halo: Halo) -> None:
    await halo.actions.delete(3)  # type: ignore[call-arg]
    halo.tickets.bulk_upsert([5])  # type: ignore[list-item]
    halo.tickets.bulk_upsert([], on_error="ignore")  # type: ignore[arg-type]


async def watches_that_cannot_be(halo: Halo) -> None:
    halo.agent.watch()  # type: ignore[attr-defined]
    halo.tickets.watch(every=30)  # type: ignore[arg-type]


def credentials_as_plain_text() -> Halo:
    return Halo("acme.halopsa.com", "secret")  # type: ignore[arg-type]


def unknown_resource(halo: Halo) -> None:
    print(halo.tikets)  # type: ignore[attr-defined]


_ = ClientCredentials
