"""What users write: mypy --strict and pyright accept every line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, assert_type

from halo_async import (
    ClientCredentials,
    CustomFields,
    Downloaded,
    Halo,
    ListWatch,
    Pages,
    PreparedRequest,
    RateLimit,
    RowChange,
    RowResult,
    is_never,
    models,
)
from halo_async.resources.reports.columns import ReportColumn
from halo_async.webhooks import WatchTrigger


async def use(halo: Halo) -> None:
    pages = halo.tickets.list(open_only=True, client_id=12)
    assert_type(pages, Pages[models.TicketSummary])
    async for row in pages:
        assert_type(row, models.TicketSummary)
        assert_type(row.summary, str | None)

    ticket = await halo.tickets.get(7, includedetails=True)
    assert_type(ticket, models.Ticket)
    assert_type(ticket.id, int)
    assert_type(ticket.dateoccurred, datetime | None)
    for field in ticket.customfields or ():
        assert_type(field, models.CustomField)

    created = await halo.tickets.create(models.Ticket(summary="Printer on fire", client_id=12))
    assert_type(created, models.Ticket)
    assert_type(await halo.tickets.update(created.id, summary="Out"), models.Ticket)
    assert_type(await halo.tickets.upsert([created, {"summary": "Another"}]), Sequence[models.Ticket])
    assert_type(await halo.tickets.delete(created.id, reason="done"), models.Ticket | None)
    created.summary = "Changed"
    await halo.tickets.save(created)

    assert_type(await halo.attachment.get(3), bytes)
    assert_type(await halo.tickets.list().count(), int)
    assert_type(await halo.tickets.list().all(), list[models.TicketSummary])
    assert_type(halo.ticket.list(client_id=12), Pages[models.TicketSummary])
    assert_type(await halo.statuses.list().all(), list[models.Status])
    assert_type((await halo.users.get(4)).id, int)
    assert_type((await halo.user.get(4)).id, int)
    async for customer in halo.clients.list(search="Acme"):
        assert_type(customer.id, int)
    await halo.integration_data.stripe.create_portal_session({"id": 1})
    async for device in halo.integration_data.ninja_rmm.get(datatype="devices"):
        print(device)
    proxy = halo.integration_data.intune.get(
        datatype="devices", rows_path="data.items", next_path="data.next"
    )
    assert_type(proxy, Pages[Any])
    halo.integration_data.intune.get(next_path=lambda response: response["next"], on_incomplete="warn")
    halo.tickets.list(on_incomplete="warn", lastupdatefromdate=datetime(2026, 1, 1))

    halo.tickets.list(client_ids=[1, 2], status={1, 2}, agent=(3,), team="1,2", category_1=5)
    halo.tickets.list(client_ids=frozenset([1]), startdate=date(2026, 1, 1), enddate="2026-01-31")
    halo.tickets.list(lastupdatefromdate="2026-01-01T00:00:00Z", lastupdatetodate=date(2026, 1, 31))
    halo.agent.list(departments=["Support", "Sales"], teams=["1", "2"], activeinactive="true,false")
    halo.invoice.list(paymentstatuses=[1, 2], invoicedatestart=date(2026, 1, 1))
    assert_type(is_never(ticket.dateoccurred), bool)

    changed = halo.tickets.changed_since(datetime(2026, 1, 1), timedelta(minutes=1), client_id=12)
    assert_type(changed, Pages[models.TicketSummary])
    assert_type(halo.client.changed_since(when=datetime(2026, 1, 1)), Pages[models.ClientSummary])


def connect() -> Halo:
    return Halo(
        "acme.halopsa.com", ClientCredentials("id", "secret"), tenant="acme", rate_limit=RateLimit(300, 300)
    )


async def name_things(halo: Halo) -> None:
    ticket = await halo.tickets.get(7, includedetails=True)
    assert_type(ticket.custom, CustomFields)
    assert_type(ticket.custom.date("Go live"), datetime | None)
    assert_type(ticket.custom.display("Channels"), str | None)
    ticket.custom["Asset tag"] = "A-17"
    ticket.custom[157] = None
    del ticket.custom["Asset tag"], ticket.custom[157]
    ticket.custom.update({"Asset tag": "A-18"})
    ticket.custom = {"Asset tag": "A-19"}
    for name in ticket.custom:
        assert_type(name, str)
    assert_type(await halo.resolve("status", "New"), int)
    assert_type(await halo.resolve("status", ["New", "Closed"]), list[int])
    assert_type(await halo.resolve("status", ("New", 9)), list[int])
    await halo.tickets.update(7, custom={"Asset tag": "A-17"})
    await halo.tickets.create(models.Ticket(summary="New", custom={"Asset tag": "A-17"}))
    assert_type(await halo.custom_fields(await halo.asset.get(4)), CustomFields)
    assert_type(models.FieldInfo(custom=1).custom, int | None)
    assert_type(await halo.resolve("site", "Main office", client_id=12), int)
    halo.forget_lookups()


async def move_files(halo: Halo) -> None:
    assert_type(await halo.attachment.upload("plan.pdf", ticket_id=7, note="The plan"), models.Attachment)
    assert_type(await halo.attachment.upload(b"x", filename="x", route="json"), models.Attachment)
    assert_type(await halo.attachment.download(7, to="."), Downloaded)
    assert_type(await halo.attachment.get(7), bytes)


async def filter_by_words_and_days(halo: Halo, word: str) -> None:
    await halo.agent.list(domain="reqs")
    await halo.agent.list(domain=word)
    await halo.invoice.list(billing_date=date(2026, 5, 31))


async def run_reports(halo: Halo) -> None:
    rows = halo.report.run(7, client_id=12)
    assert_type([row async for row in rows], list[dict[str, Any]])
    assert_type((await rows).columns, tuple[ReportColumn, ...])
    assert_type(await halo.report.sql("SELECT 1", parse_dates=True).all(), list[dict[str, Any]])


async def write_many(halo: Halo) -> None:
    async def rows() -> AsyncIterator[dict[str, Any]]:
        yield {"summary": "x"}

    async for result in halo.tickets.bulk_upsert(rows(), batch_size=10, on_error="continue"):
        assert_type(result, RowResult[models.Ticket])
        assert_type(result.record, models.Ticket | None)
        if result.error is not None:
            print(result.index, result.outcome, result.error)
    async for other in halo.client.bulk_upsert(
        [models.Client(name="a"), {"name": "b"}], journal="j", resume=True
    ):
        assert_type(other.record, models.Client | None)
    ticket = await halo.tickets.get(3)
    await halo.tickets.update(3, summary="x", if_unchanged=ticket)
    await halo.tickets.save(ticket, if_unchanged=True)
    await halo.actions.delete(1, ticket_id=3)
    with halo.dry_run() as prepared:
        assert_type(prepared, list[PreparedRequest])
    async with halo.dry_run() as prepared:
        print(prepared[0].json())


async def watch(halo: Halo) -> None:
    changes = halo.tickets.watch(every=timedelta(seconds=30), since="7d", client_id=12)
    assert_type(changes, ListWatch[models.TicketSummary])
    async for change in changes:
        assert_type(change, RowChange[models.TicketSummary])
        assert_type(change.row.summary, str | None)
    await changes.handled()
    halo.users.watch(trigger=WatchTrigger(), once=True)
