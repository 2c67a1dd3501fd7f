"""What users write without `await`: mypy --strict and pyright accept every line."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, assert_type

from halo_async import (
    ClientCredentials,
    CustomFields,
    Downloaded,
    Page,
    PreparedRequest,
    RateLimit,
    RowResult,
    models,
)
from halo_async.blocking import Client, Fleet, Halo, Pages, ReportRows
from halo_async.blocking.api import Tickets
from halo_async.export import Progress, Report
from halo_async.fleet import Result
from halo_async.resources.reports.columns import ReportColumn


def many(halo: Halo) -> None:
    with Fleet({"acme": halo}, groups={"production": ["acme"]}) as fleet:
        assert_type(fleet["acme"], Halo)
        counted = fleet.map(count, only=fleet.groups["production"])
        assert_type(counted["acme"], Result[int])
        for result in fleet.stream(named, concurrency=2):
            assert_type(result.unwrap(), str)
        assert_type(fleet.export(["tickets"], "out")["acme"].unwrap(), Report)
    assert_type(Fleet.from_toml("fleet.toml"), Fleet[Halo])


def count(halo: Halo) -> int:
    return halo.tickets.list().count()


def named(name: str, halo: Halo) -> str:
    return f"{name}: {halo.tickets.get(1).summary}"


def use(halo: Halo) -> None:
    pages = halo.tickets.list(open_only=True, client_id=12)
    assert_type(pages, Pages[models.TicketSummary])
    for row in pages:
        assert_type(row, models.TicketSummary)
        assert_type(row.summary, str | None)
    for page in pages.by_page():
        assert_type(page, Page[models.TicketSummary])
    assert_type([row.id for row in pages.limit(5).prefetch(2).overlapping()], list[int])

    ticket = halo.tickets.get(7, includedetails=True)
    assert_type(ticket, models.Ticket)
    assert_type(ticket.dateoccurred, datetime | None)
    created = halo.tickets.create(models.Ticket(summary="Printer on fire", client_id=12))
    assert_type(created, models.Ticket)
    assert_type(halo.tickets.update(created.id, summary="Out", if_unchanged=ticket), models.Ticket)
    assert_type(halo.tickets.upsert([created, {"summary": "Another"}]), Sequence[models.Ticket])
    assert_type(halo.tickets.delete(created.id, reason="done"), models.Ticket | None)
    assert_type(halo.tickets.save(created), models.Ticket)

    assert_type(halo.attachment.get(3), bytes)
    assert_type(halo.tickets.list().count(), int)
    assert_type(halo.tickets.list().first(), models.TicketSummary | None)
    assert_type(halo.tickets.list().all(), list[models.TicketSummary])
    assert_type(halo.ticket.list(client_id=12), Pages[models.TicketSummary])
    assert_type(halo.statuses.list().all(), list[models.Status])
    assert_type(halo.users.get(4).id, int)
    halo.integration_data.stripe.create_portal_session({"id": 1})
    for device in halo.integration_data.ninja_rmm.get(datatype="devices"):
        print(device)
    proxy = halo.integration_data.intune.get(
        datatype="devices", rows_path="data.items", next_path="data.next"
    )
    assert_type(proxy, Pages[Any])
    halo.tickets.list(on_incomplete="warn", lastupdatefromdate=datetime(2026, 1, 1))
    halo.tickets.list(client_ids=[1, 2], status={1, 2}, agent=(3,), team="1,2", startdate=date(2026, 1, 1))
    changed = halo.tickets.changed_since(datetime(2026, 1, 1), timedelta(minutes=1), client_id=12)
    assert_type(changed, Pages[models.TicketSummary])
    frame: Any = halo.tickets.list().to_polars(columns=["id"])
    print(frame)
    for batch in halo.tickets.list().arrow_batches(100):
        print(batch)


def connect() -> Halo:
    made = Halo(
        "acme.halopsa.com", ClientCredentials("id", "secret"), tenant="acme", rate_limit=RateLimit(300, 300)
    )
    with made as halo:
        assert_type(halo, Halo)
        assert_type(halo.with_options(timeout=5), Halo)
        assert_type(halo.tickets.with_options(timeout=5), Tickets)
        assert_type(halo.request("GET", "/Agent/me"), Any)
    made.close()
    return Halo.from_env(deadline=60)


def any_client(client: Client) -> None:
    client.forget_lookups()
    print(client.statistics().requests)


def name_things(halo: Halo) -> None:
    assert_type(halo.resolve("status", "New"), int)
    assert_type(halo.resolve("status", ["New", "Closed"]), list[int])
    assert_type(halo.custom_fields(halo.asset.get(4)), CustomFields)


def move_files(halo: Halo) -> None:
    assert_type(halo.attachment.upload("plan.pdf", ticket_id=7, note="The plan"), models.Attachment)
    assert_type(halo.attachment.download(7, to="."), Downloaded)


def show(progress: Progress) -> None:
    print(progress.rows)


def export(halo: Halo) -> None:
    assert_type(halo.export(["tickets"], "out", format="csv", on_progress=show), Report)


def run_reports(halo: Halo) -> None:
    rows = halo.report.run(7, client_id=12)
    assert_type(rows, ReportRows)
    assert_type(list(rows), list[dict[str, Any]])
    assert_type(rows.columns, tuple[ReportColumn, ...])
    assert_type(len(rows), int)
    assert_type(halo.report.sql("SELECT 1", parse_dates=True).all(), list[dict[str, Any]])


def write_many(halo: Halo) -> None:
    def rows() -> Iterator[dict[str, Any]]:
        yield {"summary": "x"}

    results = halo.tickets.bulk_upsert(rows(), batch_size=10, on_error="continue")
    assert_type(results, Generator[RowResult[models.Ticket], None, None])
    for result in results:
        assert_type(result.record, models.Ticket | None)
    for other in halo.client.bulk_upsert([models.Client(name="a"), {"name": "b"}], journal="j", resume=True):
        assert_type(other.record, models.Client | None)
    with halo.dry_run() as prepared:
        assert_type(prepared, list[PreparedRequest])
