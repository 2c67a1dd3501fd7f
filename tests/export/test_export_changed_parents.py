"""Children in incremental exports: asked for by the parents that changed, unless that leaves rows unexplained."""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import time
from array import array
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator, Fault
from halo_async.emulator.behaviour import Behaviour
from halo_async.emulator.thread import in_thread
from halo_async.export import Progress, Report, ResourceReport, export
from halo_async.export.changed_parents import changed_file, read_changed, why_all, write_changed
from halo_async.export.child_job import ChildFile
from halo_async.export.children import CHILDREN
from halo_async.export.context import ExportContext
from halo_async.export.options import ExportOptions
from halo_async.export.progress import State
from halo_async.export.resource_job import _once
from halo_async.export.sinks import Id
from tests.support.export_kit import FORMATS, asked, needs, rows_of
from tests.support.killed_jobs import job_server

SEEDS = int(os.environ.get("HALO_EXPORT_SEEDS", "3"))

KILLS = int(os.environ.get("HALO_EXPORT_KILLS", "2"))

pytestmark = pytest.mark.halo(tickets=60)


def actions_of(report: Report) -> ResourceReport:
    return next(item for item in report.resources if item.resource == "actions")


def exported(folder: Path, format: str = "jsonl") -> Counter[tuple[int, int, str]]:
    rows = rows_of(folder, format, "actions")
    return Counter((int(row["ticket_id"]), int(row["id"]), str(row.get("note"))) for row in rows)


def truth(emulator: Emulator) -> Counter[tuple[int, int, str]]:
    """The actions of all tickets that there are."""
    rows = emulator.world.actions.newest()
    return Counter((int(row["ticket_id"]), int(row["id"]), str(row.get("note"))) for row in rows)


@asynccontextmanager
async def dating(touching: str, hours: int = 0) -> AsyncIterator[tuple[Halo, Emulator]]:
    """An instance whose tickets are dated by some writes of actions, by a clock that is so many hours behind."""
    behaviour, clock = Behaviour(actions_touch=touching), VirtualClock(time.time() - hours * 3600)
    async with Emulator(tickets=60, rate_limit=None, behaviour=behaviour, clock=clock) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, rate_limit=None) as halo:
            yield halo, emulator


async def brought_up_to_date(halo: Halo, emulator: Emulator, folder: Path, **options: Any) -> ResourceReport:
    emulator.requests.clear()
    report = await export(halo, [], folder, since="last", **options)
    assert report.complete
    return actions_of(report)


