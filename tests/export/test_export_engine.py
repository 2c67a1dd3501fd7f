"""Exports of a whole emulated instance, over sockets."""

from __future__ import annotations

import asyncio
import errno
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, cast

import pytest

from halo_async import ClientCredentials, Halo
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator, Fault
from halo_async.errors import AuthenticationError, SettingsError
from halo_async.export import Progress, Report, ResourceReport, export
from halo_async.export.progress import State
from halo_async.export.spool import Spool
from halo_async.settings import RateLimit


@pytest.fixture
async def patient(halo_emulator: Emulator) -> AsyncIterator[Halo]:
    """A client whose waits take no time."""
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    clock = VirtualClock(auto_advance=True)
    async with Halo(halo_emulator.url, credentials, rate_limit=None, clock=clock) as halo:
        yield halo


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def by_name(report: Report) -> dict[str, ResourceReport]:
    return {item.resource: item for item in report.resources}


async def test_every_row_is_written_as_the_instance_shows_it(halo: Halo, tmp_path: Path) -> None:
    report = await export(halo, ["tickets", "asset"], tmp_path / "out")
    for resource, path, key, total in [
        ("tickets", "/Tickets", "tickets", 1000),
        ("asset", "/Asset", "assets", 375),
    ]:
        shown: list[Any] = []
        while len(shown) < total:
            params = {"pageinate": True, "page_no": len(shown) // 50 + 1, "page_size": 50, "order": "id"}
            shown += (await halo.request("GET", path, params=params))[key]
        assert lines(tmp_path / "out" / f"{resource}.jsonl") == shown
        assert by_name(report)[resource].rows == by_name(report)[resource].distinct_ids == total
    assert report.complete


async def test_hardly_more_requests_are_made_than_pages_are_needed(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    report = by_name(await export(halo, ["tickets", "asset", "agent", "client"], tmp_path))
    counts = {name: len(halo_emulator.requests(f"GET {path}")) for name, path in
              [("tickets", "/Tickets"), ("asset", "/Asset"), ("agent", "/Agent"), ("client", "/Client")]}  # fmt: skip
    assert counts == {"tickets": 10 + 1, "asset": 8 + 1, "agent": 2, "client": 2}
    assert counts == {name: item.requests for name, item in report.items()}
    assert [item.least_requests for item in report.values()] == [10, 8, 1, 1]


async def test_resources_are_exported_at_the_same_time(halo: Halo, tmp_path: Path) -> None:
    seen: list[Progress] = []
    await export(halo, ["tickets", "users", "asset"], tmp_path, on_progress=seen.append)
    first_end = next(at for at, step in enumerate(seen) if step.state.over)
    assert {step.resource for step in seen[:first_end]} == {"tickets", "users", "asset"}


async def test_progress_tells_rows_total_and_the_end(halo: Halo, tmp_path: Path) -> None:
    seen: list[Progress] = []
    await export(halo, ["tickets"], tmp_path, on_progress=seen.append)
    assert [step.rows for step in seen] == sorted(step.rows for step in seen)
    assert (seen[0].state, seen[0].total) == (State.RUNNING, None)
    assert (seen[-1].state, seen[-1].rows, seen[-1].total) == (State.DONE, 1000, 1000)


async def test_the_report_is_beside_the_files_and_says_all(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    report = await export(halo, ["Tickets", "client"], tmp_path)
    written = json.loads((tmp_path / "report.json").read_text())
    assert written == json.loads(json.dumps(report.as_json()))
    assert written["complete"] is True
    assert written["instance"] == f"{halo_emulator.url}?tenant={halo_emulator.tenant}"
    tickets, client = written["resources"]
    assert {name: tickets[name] for name in
            ("resource", "file", "rows", "distinct_ids", "record_count", "requests", "retries", "answers_429",
             "consistency", "ids_ascending", "complete", "error")} == {
        "resource": "tickets", "file": "tickets.jsonl", "rows": 1000, "distinct_ids": 1000, "record_count": 1000,
        "requests": 11, "retries": 0, "answers_429": 0, "consistency": "keyset", "ids_ascending": True,
        "complete": True, "error": None,
    }  # fmt: skip
    assert client["consistency"] == "single-response"
    assert tickets["conditions"] == [
        {"name": name, "holds": True}
        for name in ("order=id honoured", "id filter offered", "id filter honoured")
    ]
    assert written["stamps"].keys() == {"tickets", "client"}
    assert tickets["bytes"] > (tmp_path / "tickets.jsonl").stat().st_size
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "client.jsonl",
        "client.schema.json",
        "report.json",
        "tickets.jsonl",
        "tickets.schema.json",
    ]


@pytest.mark.halo(faults=[Fault("F27", "GET /Client", "503", times=2), Fault("F25", "GET /Site", times=1)])
async def test_repeats_are_counted_where_they_happened(patient: Halo, tmp_path: Path) -> None:
    report = by_name(await export(patient, ["tickets", "client", "site"], tmp_path))
    assert {name: (item.retries, item.answers_429) for name, item in report.items()} == {
        "tickets": (0, 0),
        "client": (2, 0),
        "site": (1, 1),
    }
    assert all(item.complete for item in report.values())


@pytest.mark.parametrize(
    "fault",
    [
        Fault("F07", "GET /Tickets", times=1, after=3),
        Fault("F08", "GET /Tickets", times=2, after=1),
        Fault("F11", "GET /Tickets", "renamed"),
        Fault("F11", "GET /Tickets", "sidecar"),
        Fault("F34", "GET /Tickets"),
        Fault("F35", "GET /Tickets"),
        Fault("F41", "GET /Tickets", "missing"),
        Fault("F41", "GET /Tickets", "text"),
        Fault("F41", "GET /Tickets", "zero"),
    ],
    ids=lambda fault: f"{fault.number}-{fault.variant}",
)
async def test_all_rows_come_through_a_fault(
    patient: Halo, halo_emulator: Emulator, tmp_path: Path, fault: Fault
) -> None:
    halo_emulator.faults.add([fault])
    report = await export(patient, ["tickets"], tmp_path)
    assert halo_emulator.faults.log
    assert report.complete, report
    assert sorted(row["id"] for row in lines(tmp_path / "tickets.jsonl")) == list(range(1, 1001))


@pytest.mark.halo(faults=[Fault("F45", "GET /Team", "int128")])
async def test_an_integer_beyond_64_bits_is_written_digit_by_digit(halo: Halo, tmp_path: Path) -> None:
    (item,) = (await export(halo, ["team"], tmp_path)).resources
    assert b":18446744073709551616123," in (tmp_path / "team.jsonl").read_bytes()
    assert (item.complete, item.requests) == (True, 2)


@pytest.mark.halo(faults=[Fault("F41", "GET /Client", "high")])
async def test_fewer_rows_than_announced_make_a_resource_incomplete(patient: Halo, tmp_path: Path) -> None:
    report = await export(patient, ["client", "site"], tmp_path)
    client, site = report.resources
    assert (client.state, client.file, client.error_type) == (
        State.INCOMPLETE,
        "client.jsonl.part",
        "IncompleteError",
    )
    assert client.rows == 25
    assert client.record_count is not None
    assert client.record_count > 25
    assert not report.complete
    assert site.complete
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".halo-export.journal",
        "client.jsonl.part",
        "report.json",
        "site.jsonl",
        "site.schema.json",
    ]


@pytest.mark.halo(faults=[Fault("F27", "GET /Tickets", "500", after=4)])
async def test_an_error_midway_keeps_what_came_and_lets_the_others_finish(
    patient: Halo, tmp_path: Path
) -> None:
    tickets, users = (await export(patient, ["tickets", "users"], tmp_path)).resources
    assert (tickets.state, tickets.rows, tickets.error_type) == (State.FAILED, 200, "ServerError")
    assert [row["id"] for row in lines(tmp_path / "tickets.jsonl.part")] == list(range(1, 201))
    assert users.complete
    assert users.rows == 250


@pytest.mark.halo(faults=[Fault("F18", "GET /Invoice")])
async def test_a_forbidden_resource_does_not_spoil_the_others(halo: Halo, tmp_path: Path) -> None:
    invoice, client = (await export(halo, ["invoice", "client"], tmp_path)).resources
    assert (invoice.state, invoice.rows, invoice.error_type) == (State.FAILED, 0, "PermissionDeniedError")
    assert client.complete


async def test_cancelling_leaves_part_files_and_a_report(halo_emulator: Emulator, tmp_path: Path) -> None:
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    came = asyncio.Event()

    def watch(step: Progress) -> None:
        if step.rows >= 100:
            came.set()

    # Two calls tell how each list is read, and one more brings rows; those after them wait for a minute: the
    # cancellation always finds it at work.
    async with Halo(halo_emulator.url, credentials, rate_limit=RateLimit(6, 60)) as halo:
        task = asyncio.create_task(export(halo, ["tickets", "users"], tmp_path, on_progress=watch))
        await came.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["complete"] is False
    assert {item["state"] for item in report["resources"]} == {"interrupted"}
    assert sorted(path.name for path in tmp_path.glob("*.jsonl*")) == [
        "tickets.jsonl.part",
        "users.jsonl.part",
    ]


async def test_a_full_disk_is_reported_and_leaves_no_complete_file(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Spool, "append", full)
    (item,) = (await export(halo, ["client"], tmp_path)).resources
    assert (item.state, item.error) == (State.FAILED, "The file cannot be written: no space left on device.")
    assert sorted(path.name for path in tmp_path.glob("[!.]*")) == ["client.jsonl.part", "report.json"]


@pytest.mark.parametrize(
    ("name", "meant"), [("width", "concurrency"), ("explode", "flatten"), ("formt", "format")]
)
async def test_an_unknown_option_is_refused_with_the_one_that_is_meant(
    halo: Halo, tmp_path: Path, name: str, meant: str
) -> None:
    for function in (export, Halo.export):
        with pytest.raises(TypeError, match=rf"export\(\) has no option '{name}'. Did you mean '{meant}'\?"):
            await cast(Any, function)(halo, ["tickets"], tmp_path, **{name: 2})


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        ({"filters": {"tickets": 5}}, "by resource"),
        ({"filters": ["open_only"]}, "by resource"),
        ({"filters": {"open_only": True}}, "by resource"),
        ({"concurrency": "3"}, "from 1 to 64"),
        ({"concurrency": True}, "from 1 to 64"),
    ],
    ids=str,
)
async def test_an_option_of_the_wrong_type_is_refused_in_one_sentence(
    halo: Halo, tmp_path: Path, option: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(SettingsError, match=sentence):
        await export(halo, ["tickets"], tmp_path, **option)


async def test_a_folder_that_is_not_empty_is_refused_before_any_request(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    before = len(halo_emulator.requests)
    with pytest.raises(SettingsError, match="not empty"):
        await export(halo, ["client"], tmp_path)
    with pytest.raises(SettingsError, match="is a file"):
        await export(halo, ["client"], tmp_path / "mine.txt")
    assert len(halo_emulator.requests) == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


async def test_a_refused_login_makes_no_folder(halo_emulator: Emulator, tmp_path: Path) -> None:
    halo = Halo(halo_emulator.url, ClientCredentials(halo_emulator.client_id, "wrong"))
    try:
        with pytest.raises(AuthenticationError):
            await export(halo, ["client"], tmp_path / "out")
    finally:
        await halo.aclose()
    assert not (tmp_path / "out").exists()


async def test_an_empty_list_is_an_empty_file(halo: Halo, halo_emulator: Emulator, tmp_path: Path) -> None:
    halo_emulator.reset(tickets=0)
    (item,) = (await export(halo, ["tickets"], tmp_path)).resources
    assert (item.complete, item.rows, item.requests) == (True, 0, 3)
    assert (tmp_path / "tickets.jsonl").read_bytes() == b""
