"""Incremental exports: what changed, merged to one row an id."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async._utils.since import moment_of
from halo_async.emulator import Emulator
from halo_async.errors import SettingsError
from halo_async.export import export
from tests.support.export_kit import asked, lines, only


async def test_the_last_export_is_brought_up_to_date(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await export(halo, ["tickets", "agent"], tmp_path)
    await halo.tickets.update(7, summary="changed")
    new = await halo.tickets.create({"summary": "new", "tickettype_id": 1})
    await halo.tickets.delete(9)
    halo_emulator.requests.clear()
    report = await export(halo, ["tickets", "agent"], tmp_path, since="last")
    rows = {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}
    assert len(rows) == len(lines(tmp_path / "tickets.jsonl")) == 1000
    assert rows[7]["summary"] == "changed"
    assert new.id in rows
    assert 9 not in rows
    tickets, agent = report.resources
    assert (tickets.rows, tickets.deleted, agent.changed) == (1000, 1, None)
    assert tickets.changed is not None
    assert 2 <= tickets.changed < 100
    assert tickets.since is not None
    assert asked(halo_emulator) <= 6
    files = {"agent.jsonl", "agent.schema.json", "report.json", "tickets.jsonl", "tickets.schema.json"}
    assert {path.name for path in tmp_path.iterdir()} == files


async def test_each_run_goes_on_from_the_one_before(halo: Halo, tmp_path: Path) -> None:
    first = await export(halo, ["tickets"], tmp_path)
    second = await export(halo, ["tickets"], tmp_path, since="last")
    third = await export(halo, ["tickets"], tmp_path, since="last")
    assert first.stamps["tickets"] <= second.stamps["tickets"] <= third.stamps["tickets"]
    assert "2" < (only(third).since or "") <= second.stamps["tickets"]
    assert only(third).rows == 1000


async def test_changes_are_asked_for_with_an_overlap(halo: Halo, tmp_path: Path) -> None:
    await export(halo, ["tickets"], tmp_path)
    report = json.loads((tmp_path / "report.json").read_text())
    report["stamps"]["tickets"] = "2024-05-06T07:08:09+00:00"
    (tmp_path / "report.json").write_text(json.dumps(report))
    assert only(await export(halo, ["tickets"], tmp_path, since="last")).since == "2024-05-06T06:58:09Z"


async def test_an_incremental_run_that_was_stopped_leaves_the_old_file_and_is_resumed(
    halo: Halo, tmp_path: Path
) -> None:
    await export(halo, ["tickets"], tmp_path)
    before = (tmp_path / "tickets.jsonl").read_bytes()
    report = json.loads((tmp_path / "report.json").read_text())
    report["stamps"]["tickets"] = "2020-01-01T00:00:00+00:00"
    (tmp_path / "report.json").write_text(json.dumps(report))

    def stop(step: object) -> None:
        if getattr(step, "rows", 0) >= 200:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await export(halo, ["tickets"], tmp_path, since="last", on_progress=stop)
    assert (tmp_path / "tickets.jsonl").read_bytes() == before
    # What the interrupted run wrote says nothing of stamps that it did not reach.
    resumed = await export(halo, ["tickets"], tmp_path, since="last", resume=True)
    assert resumed.complete
    assert len({row["id"] for row in lines(tmp_path / "tickets.jsonl")}) == 1000
    assert only(resumed).rows == 1000


async def test_a_stop_after_the_merge_does_no_harm(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await export(halo, ["tickets"], tmp_path)
    await halo.tickets.update(7, summary="changed")

    def stop(*_: object) -> None:
        raise RuntimeError("stop")

    monkeypatch.setattr("halo_async.export.ledger.ExportLedger.done", stop)
    assert not (await export(halo, ["tickets"], tmp_path, since="last")).complete
    monkeypatch.undo()
    resumed = await export(halo, ["tickets"], tmp_path, since="last", resume=True)
    rows = {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}
    assert (resumed.complete, only(resumed).rows, len(rows), rows[7]["summary"]) == (
        True,
        1000,
        1000,
        "changed",
    )


@pytest.mark.halo(tickets=60)
async def test_children_are_asked_for_by_the_parents_that_changed(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await export(halo, ["actions"], tmp_path)
    before = sorted((tmp_path / "actions.jsonl").read_bytes().splitlines())
    await halo.tickets.update(7, summary="changed")
    halo_emulator.requests.clear()
    await export(halo, ["actions"], tmp_path, since="last")
    assert asked(halo_emulator, "GET /Actions") == 1 + 2
    sent = [dict(entry.query) for entry in halo_emulator.requests("GET /Actions")]
    assert not any("lastupdatefromdate" in query for query in sent)  # it is the parents that changed
    assert sorted((tmp_path / "actions.jsonl").read_bytes().splitlines()) == before


async def test_only_rows_changed_since_a_moment_are_asked_for(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await halo.tickets.update(7, summary="changed")
    (stamp,) = [row.lastactiondate async for row in halo.tickets.list(search="7") if row.id == 7]
    item = only(await export(halo, ["tickets"], tmp_path, since=stamp))
    assert 1 <= item.rows < 1000
    assert 7 in [row["id"] for row in lines(tmp_path / "tickets.jsonl")]


async def test_a_list_that_cannot_be_asked_for_changes_comes_whole_and_says_so(
    halo: Halo, tmp_path: Path
) -> None:
    item = only(await halo.export(["agent"], tmp_path, since="2024-01-01"))
    assert item.complete
    assert item.warnings == ("This list cannot be filtered by change. It was exported whole.",)


async def test_a_folder_without_a_finished_export_has_no_last(halo: Halo, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    with pytest.raises(SettingsError, match="no finished export"):
        await export(halo, ["tickets"], tmp_path, since="last")


async def test_never_is_a_moment_that_can_be_gone_on_from(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    nobody = {"tickets": {"client_id": 987654}}
    await export(halo, ["tickets"], tmp_path, since=datetime.min, filters=nobody)
    item = only(await export(halo, ["tickets"], tmp_path, since="last"))
    assert item.complete
    assert item.since == "0001-01-01T00:00:00Z"


async def test_a_date_is_a_moment(halo: Halo, tmp_path: Path) -> None:
    item = only(await export(halo, ["tickets"], tmp_path, since=date(2020, 5, 31)))
    assert item.since == "2020-05-31T00:00:00Z"


@pytest.mark.parametrize(
    ("since", "sentence"),
    [
        ("yesterday", "is neither a point in time nor a span"),
        (5, "is neither a point in time nor a span"),
        (["last"], "is neither a point in time nor a span"),
        (time(9, 30), "is neither a point in time nor a span"),
        ("7 days", "Write 7d, 12h, 30m, 2w, P7D, 2026-01-31"),
        ("P1M", "is neither a point in time nor a span"),
        ("P", "is neither a point in time nor a span"),
        ("PT", "is neither a point in time nor a span"),
        ("0d", "must be longer than 0 s"),
        (timedelta(days=-1), "must be longer than 0 s"),
        ("999999d", "begins before the year 1"),
        ("99999999999w", "begins before the year 1"),
        (timedelta.max, "begins before the year 1"),
        ("2099-01-01", "is in the future"),
        (date(2099, 1, 1), "is in the future"),
    ],
)
async def test_what_is_no_moment_of_the_past_is_refused(
    halo: Halo, tmp_path: Path, since: Any, sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await export(halo, ["tickets"], tmp_path, since=since)


@pytest.mark.parametrize(
    ("since", "ago"),
    [
        ("7d", timedelta(days=7)),
        ("12h", timedelta(hours=12)),
        ("30m", timedelta(minutes=30)),
        ("2w", timedelta(weeks=2)),
        (" 7D ", timedelta(days=7)),
        ("P7D", timedelta(days=7)),
        ("P1W", timedelta(weeks=1)),
        ("p1dt12h30m5s", timedelta(days=1, hours=12, minutes=30, seconds=5)),
        (timedelta(days=7), timedelta(days=7)),
    ],
)
def test_a_span_is_that_long_before_now(since: Any, ago: timedelta) -> None:
    moment = moment_of(since)
    assert moment is not None
    assert abs(datetime.fromisoformat(moment) - (datetime.now(UTC) - ago)) < timedelta(seconds=5)


@pytest.mark.halo(tickets=60)
async def test_a_span_is_asked_for_and_last_goes_on_from_it(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await halo.tickets.update(7, summary="changed")
    item = only(await export(halo, ["tickets"], tmp_path, since="1d"))
    assert item.since is not None
    assert ("lastupdatefromdate", item.since) in halo_emulator.requests("GET /Tickets")[0].query
    assert 7 in [row["id"] for row in lines(tmp_path / "tickets.jsonl")]
    await halo.tickets.update(8, summary="changed later")
    report = await export(halo, [], tmp_path, since="last")
    assert only(report).since is not None
    assert item.since < only(report).since
    assert 8 in [row["id"] for row in lines(tmp_path / "tickets.jsonl")]


@pytest.mark.halo(tickets=300)
async def test_a_span_that_is_given_again_resumes_from_the_moment_it_meant_first(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _stopped(halo, tmp_path, since="5200w")
    meant = json.loads((tmp_path / ".halo-export.journal").read_bytes().splitlines()[0])["since"]
    monkeypatch.setattr("halo_async._utils.since.datetime", _Tomorrow)
    with pytest.raises(SettingsError, match="since changed"):
        await export(halo, ["tickets"], tmp_path, since="5201w", resume=True)
    report = await export(halo, ["tickets"], tmp_path, since=timedelta(weeks=5200), resume=True)
    assert (only(report).since, only(report).rows) == (meant, 300)


class _Tomorrow(datetime):
    """A clock one day ahead."""

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + timedelta(days=1)


async def _stopped(halo: Halo, folder: Path, **options: Any) -> None:
    def stop(step: object) -> None:
        if getattr(step, "rows", 0) >= 100:
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        await export(halo, ["tickets"], folder, on_progress=stop, **options)
