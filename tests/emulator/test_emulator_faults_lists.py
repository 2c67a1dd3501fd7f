"""Faults of lists: orders, pages, counts and cursors that do not hold."""

from __future__ import annotations

import pytest

from halo_async.emulator import Fault
from tests.support.raw_socket import faulty


async def test_f33_the_order_is_ignored(start):
    wire = await faulty(start, "F33", on="GET /Tickets")
    rows = (await wire.get("/Tickets", pageinate="true", page_no=1, order="id")).json()["tickets"]
    ids = [row["id"] for row in rows]
    assert ids != sorted(ids)


async def test_f34_the_cap_drops(start):
    wire = await faulty(start, "F34", on="GET /Tickets", cap=30)
    assert (
        len((await wire.get("/Tickets", pageinate="true", page_no=1, page_size=100)).json()["tickets"]) == 30
    )


async def test_f35_everything_comes_whatever_page_is_asked(start):
    wire = await faulty(start, "F35", on="GET /Tickets")
    assert (
        len((await wire.get("/Tickets", pageinate="true", page_no=1, page_size=10)).json()["tickets"]) == 300
    )


async def test_f36_page_1_for_ever(start):
    wire = await faulty(start, "F36", on="GET /Tickets")
    first = (await wire.get("/Tickets", pageinate="true", page_no=1, page_size=10)).json()
    second = (await wire.get("/Tickets", pageinate="true", page_no=2, page_size=10)).json()
    assert first == second
    assert wire.emulator.requests[-1].query[1] == ("page_no", "2")


@pytest.mark.parametrize(("variant", "pages"), [("itself", 1), ("cycle", 3), ("ever_new", 1)])
async def test_f37_continuations_that_never_end(start, variant, pages):
    wire = await faulty(start, "F37", variant, on="GET /IntegrationData/Get/Intune")
    seen, tokens, token = set(), set(), ""
    for _ in range(8):
        query = {"datatype": "users"} | ({"nextLink": token} if token else {})
        response = (await wire.get("/IntegrationData/Get/Intune", **query)).json()
        token = response["nextLink"]
        seen.add(response["data"][0]["id"])
        tokens.add(token)
    assert len(seen) == pages
    assert (len(tokens) == 8) == (variant == "ever_new")


async def test_f38_a_continuation_that_names_another_host(start):
    wire = await faulty(start, "F38", on="GET /IntegrationData/Get/Intune", value="http://evil.example/")
    response = (await wire.get("/IntegrationData/Get/Intune", datatype="users")).json()
    assert response["nextLink"] == "http://evil.example/"


@pytest.mark.parametrize(
    ("variant", "count"), [("zero", 0), ("text", "300"), ("low", 299), ("high", 301), ("missing", None)]
)
async def test_f41_record_counts_that_do_not_hold(start, variant, count):
    wire = await faulty(start, "F41", variant, on="GET /Tickets")
    assert (await wire.get("/Tickets", pageinate="true", page_no=1)).json().get("record_count") == count


@pytest.mark.parametrize(("variant", "rows"), [("cut", 37), ("own", 100), ("none", 0)])
async def test_f41_pages_that_count_themselves(start, variant, rows):
    wire = await faulty(start, "F41", variant, on="GET /Tickets")
    page = (await wire.get("/Tickets", pageinate="true", page_no=1, page_size=100)).json()
    assert (page["record_count"], len(page["tickets"]), page["page_no"]) == (rows, rows, 1)


async def test_f41_a_page_is_cut_to_as_many_rows_as_wanted_and_an_array_too(start):
    wire = await faulty(start, "F41", "cut", on="* *", rows=3)
    assert len((await wire.get("/Tickets", pageinate="true", page_no=1)).json()["tickets"]) == 3
    assert len((await wire.get("/Team")).json()) == 3


async def test_f56_a_column_appears_and_another_changes_its_type(start):
    wire = await start(faults=[Fault("F56", "GET /Tickets", after=1)])
    before = (await wire.get("/Tickets")).json()["tickets"][0]
    after = (await wire.get("/Tickets")).json()["tickets"][0]
    assert after.keys() - before.keys() == {"drift_new_column"}
    assert isinstance(after["summary"], int)
