"""What users get wrong without `await`: each line is an error to mypy --strict and to pyright.

An ignored error that is none fails: mypy warns of unused ignores, pyright of unnecessary ones.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=error

from __future__ import annotations

from halo_async import ClientCredentials, models
from halo_async.blocking import Halo


def misspelt_parameter(halo: Halo) -> None:
    halo.tickets.list(open_onyl=True)  # type: ignore[call-arg]
    halo.tickets.get(1, includedetail=True)  # type: ignore[call-arg]


def wrong_parameter_type(halo: Halo) -> None:
    halo.tickets.list(client_id="twelve")  # type: ignore[arg-type]
    halo.tickets.list(client_ids=[1.5])  # type: ignore[list-item]
    halo.tickets.list(client_id=[1, 2])  # type: ignore[arg-type]
    halo.tickets.list(on_incomplete="ignore")  # type: ignore[arg-type]
    halo.tickets.changed_since("yesterday")  # type: ignore[arg-type]
    halo.agent.list(domain=5)  # type: ignore[arg-type]


def missing_id(halo: Halo) -> None:
    halo.tickets.get()  # type: ignore[call-arg]
    halo.tickets.delete()  # type: ignore[call-arg]
    halo.tickets.update(summary="x")  # type: ignore[call-arg]
    halo.actions.delete(3)  # type: ignore[call-arg]


def field_that_list_rows_lack(halo: Halo) -> None:
    for row in halo.tickets.list():
        print(row.details_html)  # type: ignore[attr-defined]


def record_of_another_kind(halo: Halo) -> None:
    halo.tickets.create(models.Client(name="Acme"))  # type: ignore[arg-type]
    halo.tickets.bulk_upsert([5])  # type: ignore[list-item]
    halo.tickets.bulk_upsert([], on_error="stp")  # type: ignore[arg-type]
    halo.resolve("status", None)  # type: ignore[call-overload]


async def awaited(halo: Halo) -> None:
    await halo.tickets.get(1)  # type: ignore[misc]
    await halo.tickets.list()  # type: ignore[misc]
    async for row in halo.tickets.list():  # type: ignore[attr-defined]
        print(row)
    async with halo:  # type: ignore[attr-defined]
        pass


def options_of_an_event_loop(halo: Halo) -> None:
    Halo("acme.halopsa.com", ClientCredentials("id", "secret"), session=None)  # type: ignore[call-arg]
    Halo("acme.halopsa.com", "secret")  # type: ignore[arg-type]


def unknown_resource(halo: Halo) -> None:
    print(halo.tikets)  # type: ignore[attr-defined]
    print(halo.transport)  # type: ignore[attr-defined]
