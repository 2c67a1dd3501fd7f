"""Churn and its truth, reset, snapshots, time, and the same over HTTP."""

from __future__ import annotations

import pytest

from halo_async._utils.clock import SystemClock
from halo_async.emulator import Churn

PAGE = {"pageinate": "true", "page_size": 50, "order": "id"}


async def walk(wire, pages=8):
    seen = []
    for number in range(1, pages + 1):
        rows = (await wire.get("/Tickets", **PAGE, page_no=number)).json()["tickets"]
        seen += [row["id"] for row in rows]
    return seen


async def admin(wire, control, **body):
    url = f"{wire.emulator.url}/_emulator/{control}"
    async with wire.session.post(url, json=body) as response:
        return response.status, await response.json()


async def test_without_churn_a_walk_finds_everything(start):
    wire = await start(churn=Churn())
    assert await walk(wire) == list(wire.emulator.truth()) == list(range(1, 301))


async def test_under_churn_a_walk_upwards_loses_rows_that_were_there_throughout(start):
    wire = await start(churn=Churn(insert=0.3, delete=9))
    seen = await walk(wire)
    truth = set(wire.emulator.truth())
    assert truth < set(range(1, 301))
    assert truth - set(seen)
    assert len(truth) <= 300 - 9 * 6


async def test_the_truth_leaves_out_rows_that_went_and_came_back(start):
    wire = await start(churn=Churn(delete=2, reenter=1))
    await walk(wire, 4)
    truth = set(wire.emulator.truth())
    now = set(wire.emulator.world.table("/Tickets").ids)
    assert truth < now & set(range(1, 301))


async def test_churn_updates_move_rows_to_the_front_of_the_default_order(start):
    wire = await start(churn=Churn(update=3))
    await wire.get("/Tickets")
    first = (await wire.get("/Tickets")).json()["tickets"][:3]
    assert [row["id"] for row in first] != [300, 299, 298]
    assert len(wire.emulator.truth()) == 300


async def test_the_same_seed_churns_the_same_rows(start):
    truths = []
    for _ in range(2):
        wire = await start(seed=9, churn=Churn(insert=1, delete=1, reenter=0.5))
        await walk(wire)
        truths.append(wire.emulator.truth())
    assert truths[0] == truths[1]


async def test_reset_forgets_writes_requests_and_faults_and_keeps_tokens(wire):
    await wire.post("/Tickets", [{"summary": "x"}])
    wire.emulator.reset()
    assert len(wire.emulator.requests) == 0
    assert (await wire.get("/Tickets/301")).status == 404
    wire.emulator.reset(seed=2, tickets=10)
    assert (await wire.get("/Tickets")).json()["record_count"] == 10


async def test_a_snapshot_brings_back_rows_and_actions(wire):
    await wire.post("/Tickets", [{"id": 1, "summary": "kept"}])
    snapshot = wire.emulator.snapshot()
    await wire.post("/Tickets", [{"id": 1, "summary": "lost"}])
    await wire.delete("/Tickets/2")
    await wire.post("/Actions", [{"ticket_id": 1, "note": "lost"}])
    await wire.post("/Team", [{"name": "lost"}])
    wire.emulator.restore(snapshot)
    assert (await wire.get("/Tickets/1")).json()["summary"] == "kept"
    assert (await wire.get("/Tickets/2")).status == 200
    assert (await wire.get("/Actions", ticket_id=1)).json()["actions"][0]["note"] != "lost"
    assert len((await wire.get("/Team")).json()) == 4


async def test_time_can_be_put_forward_on_the_systems_clock_too(start):
    wire = await start(clock=SystemClock(), token_lifetime=100)
    wire.emulator.advance(300)
    assert (await wire.get("/Status")).status == 401


async def test_the_knobs_turn_over_http(wire):
    assert await admin(wire, "faults", faults=[{"number": "F27", "on": "GET /Status", "variant": "503"}]) == (
        200,
        {"fired": []},
    )
    assert (await wire.get("/Status")).status == 503
    assert await admin(wire, "faults", clear=True) == (200, {"fired": []})
    assert (await wire.get("/Status")).status == 200
    response = (await admin(wire, "requests", pattern="GET /Status"))[1]
    assert [entry["status"] for entry in response["requests"]] == [503, 200]
    assert wire.token not in str(response)


async def test_snapshot_restore_churn_clock_and_limit_turn_over_http(wire):
    assert await admin(wire, "snapshot", name="a") == (200, {"name": "a"})
    await wire.delete("/Client/1")
    assert (await admin(wire, "restore", name="a"))[0] == 200
    assert (await wire.get("/Client/1")).status == 200
    assert (await admin(wire, "churn", path="/Client", delete=1))[0] == 200
    await wire.get("/Client")
    assert len((await admin(wire, "truth"))[1]["ids"]) == 6
    before = (await admin(wire, "clock", advance=0))[1]["time"]
    assert (await admin(wire, "clock", advance=300))[1]["time"] >= before + 300
    await admin(wire, "rate-limit", requests=1, seconds=60)
    assert [(await wire.get("/Team")).status for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("name", "body", "status"), [("nothing", {}, 404), ("reset", {"colour": 1}, 400), ("restore", {}, 400)]
)
async def test_an_admin_call_that_cannot_be_done_says_why(wire, name, body, status):
    assert (await admin(wire, name, **body))[0] == status


async def test_a_large_attachment_is_added_over_http(wire):
    status, response = await admin(wire, "attach", size=2_000_000, filename="disk.img", ticket_id=1)
    assert status == 200
    assert len((await wire.get(f"/Attachment/{response['id']}")).body) == 2_000_000
    rows = (await wire.get("/Attachment", ticket_id=1)).json()["attachments"]
    (row,) = [row for row in rows if row["id"] == response["id"]]
    assert (row["filename"], row["filesize"]) == ("disk.img", 2_000_000)
    assert (await admin(wire, "attach"))[0] == 400
