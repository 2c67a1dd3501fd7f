"""Children whose parents are merged, deleted or restored while they are read, or between two runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from halo_async import ClientCredentials, Halo
from halo_async.emulator import Emulator
from halo_async.emulator.behaviour import Behaviour
from halo_async.export import Progress, export
from halo_async.export.changed_parents import changed_file
from halo_async.export.ledger import ExportLedger
from halo_async.export.progress import State
from tests.support.export_kit import lines

Rows = Counter[tuple[int, str]]


@pytest.fixture(params=[True, False], ids=["counted", "not counted"])
async def counted(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the instance counts the rows of all parents."""
    if not request.param:
        monkeypatch.setattr("halo_async.emulator.handlers.custom.PATIENCE", 0)
    return bool(request.param)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    behaviour = Behaviour(actions_touch="every")
    async with Emulator(tickets=30, rate_limit=None, behaviour=behaviour) as running:
        yield running


@pytest.fixture
async def halo(emulator: Emulator) -> AsyncIterator[Halo]:
    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    async with Halo(emulator.url, credentials, rate_limit=None) as client:
        yield client


def truth(emulator: Emulator) -> Rows:
    return Counter((int(row["ticket_id"]), str(row.get("note"))) for row in emulator.world.actions.newest())


def exported(folder: Path) -> Rows:
    return Counter((row["ticket_id"], str(row.get("note"))) for row in lines(folder / "actions.jsonl"))


def touched(emulator: Emulator, ticket: int) -> None:
    emulator.world.table("/Tickets").change(ticket, {"last_update": emulator.world.now()})


def merged(emulator: Emulator, ticket: int, into: int) -> None:
    """The actions of a ticket become those of another one, and it is deleted."""
    actions = emulator.world.actions
    for number in actions.numbers(ticket):
        actions.insert(into, actions.get(ticket, number))
        actions.remove(ticket, number)
    emulator.world.table("/Tickets").remove(ticket)
    touched(emulator, into)


def deleted(emulator: Emulator, ticket: int, into: int) -> None:
    emulator.world.table("/Tickets").remove(ticket)


def restored(emulator: Emulator, ticket: int, into: int) -> None:
    """A ticket that was deleted before comes back, and another one is renamed."""
    emulator.world.table("/Tickets").restore(ticket)
    touched(emulator, ticket)
    emulator.world.table("/Tickets").change(into, {"summary": "renamed", "last_update": emulator.world.now()})


Change = Callable[[Emulator, int, int], None]


def while_read(
    emulator: Emulator, change: Change, ticket: int, into: int, after: int
) -> Callable[[Progress], None]:
    left = [True]

    def watch(step: Progress) -> None:
        if left and step.resource == "actions" and step.state is State.RUNNING and step.requests > after:
            left.clear()
            change(emulator, ticket, into)

    return watch


@pytest.mark.parametrize("change", [merged, deleted, restored])
@pytest.mark.parametrize(("ticket", "into"), [(28, 2), (2, 28)], ids=["behind", "before"])
async def test_rows_of_parents_that_change_while_they_are_read_are_right_after_the_next_run(
    halo: Halo, emulator: Emulator, counted: bool, tmp_path: Path, change: Change, ticket: int, into: int
) -> None:
    if change is restored:
        emulator.world.table("/Tickets").remove(ticket)
    watch = while_read(emulator, change, ticket, into, 15 if counted else 30)
    report = await export(halo, ["actions"], tmp_path, on_progress=watch, concurrency=1)
    assert report.complete
    if counted and change is merged:  # none is lost, though those that were shown before stay
        assert truth(emulator) <= exported(tmp_path)
    report = await export(halo, [], tmp_path, since="last")
    assert report.complete
    assert exported(tmp_path) == truth(emulator)


@pytest.mark.parametrize("change", [merged, deleted, restored])
@pytest.mark.parametrize(("ticket", "into"), [(28, 2), (2, 28)], ids=["behind", "before"])
async def test_rows_of_parents_that_change_in_a_stopped_run_are_right_once_it_is_resumed(
    halo: Halo, emulator: Emulator, counted: bool, tmp_path: Path, change: Change, ticket: int, into: int
) -> None:
    if change is restored:
        emulator.world.table("/Tickets").remove(ticket)
    await export(halo, ["actions"], tmp_path)
    for other in range(5, 20):
        await halo.actions.create(ticket_id=other, note="one more")

    def stop(step: Progress) -> None:
        if step.resource == "actions" and step.state is State.RUNNING and step.requests > 9:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await export(halo, [], tmp_path, since="last", on_progress=stop, concurrency=1)
    change(emulator, ticket, into)
    assert (await export(halo, [], tmp_path, since="last", resume=True)).complete
    if counted:  # each row is there once, if under the parent that it had
        assert sorted(note for _, note in exported(tmp_path).elements()) == sorted(
            note for _, note in truth(emulator).elements()
        )
    assert (await export(halo, [], tmp_path, since="last")).complete
    assert exported(tmp_path) == truth(emulator)


async def test_parents_whose_changes_are_not_stored_any_more_are_all_asked(
    halo: Halo, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a power cut: their rows were merged, and the disk does not have the ids of those that changed."""
    await export(halo, ["actions"], tmp_path)
    new = await halo.tickets.create(summary="new", tickettype_id=1)
    await halo.actions.create(ticket_id=new.id, note="one more")

    done = ExportLedger.done

    def fails(self: ExportLedger, report: dict[str, Any]) -> None:
        if report["resource"] == "tickets":
            raise OSError(5, "Input/output error")
        done(self, report)

    def stop(step: Progress) -> None:
        if step.resource == "actions" and step.state is State.RUNNING and step.requests:
            raise RuntimeError("stop")

    with monkeypatch.context() as patched:
        patched.setattr(ExportLedger, "done", fails)
        with pytest.raises(RuntimeError, match="stop"):
            await export(halo, [], tmp_path, since="last", on_progress=stop)
    changed_file(tmp_path, "actions").unlink()
    report = await export(halo, [], tmp_path, since="last", resume=True)
    assert report.complete, [item.error for item in report.resources]
    assert exported(tmp_path) == truth(emulator)
