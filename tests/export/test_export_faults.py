"""Exports from an instance some of whose responses lose rows: they are whole, or they are not called complete."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Churn, Emulator, Fault
from halo_async.export import export
from halo_async.export.progress import Progress
from halo_async.export.spec import parse_spec as wanted
from halo_async.export.stream import stream
from tests.support.export_kit import FORMATS, ids, lines, needs, only, rows_of

LOSSES: list[tuple[str, str]] = [
    ("F10", "empty"),
    ("F52", "204"),
    ("F10", "array"),
    ("F10", "count"),
    ("F10", "error"),
    ("F41", "cut"),
    ("F41", "none"),
    ("F62", "errors"),
    ("F62", "exception"),
]
"""Responses without rows, and one with some."""
SEEDS = range(int(os.environ.get("HALO_EXPORT_FAULT_SEEDS", "10")))
"""A campaign sets more."""
ALL = list(range(1, 1001))


def loss(kind: tuple[str, str], path: str = "/Tickets", *, after: int = 0, rows: int = 37) -> Fault:
    return Fault(kind[0], f"GET {path}", kind[1], times=1, after=after, options={"rows": rows})


@pytest.mark.parametrize("kind", LOSSES)
async def test_a_response_that_lost_its_rows_ends_no_keyset_lane(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, kind: tuple[str, str]
) -> None:
    for after in (0, 1, 3, 10):
        halo_emulator.faults.clear()
        halo_emulator.faults.add([loss(kind, after=after)])
        report = await export(halo, ["tickets"], tmp_path / str(after))
        assert (only(report).complete, sorted(ids(tmp_path / str(after), report))) == (True, ALL)


@pytest.mark.parametrize("path", ["/Tickets", "/Client", "/Team"])
async def test_an_error_is_no_row_however_often_it_comes(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, path: str
) -> None:
    halo_emulator.faults.add([Fault("F62", f"GET {path}", "errors")])
    name = {"/Tickets": "tickets", "/Client": "clients", "/Team": "teams"}[path]
    report = await export(halo, [name], tmp_path / "out")
    assert not report.complete
    assert "is an error" in str(only(report).error)


@pytest.mark.parametrize("variant", ["own", "missing"])
async def test_a_response_that_lost_its_rows_is_noticed_where_totals_tell_nothing(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, variant: str
) -> None:
    for number, kind in enumerate(LOSSES):
        halo_emulator.faults.clear()
        halo_emulator.faults.add([loss(kind, after=number), Fault("F41", "GET /Tickets", variant)])
        report = await export(halo, ["tickets"], tmp_path / str(number))
        assert only(report).complete
        assert sorted(ids(tmp_path / str(number), report)) == ALL


@pytest.mark.parametrize("kind", LOSSES)
async def test_a_response_that_lost_its_rows_ends_no_pass_that_began_anew(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, kind: tuple[str, str]
) -> None:
    for after in (1, 2, 6):
        halo_emulator.faults.clear()
        halo_emulator.faults.add([loss(kind, after=after), Fault("F33", "GET /Tickets", "ignored")])
        report = await export(halo, ["tickets"], tmp_path / str(after))
        assert (only(report).complete, only(report).consistency) == (True, "best-effort")
        assert sorted(ids(tmp_path / str(after), report)) == ALL


@pytest.mark.halo(tickets=40)
@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize(("name", "path"), [("actions", "/Actions"), ("attachment", "/Attachment")])
async def test_no_parent_is_without_children_because_one_response_was(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, kind: tuple[str, str], name: str, path: str
) -> None:
    await export(halo, [name], tmp_path / "whole")
    halo_emulator.faults.add([loss(kind, path, after=20, rows=1)])
    report = await export(halo, [name], tmp_path / "lost")
    assert report.complete, report.resources[-1]
    assert sorted(lines(tmp_path / "lost" / f"{name}.jsonl"), key=str) == sorted(
        lines(tmp_path / "whole" / f"{name}.jsonl"), key=str
    )


@pytest.mark.parametrize("kind", LOSSES)
async def test_what_goes_to_a_stream_is_whole(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, kind: tuple[str, str]
) -> None:
    halo_emulator.faults.add([loss(kind, after=3)])
    found, out = wanted(["tickets"], None), io.BytesIO()
    report = await stream(halo, found.operations[0], found.options, out)
    assert report.complete
    assert len(out.getvalue().splitlines()) == 1000


@pytest.mark.parametrize("kind", LOSSES)
@pytest.mark.parametrize(
    ("name", "path"), [("client", "/Client"), ("agent", "/Agent"), ("tickets", "/Tickets")]
)
async def test_a_file_is_not_replaced_by_an_empty_one(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, kind: tuple[str, str], name: str, path: str
) -> None:
    before = await export(halo, [name], tmp_path)
    halo_emulator.faults.add([loss(kind, path, rows=2)])
    after = await export(halo, [name], tmp_path, since="last")
    assert (after.complete, only(after).rows) == (True, only(before).rows)


@pytest.mark.halo(faults=[])
async def test_a_list_that_lost_more_than_half_is_confirmed_before_its_file_is_replaced(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    before = only(await export(halo, ["agent"], tmp_path))
    data = (tmp_path / "agent.jsonl").read_bytes()
    halo_emulator.faults.add([Fault("F41", "GET /Agent", "none", times=3)])
    item = only(await export(halo, ["agent"], tmp_path, since="last"))
    assert (item.complete, item.error_type) == (False, "IncompleteError")
    assert f"had {before.rows:,} before" in (item.error or "")
    assert (tmp_path / "agent.jsonl").read_bytes() == data
    halo_emulator.faults.clear()
    assert (await export(halo, [], tmp_path, resume=True)).complete
    assert (tmp_path / "agent.jsonl").read_bytes() == data


async def test_the_next_run_asks_again_for_changes_of_which_none_was_received(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await export(halo, ["tickets"], tmp_path)
    report = json.loads((tmp_path / "report.json").read_text())
    report["stamps"]["tickets"] = before = "2026-01-02T03:04:05+00:00"
    (tmp_path / "report.json").write_text(json.dumps(report))
    await halo.tickets.update(7, summary="changed")
    halo_emulator.faults.add([Fault("F41", "GET /Tickets", "none")])
    lost = await export(halo, ["tickets"], tmp_path, since="last")
    assert (only(lost).changed, lost.stamps) == (0, {"tickets": before})
    halo_emulator.faults.clear()
    await export(halo, ["tickets"], tmp_path, since="last")
    assert {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}[7]["summary"] == "changed"


async def test_changes_that_were_received_outlive_a_merge_that_failed(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    first = only(await export(halo, ["tickets"], tmp_path))
    await halo.tickets.update(7, summary="changed")
    await halo.tickets.delete(9)
    # The changes take three requests; the list of the deleted, the fourth, counts more rows than it has.
    halo_emulator.faults.add([Fault("F41", "GET /Tickets", "high", after=3)])
    failed = only(await export(halo, [], tmp_path, since="last"))
    assert (failed.complete, failed.error_type) == (False, "IncompleteError")
    halo_emulator.faults.clear()
    item = only(await export(halo, [], tmp_path, resume=True))
    after = {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}
    assert (item.complete, item.rows, item.deleted) == (True, first.rows - 1, 1)
    assert after[7]["summary"] == "changed"


async def test_a_list_without_a_row_is_asked_for_everything_next_time(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    halo_emulator.faults.add([Fault("F41", "GET /Tickets", "none")])
    empty = await export(halo, ["tickets"], tmp_path)
    assert (empty.complete, empty.stamps["tickets"][:4]) == (True, "1970")
    halo_emulator.faults.clear()
    assert only(await export(halo, ["tickets"], tmp_path, since="last")).rows == 1000


async def test_a_deleted_list_that_shows_every_row_removes_none(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await export(halo, ["tickets"], tmp_path)

    async def everything(*_: object) -> list[int]:
        return ALL

    monkeypatch.setattr("halo_async.export.merge._deleted", everything)
    item = only(await export(halo, ["tickets"], tmp_path, since="last"))
    assert (item.complete, item.rows, item.deleted) == (True, 1000, None)


@pytest.mark.parametrize("search", [True, False])
async def test_rows_deleted_meanwhile_do_not_make_it_incomplete(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path, search: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("halo_async.export.fetch.PageFetcher.searchable", search)
    halo_emulator.churn = Churn("/Tickets", delete=2.0)
    report = await export(halo, ["tickets"], tmp_path, concurrency=2)
    assert report.complete, only(report)
    assert set(halo_emulator.truth()) <= set(ids(tmp_path, report))
    assert only(report).requests <= 10 + 2 + 2


# Random faults ------------------------------------------------------------------------------------

CLASSES = ("keyset", "descending", "best-effort", "single-response", "children")


def faults(random: Random, path: str, way: str) -> list[Fault]:
    """Some responses lose rows, by place or by chance, or fail in ways that are repeated."""
    kinds = [*LOSSES, ("F10", "null"), ("F08", "cut"), ("F27", "503"), ("F05", None), ("F07", None)]
    base = {"best-effort": [Fault("F33", f"GET {path}", "ignored")], "single-response": []}
    totals = [Fault("F41", f"GET {path}", kind) for kind in ("own", "missing")]
    lasting = base.get(way, random.choice([[], [], [totals[0]], [totals[1]]]))
    number = random.choice([1, 1, 2, 3])
    places = random.sample(range(0, 30, 3), number)
    picked = [
        Fault(
            *_of(random.choice(kinds), path), times=1, after=place, options={"rows": random.randrange(1, 99)}
        )
        for place in places
    ]
    return [*picked, *lasting]


def _of(kind: tuple[str, str | None], path: str) -> tuple[str, str, str | None]:
    return kind[0], f"GET {path}", kind[1]


@pytest.mark.parametrize("way", CLASSES)
@pytest.mark.parametrize("seed", SEEDS)
async def test_under_random_faults_an_export_is_the_truth_or_not_complete(
    halo: Halo,
    halo_emulator: Emulator,
    tmp_path: Path,
    seed: int,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    random = Random(f"{seed} {way}")
    format = random.choice(FORMATS)
    needs(format)
    tickets = {"single-response": 70, "children": 30}.get(way, random.choice([480, 500, 600]))
    halo_emulator.reset(seed=seed, tickets=tickets)
    monkeypatch.setattr("halo_async.export.fetch.PageFetcher.searchable", way != "descending")
    name, path = ("actions", "/Actions") if way == "children" else ("tickets", "/Tickets")
    truth = await _truth(halo, halo_emulator, way)
    halo_emulator.faults.add(faults(random, path, way))

    def stop(step: Progress) -> None:
        if step.resource == name and step.requests >= 6:
            raise InterruptedError

    watch: Callable[[Progress], None] | None = stop if seed % 3 == 2 else None
    with suppress(InterruptedError):
        report = await export(halo, [name], tmp_path, format=format, on_progress=watch)
    if watch is not None:
        report = await export(halo, [], tmp_path, resume=True)
    item = report.resources[-1]
    assert not item.complete or _found(tmp_path, format, name) == truth(), item
    if not item.complete:
        halo_emulator.faults.clear()
        assert (await export(halo, [], tmp_path, resume=True)).complete
        assert _found(tmp_path, format, name) == truth()
    await halo.tickets.update(7, summary="changed")
    halo_emulator.faults.clear()
    halo_emulator.faults.add(faults(random, path, way))
    report = await export(halo, [], tmp_path, since="last")
    assert not report.resources[-1].complete or _found(tmp_path, format, name) == truth(), item


async def _truth(halo: Halo, emulator: Emulator, way: str) -> Callable[[], list[Any]]:
    if way != "children":
        emulator.churn = Churn("/Tickets")
        return lambda: sorted(emulator.truth())
    rows = [
        (row.ticket_id, row.id)
        for ticket in emulator.world.table("/Tickets").ids
        async for row in halo.actions.list(ticket_id=ticket)
    ]
    return lambda: sorted(rows)


def _found(folder: Path, format: str, name: str) -> list[Any]:
    rows = rows_of(folder, format, name)
    if name == "tickets":
        return sorted(row["id"] for row in rows)
    return sorted((int(row["ticket_id"]), row["id"]) for row in rows)
