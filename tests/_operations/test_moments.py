"""Ends of ranges, and the dates that stand for none."""

from __future__ import annotations

import csv
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from halo_async import Halo, is_never, models, wrap
from halo_async._operations.operation import bind
from halo_async.api.invoice import Invoice
from halo_async.api.tickets import Tickets
from halo_async.emulator import Emulator, Fault

EAST = timezone(timedelta(hours=9))
DAY = date(2024, 3, 5)
NEVER = ["0001-01-01T00:00:00", "1899-12-30T00:00:00", "1900-01-01T00:00:00", "9999-12-31T23:59:59.9999999"]


def sent(name: str, value: object, operation: object = Tickets.list) -> object:
    return bind(operation.operation, (), {name: value})[name]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["enddate", "lastupdatetodate", "calendar_enddate"])
@pytest.mark.parametrize("day", [DAY, "2024-03-05"])
def test_a_day_that_ends_a_range_is_the_whole_of_it(name, day):
    assert sent(name, day) == "2024-03-05T23:59:59.999Z"


@pytest.mark.parametrize("name", ["startdate", "lastupdatefromdate", "calendar_startdate"])
@pytest.mark.parametrize("day", [DAY, "2024-03-05", datetime(2024, 3, 5)])
def test_a_day_that_begins_a_range_is_its_first_moment(name, day):
    assert sent(name, day) == "2024-03-05T00:00:00Z"


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2024, 3, 5), "2024-03-05T00:00:00Z"),
        (datetime(2024, 3, 5, 8, tzinfo=EAST), "2024-03-04T23:00:00Z"),
        (datetime(2024, 3, 5, 8, 0, 0, 500_000), "2024-03-05T08:00:00.500000Z"),
        ("2024-03-05T08:00:00", "2024-03-05T08:00:00"),
        ("2024-03-05T08:00:00+09:00", "2024-03-05T08:00:00+09:00"),
    ],
)
def test_a_moment_ends_a_range_as_it_is(moment, text):
    assert sent("enddate", moment) == text


def test_what_documents_call_a_boolean_takes_the_moment_that_it_is():
    assert sent("invoicedateend", DAY, Invoice.list) == "2024-03-05T23:59:59.999Z"
    assert sent("invoicedatestart", DAY, Invoice.list) == "2024-03-05T00:00:00Z"


async def test_every_ticket_of_the_last_day_comes(halo: Halo, halo_emulator: Emulator, tmp_path):
    rows = await halo.tickets.list().all()
    day = max(row.dateoccurred for row in rows).date() - timedelta(days=2)
    wanted = {row.id for row in rows if row.dateoccurred.date() == day}
    assert wanted
    asked = {"datesearch": "dateoccurred", "startdate": day, "enddate": day}
    assert {row.id for row in await halo.tickets.list(**asked).all()} == wanted
    texts = {**asked, "startdate": day.isoformat(), "enddate": day.isoformat()}
    assert {row.id for row in await halo.tickets.list(**texts).all()} == wanted
    report = await halo.export(["tickets"], tmp_path, filters={"tickets": asked})
    assert report.resources[0].rows == len(wanted)


async def test_on_an_instance_a_bare_day_is_its_first_moment_and_a_range_needs_datesearch(
    halo: Halo, halo_emulator: Emulator
):
    rows = await halo.tickets.list().all()
    day = max(row.dateoccurred for row in rows).date().isoformat()
    ended = {"pageinate": True, "page_no": 1, "datesearch": "dateoccurred", "startdate": day, "enddate": day}
    assert (await halo.request("GET", "/Tickets", params=ended))["record_count"] == 0
    loose = {"pageinate": True, "page_no": 1, "startdate": day, "enddate": day}
    assert (await halo.request("GET", "/Tickets", params=loose))["record_count"] == len(rows)


@pytest.mark.parametrize("text", NEVER)
def test_what_stands_for_never_reads_and_is_told(text):
    moment = wrap(models.Ticket, {"dateoccurred": text}).dateoccurred
    assert moment.tzinfo is UTC
    assert is_never(moment)
    assert is_never(text)
    assert is_never(moment.replace(tzinfo=None))
    assert is_never(moment.date())


@pytest.mark.parametrize("offset", [-12, -5, 9, 14])
@pytest.mark.parametrize("text", NEVER)
def test_never_is_never_in_every_zone(text, offset):
    moment = wrap(models.Ticket, {"dateoccurred": text}).dateoccurred
    zone = timezone(timedelta(hours=offset))
    try:
        elsewhere = moment.astimezone(zone)
    except OverflowError:  # why there is `is_never`
        elsewhere = moment.replace(tzinfo=zone)
    assert is_never(elsewhere)


async def test_rows_of_an_instance_with_dates_that_stand_for_never_are_read_and_told(
    halo: Halo, halo_emulator: Emulator, tmp_path
):
    halo_emulator.faults.add([Fault("F48", "GET /Tickets", "never")])
    tickets = await halo.tickets.list().limit(8).all()
    assert {ticket.dateoccurred.year for ticket in tickets} == {1, 1899, 1900, 9999}
    assert all(is_never(ticket.dateoccurred) for ticket in tickets)
    report = await halo.export(["tickets"], tmp_path, format="csv", never_as_null=True)
    assert report.complete
    with (tmp_path / "tickets.csv").open(newline="") as file:
        assert {row["dateoccurred"] for row in csv.DictReader(file)} == {""}


def test_never_beyond_the_calendar_reads_too():
    for text in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-12:00"):
        assert is_never(wrap(models.Ticket, {"dateoccurred": text}).dateoccurred)


@pytest.mark.parametrize(
    "moment", [datetime(1900, 1, 2), date(2026, 1, 1), "1899-12-31", "9999-12-30T23:59:59"]
)
def test_other_moments_are_not_never(moment):
    assert not is_never(moment)


def test_no_date_at_all_is_never_and_what_is_none_is_refused():
    assert is_never(None)
    assert is_never("")
    with pytest.raises(TypeError):
        is_never(5)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match=r"^is_never\(\) takes a date in ISO 8601, such as '2026-05-31', not 'soon'\.$"
    ):
        is_never("soon")
