"""Inactive, disabled and API-only rows in an export: left out and said so, or asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from halo_async.errors import SettingsError
from halo_async.export import Progress, Report
from tests.support.export_kit import lines, only

SWITCHES = {"agent": [["includeapiagents", "true"], ["includedisabled", "true"]]}


@pytest.fixture
async def dormant(halo: Halo) -> set[int]:
    """Ids of a disabled agent and one for the API alone."""
    made = [
        await halo.agent.create({"name": "Gone Fishing", "isdisabled": True}),
        await halo.agent.create({"name": "Night Robot", "isapiagent": True}),
    ]
    return {agent.id for agent in made}


def names(folder: Path, name: str = "agent") -> set[int]:
    return {row["id"] for row in lines(folder / f"{name}.jsonl")}


async def test_an_export_of_agents_says_that_it_leaves_some_out(
    halo: Halo, dormant: set[int], tmp_path: Path
) -> None:
    report = await halo.export(["agent", "status"], tmp_path)
    assert [item.inactive_left_out for item in report.resources] == [True, False]
    assert all(item.warnings == () for item in report.resources)
    assert names(tmp_path)
    assert not names(tmp_path) & dormant
    assert Report.read(tmp_path) == report


async def test_with_the_switches_everything_is_there(
    halo: Halo, halo_emulator: Emulator, dormant: set[int], tmp_path: Path
) -> None:
    report = await halo.export(["agent", "status"], tmp_path, include_inactive=True)
    assert report.complete
    assert not any(item.inactive_left_out for item in report.resources)
    assert names(tmp_path) >= dormant
    assert report.filters == SWITCHES
    for request in halo_emulator.requests("GET /Agent"):
        assert dict(request.query)["includedisabled"] == "true"


async def test_a_filter_that_is_given_wins(halo: Halo, dormant: set[int], tmp_path: Path) -> None:
    filters = {"agent": {"includeapiagents": False}}
    item = only(await halo.export(["agent"], tmp_path, include_inactive=True, filters=filters))
    assert item.inactive_left_out
    assert len(names(tmp_path) & dormant) == 1


@pytest.mark.parametrize("again", [{}, {"include_inactive": True}])
async def test_an_export_that_is_resumed_or_brought_up_to_date_keeps_the_switches(
    halo: Halo, tmp_path: Path, again: dict[str, Any]
) -> None:
    gone = await halo.client.create({"name": "Closed Long Ago", "inactive": True})

    def stop(step: Progress) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await halo.export(
            ["client"],
            tmp_path,
            include_inactive=True,
            filters={"client": {"toplevel_id": 1}},
            on_progress=stop,
        )
    kept = [["toplevel_id", "1"], ["includeinactive", "true"]]
    report = await halo.export([], tmp_path, resume=True, **again)
    assert report.complete
    assert report.filters == {"client": kept}
    later = await halo.client.create({"name": "Closed Today", "toplevel_id": 1, "inactive": True})
    report = await halo.export([], tmp_path, since="last", **again)
    assert report.complete
    assert report.filters == {"client": kept}
    assert later.id in names(tmp_path, "client")
    assert gone.id not in names(tmp_path, "client")  # it belongs to no top level


async def test_a_folder_without_inactive_rows_is_not_brought_up_to_date_with_them(
    halo: Halo, tmp_path: Path
) -> None:
    await halo.export(["client"], tmp_path)
    with pytest.raises(SettingsError, match="contains client under other filters"):
        await halo.export([], tmp_path, since="last", include_inactive=True)
