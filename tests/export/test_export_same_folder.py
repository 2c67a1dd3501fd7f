"""Two exports that want one folder at once: one has it, and what the other finished meanwhile stays."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.errors import SettingsError
from halo_async.export import Report, export, workspace
from halo_async.export.journal import NAME
from tests.support.export_kit import lines, only


def during_login(halo: Halo, monkeypatch: pytest.MonkeyPatch, act: Callable[[], Awaitable[Any]]) -> None:
    """Have something happen once while the next export logs in: it has looked at the folder, and not locked it."""
    transport = type(halo.transport)
    login = transport.token

    async def token(self: Any, *given: Any, **options: Any) -> Any:
        monkeypatch.setattr(transport, "token", login)
        await act()
        return await login(self, *given, **options)

    monkeypatch.setattr(transport, "token", token)


@pytest.mark.parametrize("resume", [False, True])
async def test_an_export_that_finished_meanwhile_is_not_replaced(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, resume: bool
) -> None:
    during_login(halo, monkeypatch, lambda: export(halo, ["agent"], tmp_path))
    with pytest.raises(SettingsError, match=r"Another export finished in .* meanwhile"):
        await export(halo, ["tickets"], tmp_path, resume=resume)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"agent.jsonl", "agent.schema.json", "report.json"}
    report = await export(halo, [], tmp_path, since="last")
    assert only(report).resource == "agent"


async def finishing_while_it_is_locked(
    halo: Halo, folder: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    """Have another update finish after the next one has read the last report, and before it holds the folder."""
    elsewhere = folder.with_name("elsewhere")
    shutil.copytree(folder, elsewhere)
    await export(halo, names, elsewhere, since="last", filters={"agent": {"search": "a"}})
    make = workspace._make

    def finish(out: Path) -> None:
        monkeypatch.setattr(workspace, "_make", make)
        shutil.copytree(elsewhere, out, dirs_exist_ok=True)

    monkeypatch.setattr(workspace, "_make", finish)


async def test_an_update_goes_on_from_the_one_that_finished_meanwhile(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    await export(halo, ["tickets"], out)
    await finishing_while_it_is_locked(halo, out, monkeypatch, ["tickets", "agent"])
    await halo.tickets.update(7, summary="changed")
    report = await export(halo, ["tickets"], out, since="last")
    assert set(report.stamps) == {"tickets", "agent"}
    assert set(report.filters) == {"agent"}
    rows = {row["id"]: row for row in lines(out / "tickets.jsonl")}
    assert (len(rows), rows[7]["summary"]) == (1000, "changed")


async def test_an_update_under_other_filters_than_the_one_that_finished_meanwhile_is_refused(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    await export(halo, ["tickets"], out)
    await finishing_while_it_is_locked(halo, out, monkeypatch, ["agent"])
    with pytest.raises(SettingsError, match="under other filters"):
        await export(halo, ["agent"], out, since="last")
    assert not (out / NAME).exists()
    report = await export(halo, ["tickets"], out, since="last")
    assert set(report.stamps) == {"tickets", "agent"}


@pytest.mark.parametrize("others", [["tickets"], ["agent"]])
async def test_of_exports_that_begin_at_once_each_folder_has_one(
    halo: Halo, tmp_path: Path, others: list[str]
) -> None:
    tries = [export(halo, names, tmp_path) for names in (["tickets"], others, others)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    reports = [found for found in done if isinstance(found, Report)]
    assert [type(found) for found in done].count(SettingsError) == 2
    (report,) = reports
    assert report.complete
    assert only(report).resource in {"tickets", *others}
    assert Report.read(tmp_path) == report
    assert len(lines(tmp_path / only(report).file)) == only(report).rows


async def test_updates_that_begin_at_once_lose_no_change(halo: Halo, tmp_path: Path) -> None:
    await export(halo, ["tickets", "actions"], tmp_path)
    for ticket in (7, 8):
        await halo.tickets.update(ticket, summary="changed")
    await halo.actions.create(ticket_id=5, note="one more")
    done = await asyncio.gather(
        *(export(halo, [], tmp_path, since="last") for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(found, Report) and found.complete for found in done) >= 1
    assert all(isinstance(found, Report | SettingsError) for found in done)
    rows = {row["id"]: row for row in lines(tmp_path / "tickets.jsonl")}
    assert [rows[ticket]["summary"] for ticket in (7, 8)] == ["changed", "changed"]
    assert [row.get("note") for row in lines(tmp_path / "actions.jsonl")].count("one more") == 1