@pytest.mark.halo(tickets=1000)
async def test_five_tickets_that_changed_of_a_thousand_take_five_requests_and_two_counts(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await export(halo, ["actions"], tmp_path)
    for ticket in (3, 77, 500, 501, 999):
        await halo.actions.create(ticket_id=ticket, note="one more")
    item = await brought_up_to_date(halo, halo_emulator, tmp_path)
    assert asked(halo_emulator, "GET /Actions") == 5 + 2
    assert item.parents == 5
    assert item.parents_asked is not None
    assert "the rows are as many as the instance counts" in item.parents_asked
    assert exported(tmp_path) == truth(halo_emulator)
    assert len(halo_emulator.requests()) < 20


@pytest.mark.parametrize("format", ["jsonl.gz", "csv", "parquet", "duckdb", "sqlite"])
async def test_rows_of_changed_new_and_deleted_parents_are_those_of_the_instance(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, format: str
) -> None:
    needs(format)
    await export(halo, ["actions"], tmp_path, format=format)
    await halo.actions.create(ticket_id=7, note="one more")
    new = await halo.tickets.create(summary="new", tickettype_id=1)
    await halo.actions.create(ticket_id=new.id, note="its first")
    await halo.tickets.delete(9)
    item = await brought_up_to_date(halo, halo_emulator, tmp_path)
    assert exported(tmp_path, format) == truth(halo_emulator)
    assert item.rows == truth(halo_emulator).total()
    assert item.deleted
    assert asked(halo_emulator, "GET /Actions") < 20


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_after_rounds_of_changes_the_rows_are_those_of_the_instance(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    async with dating("every") as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        for _ in range(4):
            for _ in range(dice.randint(0, 6)):
                await _changed_somehow(halo, emulator, dice)
            item = await brought_up_to_date(halo, emulator, tmp_path)
            assert exported(tmp_path) == truth(emulator)
            assert item.parents is not None
            assert item.parents < 40


async def _changed_somehow(halo: Halo, emulator: Emulator, dice: random.Random) -> None:
    tickets = emulator.world.table("/Tickets").ids
    ticket = tickets.at(dice.randrange(len(tickets)))
    numbers = emulator.world.actions.numbers(ticket)
    what = dice.choice(["new", "edit", "delete", "ticket", "gone"])
    if what == "new" or not numbers:
        await halo.actions.create(ticket_id=ticket, note=f"note {dice.random()}")
    elif what == "edit":
        await halo.actions.update(dice.choice(numbers), ticket_id=ticket, note=f"edited {dice.random()}")
    elif what == "delete":
        await halo.actions.delete(dice.choice(numbers), ticket_id=ticket)
    elif what == "ticket":
        await halo.tickets.create(summary="new", tickettype_id=1)
    else:
        await halo.tickets.delete(ticket)


@pytest.mark.parametrize("touching", ["none", "new"])
async def test_an_instance_that_does_not_date_the_parents_is_asked_for_all(
    tmp_path: Path, touching: str
) -> None:
    async with dating(touching) as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        if touching == "none":
            await halo.actions.create(ticket_id=7, note="one more")
        await halo.actions.delete(1, ticket_id=11)
        await halo.actions.delete(1, ticket_id=12)
        item = await brought_up_to_date(halo, emulator, tmp_path)
        assert exported(tmp_path) == truth(emulator)
        assert item.parents == 60
        assert item.parents_asked is not None
        assert "all: with those that changed there are" in item.parents_asked
        again = await brought_up_to_date(halo, emulator, tmp_path)
        assert again.parents == 0


async def test_all_parents_can_be_asked_for(tmp_path: Path) -> None:
    async with dating("none") as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        await halo.actions.update(1, ticket_id=7, note="edited, and the ticket does not tell")
        item = await brought_up_to_date(halo, emulator, tmp_path, all_parents=True)
        assert (item.parents, item.parents_asked) == (60, "all: asked for by all_parents")
        assert exported(tmp_path) == truth(emulator)


async def test_where_all_rows_cannot_be_counted_each_changed_parent_is_asked_twice(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await export(halo, ["actions"], tmp_path)
    await halo.actions.create(ticket_id=7, note="one more")
    await halo.actions.create(ticket_id=8, note="one more")
    monkeypatch.setattr("halo_async.emulator.handlers.custom.PATIENCE", 0)
    item = await brought_up_to_date(halo, halo_emulator, tmp_path)
    assert item.parents == 2
    assert item.parents_asked is not None
    assert "does not count all rows" in item.parents_asked
    assert exported(tmp_path) == truth(halo_emulator)


async def test_attachments_are_asked_for_by_all_parents_and_the_report_says_why(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await export(halo, ["attachment"], tmp_path)
    report = await export(halo, [], tmp_path, since="last")
    item = next(item for item in report.resources if item.resource == "attachment")
    assert item.parents == 60
    assert item.parents_asked == "all: a change of these rows need not change the date of their parent"


async def test_children_that_were_left_out_of_a_run_are_asked_for_since_their_own(tmp_path: Path) -> None:
    async with dating("new", hours=1) as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        await halo.actions.create(ticket_id=7, note="one more")
        report = json.loads((tmp_path / "report.json").read_text())
        await export(halo, ["tickets"], tmp_path, since="last")
        later = json.loads((tmp_path / "report.json").read_text())
        assert later["stamps"]["actions"] == report["stamps"]["actions"]
        later["stamps"]["tickets"] = datetime.now(UTC).isoformat(timespec="seconds")
        (tmp_path / "report.json").write_text(json.dumps(later))
        assert (await brought_up_to_date(halo, emulator, tmp_path)).parents == 1
        assert exported(tmp_path) == truth(emulator)


@pytest.mark.parametrize("count", [0, 1, 3])
async def test_a_run_that_was_stopped_among_the_parents_is_resumed(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, count: int
) -> None:
    await export(halo, ["actions"], tmp_path)
    for ticket in range(5, 11):
        await halo.actions.create(ticket_id=ticket, note="one more")

    def stop(step: Progress) -> None:
        if step.resource == "actions" and step.state is State.RUNNING and step.requests > count:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await export(halo, [], tmp_path, since="last", on_progress=stop, concurrency=1)
    await halo.actions.create(ticket_id=20, note="while it was stopped")
    item = await brought_up_to_date(halo, halo_emulator, tmp_path, resume=True)
    assert exported(tmp_path) == truth(halo_emulator)
    assert item.parents == 7  # the one that changed meanwhile is found, since there is a row too few
    assert not list(tmp_path.glob(".*"))


async def test_parents_that_an_earlier_run_finished_are_all_asked_where_changes_explain_too_little(
    tmp_path: Path,
) -> None:
    async with dating("none") as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        new = await halo.tickets.create(summary="new", tickettype_id=1)
        for ticket in (new.id, 5, 6):
            await halo.actions.create(ticket_id=ticket, note="one more")

        def stop(step: Progress) -> None:
            if step.resource == "actions" and step.state is State.RUNNING and step.requests:
                raise RuntimeError("stop")

        with pytest.raises(RuntimeError, match="stop"):
            await export(halo, [], tmp_path, since="last", on_progress=stop, concurrency=1)
        item = await brought_up_to_date(halo, emulator, tmp_path, resume=True)
        assert item.parents == 61
        assert exported(tmp_path) == truth(emulator)


async def test_children_are_not_all_while_their_parents_are_not(tmp_path: Path) -> None:
    """Those of the last run alone would leave out the rows of a new one, also once it has come."""
    async with dating("new") as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        new = await halo.tickets.create(summary="new", tickettype_id=1)
        await halo.actions.create(ticket_id=new.id, note="one more")
        emulator.faults.add([Fault("F18", "GET /Tickets")])
        report = await export(halo, [], tmp_path, since="last")
        assert not actions_of(report).complete
        emulator.faults.clear()
        await brought_up_to_date(halo, emulator, tmp_path, resume=True)
        assert exported(tmp_path) == truth(emulator)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("format", ["jsonl"] if KILLS < 10 else FORMATS)
def test_killed_anywhere_and_resumed_the_children_are_those_of_the_instance(
    tmp_path: Path, format: str
) -> None:
    dice = random.Random(KILLS)
    with (
        in_thread(tickets=30, rate_limit=None) as emulator,
        job_server("killed_export.py", emulator) as send,
    ):
        send([0, str(tmp_path / "base"), format, "actions"])
        for ticket in range(5, 11):
            _one_more(emulator, ticket)
        emulator.world.table("/Tickets").remove(12)
        shutil.copytree(tmp_path / "base", tmp_path / "undisturbed")
        code, calls = send([0, str(tmp_path / "undisturbed"), format, "since=last"])
        assert code == 0
        for number in range(KILLS):
            out = tmp_path / str(number)
            shutil.copytree(tmp_path / "base", out)
            send([dice.randint(1, calls), str(out), format, "since=last"])
            assert send([0, str(out), format, "since=last"])[0] == 0
            assert exported(out, format) == truth(emulator)


def _one_more(emulator: Emulator, ticket: int) -> None:
    now = emulator.world.now()
    emulator.world.actions.insert(ticket, {"note": "one more", "datetime": now})
    emulator.world.table("/Tickets").change(ticket, {"last_update": now, "lastactiondate": now})


async def test_rows_stay_whose_parents_were_found_after_the_others_were_read(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await export(halo, ["actions"], tmp_path)
    await halo.actions.create(ticket_id=7, note="one more")

    def found_later(step: Progress) -> None:
        if step.resource == "actions" and step.state is State.MAKING:
            with changed_file(tmp_path, "actions").open("ab") as file:
                array("q", [20]).tofile(file)

    await brought_up_to_date(halo, halo_emulator, tmp_path, on_progress=found_later)
    assert exported(tmp_path) == truth(halo_emulator)


async def test_parents_that_are_asked_for_again_follow_those_that_were_known(tmp_path: Path) -> None:
    async def listed() -> list[Id]:
        return [7, 5, 8]

    place = ChildFile(
        "actions", CHILDREN["actions"], cast(ExportContext, SimpleNamespace(folder=tmp_path)), listed
    )
    write_changed(place.path, [5, 6], [9])
    await place.ask_again()
    parents = place.parents()
    assert (list(parents.ids), parents.deleted) == ([5, 6, 7, 8], frozenset({9}))


def test_ids_that_an_earlier_run_stored_are_not_stored_again(tmp_path: Path) -> None:
    path = tmp_path / "parents"
    _once(write_changed, path, [5, 6])
    _once(write_changed, path, [7])
    assert list(read_changed(path).ids) == [5, 6]


BOTH = {"actions": "x", "tickets": "x"}


@pytest.mark.parametrize(
    ("why", "options", "stamps", "child"),
    [
        (None, {}, BOTH, "actions"),
        ("asked for", {"all_parents": True}, BOTH, "actions"),
        ("last run left no rows", {}, {"tickets": "x"}, "actions"),
        ("last run left no rows", {}, {"actions": "x"}, "actions"),
        ("need not change the date", {}, {"attachment": "x", "tickets": "x"}, "attachment"),
        (
            "are filtered",
            {"filters": {"tickets": (("open_only", "true"),)}},
            BOTH,
            "actions",
        ),
        (
            "does not have the ids",
            {"columns": {"actions": ("note",)}},
            BOTH,
            "actions",
        ),
    ],
)
def test_all_parents_are_asked_for_where_changes_would_not_tell(
    why: str | None, options: dict[str, Any], stamps: dict[str, str], child: str
) -> None:
    found = why_all(child, CHILDREN[child], ExportOptions(since="last", **options), stamps)
    assert found is None if why is None else why in str(found)
