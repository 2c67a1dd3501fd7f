"""Rows: sparse, wider than the schema, zone-less dates, and the same for the same seed."""

from __future__ import annotations

import re
import sys
import tracemalloc

import pytest

from halo_async._utils import openapi_document as document
from halo_async.emulator import Emulator
from halo_async.emulator.data.dataset import Dataset
from halo_async.emulator.data.tickets import Tickets

PAGE = {"pageinate": "true", "page_no": 1, "page_size": 100}
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?")


async def test_a_ticket_row_has_60_to_150_fields_and_no_nulls(wire):
    rows = (await wire.get("/Tickets", **PAGE)).json()["tickets"]
    assert all(60 <= len(row) <= 150 for row in rows)
    assert not any(value is None for row in rows for value in row.values())
    assert len({frozenset(row) for row in rows}) > 3


async def test_ticket_rows_carry_fields_newer_than_the_schema(wire):
    known = document.load_document()["components"]["schemas"]["Faults"]["properties"]
    rows = (await wire.get("/Tickets", **PAGE)).json()["tickets"]
    assert {"triage_model", "triage_confidence", "sentiment_band"} <= rows[0].keys() - known.keys()


async def test_dates_have_no_zone_and_zero_to_seven_digits_without_trailing_zeros(wire):
    rows = (await wire.get("/Tickets", **PAGE)).json()["tickets"]
    dates = [row["dateoccurred"] for row in rows]
    assert all(DATE.fullmatch(date) for date in dates)
    fractions = {date.partition(".")[2] for date in dates}
    assert {0, 7} <= {len(fraction) for fraction in fractions}
    assert not any(fraction.endswith("0") for fraction in fractions)


async def test_relations_hold(wire):
    ticket = (await wire.get("/Tickets/7")).json()
    user = (await wire.get(f"/Users/{ticket['user_id']}")).json()
    site = (await wire.get(f"/Site/{ticket['site_id']}")).json()
    assert (user["name"], user["client_id"]) == (ticket["user_name"], ticket["client_id"])
    assert site["client_id"] == ticket["client_id"]


async def test_an_object_has_more_fields_than_its_row(wire):
    row = next(
        row for row in (await wire.get("/Tickets", **PAGE, order="id")).json()["tickets"] if row["id"] == 9
    )
    whole = (await wire.get("/Tickets/9")).json()
    assert row.keys() < whole.keys()
    assert {name: whole[name] for name in row if name != "customfields"} == {
        name: row[name] for name in row if name != "customfields"
    }


async def test_the_same_seed_gives_the_same_bytes_and_another_seed_other_rows(start):
    first, same, other = await start(seed=5), await start(seed=5), await start(seed=6)
    path = "/Tickets?pageinate=true&page_no=2&page_size=50"
    assert (await first.get(path)).body == (await same.get(path)).body
    assert (await first.get(path)).body != (await other.get(path)).body


async def test_action_ids_are_unique_only_within_a_ticket(wire):
    one = (await wire.get("/Actions", ticket_id=1)).json()["actions"]
    two = (await wire.get("/Actions", ticket_id=2)).json()["actions"]
    assert {1} <= {row["id"] for row in one} & {row["id"] for row in two}
    assert {row["ticket_id"] for row in two} == {2}


def test_a_page_costs_the_same_anywhere_in_a_million_tickets_as_in_a_thousand():
    def calls_of_a_page(tickets: Tickets, start: int) -> int:
        calls = 0

        def count(frame: object, event: str, argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            rows = [tickets.row(id) for id in range(start, start + 100)]
        finally:
            sys.setprofile(before)
        assert len(rows) == 100
        return calls

    few, many = Tickets(Dataset(1, 1_000), 1_000), Tickets(Dataset(1, 1_000_000), 1_000_000)
    few.row(1), many.row(1)
    least = calls_of_a_page(few, 1)
    for start in (1, 400_000, 999_900):
        assert calls_of_a_page(many, start) < 1.2 * least


async def test_a_million_tickets_are_there_at_once(start):
    wire = await start(tickets=1_000_000)
    response = (await wire.get("/Tickets", pageinate="true", page_no=9_999, page_size=100, order="id")).json()
    assert response["record_count"] == 1_000_000
    assert response["tickets"][0]["id"] == 999_801


@pytest.mark.parametrize(("path", "parent"), [("/Lookup", "lookupid"), ("/AssetTypeInfo", "typeinfo_id")])
async def test_some_ids_are_unique_only_within_their_parent(wire, path, parent):
    rows = (await wire.get(path)).json()
    ids = [row["id"] for row in rows]
    pairs = [(row[parent], row["id"]) for row in rows]
    assert len(set(ids)) < len(ids)
    assert len(set(pairs)) == len(pairs)


async def test_a_timesheet_has_no_id_of_its_own(wire):
    rows = (await wire.get("/Timesheet")).json()
    assert {row["id"] for row in rows} == {0}


async def test_a_lookup_is_updated_within_its_own_list(wire):
    await wire.post("/Lookup", [{"id": 2, "lookupid": 3, "name": "third list"}])
    rows = (await wire.get("/Lookup", lookupid=3)).json()
    assert [row["name"] for row in rows if row["id"] == 2] == ["third list"]
    assert "third list" not in {row["name"] for row in (await wire.get("/Lookup", lookupid=2)).json()}
    assert (await wire.post("/Lookup", [{"lookupid": 3, "name": "new"}])).json()["id"] == 7


def test_a_million_untouched_tickets_take_less_than_100_mb():
    tracemalloc.start()
    try:
        emulator = Emulator(tickets=1_000_000, document=document.find_document())
        table = emulator.world.table("/Tickets")
        rows = [table.row(table.ids.at(rank)) for rank in range(0, 1_000_000, 5000)]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(rows) == 200
    assert peak < 100 * 1024 * 1024
