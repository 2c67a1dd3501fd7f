"""Lists that are asked for by parent."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator, Fault
from halo_async.export import Progress, export
from halo_async.export.progress import State
from tests.support.export_kit import asked, lines

pytestmark = pytest.mark.halo(tickets=120)


async def test_actions_come_ticket_by_ticket(halo: Halo, halo_emulator: Emulator, tmp_path: Path) -> None:
    tickets, actions = (await export(halo, ["actions"], tmp_path)).resources
    rows = lines(tmp_path / "actions.jsonl")
    wanted = [action.id for ticket in range(1, 121) async for action in halo.actions.list(ticket_id=ticket)]
    assert len(rows) == actions.rows == len(wanted)
    assert {row["ticket_id"] for row in rows} <= set(range(1, 121))
    assert (tickets.resource, tickets.rows) == ("tickets", 120)
    assert (actions.consistency, actions.requests, actions.least_requests) == ("by-parent", 122, 120)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "actions.jsonl",
        "actions.schema.json",
        "report.json",
        "tickets.jsonl",
        "tickets.schema.json",
    ]


async def test_no_more_than_so_many_parents_are_asked_at_once(halo: Halo, tmp_path: Path) -> None:
    running = most = 0
    send = halo.transport.send

    async def watched(request, decode):  # type: ignore[no-untyped-def]
        nonlocal running, most
        running += 1
        most = max(most, running)
        try:
            return await send(request, decode)
        finally:
            running -= 1

    halo.transport.send = watched  # type: ignore[method-assign]
    await export(halo, ["actions"], tmp_path, concurrency=3)
    assert most == 3


async def test_a_stopped_fan_out_asks_only_the_other_parents(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    def stop(step: Progress) -> None:
        if step.resource == "actions" and step.requests >= 50:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await export(halo, ["actions"], tmp_path, on_progress=stop, concurrency=4)
    before = asked(halo_emulator, "GET /Actions")
    report = await export(halo, ["actions"], tmp_path, resume=True, concurrency=4)
    assert report.complete
    assert asked(halo_emulator, "GET /Actions") <= 120 + 2 * 4
    assert asked(halo_emulator, "GET /Actions") - before < 80
    keys = [(row["ticket_id"], row["id"]) for row in lines(tmp_path / "actions.jsonl")]
    assert len(keys) == len(set(keys)) == report.resources[1].rows


@pytest.mark.halo(tickets=120, faults=[Fault("F18", "GET /Tickets")])
async def test_children_whose_parents_did_not_come_say_so(halo: Halo, tmp_path: Path) -> None:
    tickets, actions = (await export(halo, ["actions"], tmp_path)).resources
    assert tickets.state is State.FAILED
    assert (actions.state, actions.requests) == (State.INCOMPLETE, 0)
    assert actions.error is not None
    assert "parent list 'tickets' could not be read" in actions.error


async def test_attachments_and_software_have_parents_too(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    report = await export(halo, ["attachment", "asset_software"], tmp_path, format="csv")
    assert report.complete
    assert [item.resource for item in report.resources] == [
        "tickets",
        "attachment",
        "asset",
        "asset_software",
    ]
    # Other things have attachments too, so that counting them all would tell nothing: each ticket is asked twice.
    assert asked(halo_emulator, "GET /Attachment") == 240
    assert not list(tmp_path.glob(".*"))
