"""Clocks that differ, jump or change to summer time: no change is passed over by the next `since="last"`."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Behaviour, Emulator
from halo_async.export import Progress, export
from halo_async.measurements import Measurements
from tests.support.export_kit import asked, lines, only

HOUR = 3600.0


@asynccontextmanager
async def instance_of(
    hours: float, offset: int = 0, measured: int | None = None
) -> AsyncIterator[tuple[Halo, Emulator]]:
    """An instance whose clock is so many hours from this machine's."""
    clock = VirtualClock(time.time() + hours * HOUR, auto_advance=True)
    behaviour = Behaviour(utc_offset=offset)
    async with Emulator(tickets=60, rate_limit=None, clock=clock, behaviour=behaviour) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        measurements = None if measured is None else Measurements({"date_zone": measured})
        async with Halo(emulator.url, credentials, rate_limit=None, measurements=measurements) as halo:
            yield halo, emulator


def moved(folder: Path, **stamps: datetime) -> None:
    """Have the last run's moments be others."""
    path = folder / "report.json"
    report = json.loads(path.read_text())
    report["stamps"].update({name: at.isoformat(timespec="seconds") for name, at in stamps.items()})
    path.write_text(json.dumps(report))


@pytest.mark.parametrize("hours", [-30, -5, -0.5, 0, 5, 30])
async def test_a_change_is_asked_for_however_far_apart_the_clocks_are(hours: float, tmp_path: Path) -> None:
    async with instance_of(hours) as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        for count in (1, 2):
            emulator.advance(60)
            await halo.tickets.update(7, summary=f"changed {count}")
            emulator.advance(60)
            await halo.actions.create(ticket_id=5, note="one more")
            before = asked(emulator, "GET /Actions")
            assert (await export(halo, [], tmp_path, since="last")).complete
            rows = {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}
            notes = [row.get("note") for row in lines(tmp_path / "actions.jsonl")]
            assert rows[7]["summary"] == f"changed {count}"
            assert notes.count("one more") == count
            assert asked(emulator, "GET /Actions") - before < 60


async def test_the_moment_of_a_machine_that_is_behind_is_its_own(tmp_path: Path) -> None:
    async with instance_of(5) as (halo, _):
        began = datetime.now(UTC) - timedelta(seconds=1)
        report = await export(halo, ["tickets"], tmp_path)
        assert began <= datetime.fromisoformat(report.stamps["tickets"]) <= datetime.now(UTC)


async def test_the_moment_of_a_resumed_run_is_that_of_its_first_request(tmp_path: Path) -> None:
    def stop(step: Progress) -> None:
        if step.rows and not step.state.over:
            raise RuntimeError("stop")

    async with instance_of(-2) as (halo, emulator):
        first = datetime.fromtimestamp(emulator.clock.time() + 60, UTC)
        with pytest.raises(RuntimeError, match="stop"):
            await export(halo, ["tickets"], tmp_path, on_progress=stop)
        emulator.advance(HOUR)
        report = await export(halo, ["tickets"], tmp_path, resume=True)
        assert datetime.fromisoformat(report.stamps["tickets"]) < first


async def test_a_moment_that_is_still_to_come_is_not_gone_on_from(tmp_path: Path) -> None:
    async with instance_of(0) as (halo, emulator):
        await export(halo, ["actions"], tmp_path)
        later = datetime.now(UTC) + timedelta(hours=1)
        moved(tmp_path, tickets=later, actions=later)
        await halo.tickets.update(7, summary="changed")
        await halo.actions.create(ticket_id=5, note="one more")
        report = await export(halo, [], tmp_path, since="last")
        assert report.complete
        assert {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}[7]["summary"] == "changed"
        assert "one more" in [row.get("note") for row in lines(tmp_path / "actions.jsonl")]
        for item in report.resources:
            assert any("still to come by the clock of this machine" in warning for warning in item.warnings)
        assert all(datetime.fromisoformat(at) < later for at in report.stamps.values())
        last = await export(halo, ["tickets"], tmp_path, since="last")
        assert only(last).changed is not None
        assert not only(last).warnings
        assert asked(emulator, "GET /Tickets") > 2


async def test_a_moment_just_ahead_is_gone_on_from(tmp_path: Path) -> None:
    async with instance_of(0) as (halo, _):
        await export(halo, ["tickets"], tmp_path)
        moved(tmp_path, tickets=datetime.now(UTC) + timedelta(minutes=5))
        await halo.tickets.update(7, summary="changed")
        item = only(await export(halo, [], tmp_path, since="last"))
        assert item.changed is not None
        assert item.changed < 60
        assert {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}[7]["summary"] == "changed"


@pytest.mark.parametrize(("measured", "now"), [(-240, -300), (-300, -240), (-300, -300), (30, 0), (60, 0)])
async def test_a_zone_that_was_measured_in_summer_holds_in_winter(
    measured: int, now: int, tmp_path: Path
) -> None:
    async with instance_of(0, now, measured) as (halo, emulator):
        await export(halo, ["tickets"], tmp_path)
        emulator.advance(60)
        moment = datetime.fromtimestamp(emulator.clock.time(), UTC)
        await halo.tickets.update(7, summary="changed")
        moved(tmp_path, tickets=datetime.now(UTC))
        assert (await export(halo, [], tmp_path, since="last")).complete
        assert {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}[7]["summary"] == "changed"
        found = await halo.tickets.changed_since(moment).all()
        assert 7 in {row.id for row in found}


def test_dates_in_utc_are_behind_by_nothing() -> None:
    assert [Measurements({"date_zone": minutes}).behind_utc for minutes in (0, -300, 30, 60, 330)] == [
        *(0, 360, 30, 0, 0)
    ]
    assert Measurements({}).behind_utc == 0
