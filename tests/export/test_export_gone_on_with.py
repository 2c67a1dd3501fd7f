"""Going on without saying again what was asked for: the folder knows."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from halo_async.errors import SettingsError
from halo_async.export import Progress, export
from tests.support.export_kit import asked, lines


class Enough(Exception):
    """Raised by a watcher."""


def after(rows: int) -> Any:
    def watch(step: Progress) -> None:
        if step.rows >= rows and not step.state.over:
            raise Enough

    return watch


async def test_an_unfinished_export_knows_its_resources_and_options(halo: Halo, tmp_path: Path) -> None:
    filters = {"tickets": {"open_only": True}}
    with pytest.raises(Enough):
        await export(
            halo, ["tickets", "client"], tmp_path, format="sqlite", filters=filters, on_progress=after(100)
        )
    report = await export(halo, [], tmp_path, resume=True)
    assert report.complete
    assert [item.resource for item in report.resources] == ["tickets", "client"]
    assert report.filters == {"tickets": [["open_only", "true"]]}
    with closing(sqlite3.connect(tmp_path / "halo.sqlite")) as database:
        (count,) = database.execute("SELECT count(*) FROM tickets").fetchone()
    assert 0 < count < 1000


@pytest.mark.parametrize(
    ("resources", "options", "changed"),
    [
        (["client"], {}, "the resources"),
        ([], {"format": "csv"}, "the format"),
        ([], {"filters": {"tickets": {"open_only": True}}}, "the filters"),
        ([], {"since": "2024-01-01"}, "since"),
    ],
)
async def test_what_is_said_otherwise_than_the_folder_knows_is_refused(
    halo: Halo, tmp_path: Path, resources: list[str], options: dict[str, Any], changed: str
) -> None:
    with pytest.raises(Enough):
        await export(halo, ["tickets"], tmp_path, on_progress=after(100))
    with pytest.raises(SettingsError, match=f"cannot be resumed: {changed} changed"):
        await export(halo, resources, tmp_path, resume=True, **options)


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ({"partition_by": "month:dateoccurred"}, "the layout"),
        ({"columns": {"tickets": ["id"]}}, "the columns"),
        ({"flatten": "customfields"}, "flatten"),
        ({"nested": "json"}, "nested"),
        ({"never_as_null": True}, "never_as_null"),
    ],
)
async def test_an_unfinished_table_keeps_its_options(
    halo: Halo, tmp_path: Path, options: dict[str, Any], changed: str
) -> None:
    pytest.importorskip("pyarrow")
    with pytest.raises(Enough):
        await export(halo, ["tickets"], tmp_path, format="parquet", on_progress=after(100))
    with pytest.raises(SettingsError, match=f"cannot be resumed: {changed} changed"):
        await export(halo, [], tmp_path, resume=True, **options)
    assert (await export(halo, [], tmp_path, resume=True)).complete


async def test_a_complete_export_is_resumed_without_names_and_without_a_request(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    first = await export(halo, ["client"], tmp_path, format="csv")
    before = len(halo_emulator.requests)
    assert await export(halo, [], tmp_path, resume=True) == first
    assert len(halo_emulator.requests) == before


async def test_a_folder_is_brought_up_to_date_with_the_filters_that_it_was_made_with(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    await export(halo, ["tickets", "client"], tmp_path, filters={"tickets": {"open_only": True}})
    before = len(lines(tmp_path / "tickets.jsonl"))
    halo_emulator.requests.clear()
    report = await export(halo, [], tmp_path, since="last")
    assert [item.resource for item in report.resources] == ["tickets", "client"]
    assert len(lines(tmp_path / "tickets.jsonl")) == before
    assert all(
        dict(request.query)["open_only"] == "true" for request in halo_emulator.requests("GET /Tickets")
    )
    assert asked(halo_emulator) > 0


async def test_other_filters_than_those_of_the_folder_are_refused_for_changes(
    halo: Halo, tmp_path: Path
) -> None:
    await export(halo, ["tickets"], tmp_path)
    with pytest.raises(SettingsError, match="other filters"):
        await export(halo, [], tmp_path, since="last", filters={"tickets": {"open_only": True}})


@pytest.mark.parametrize("options", [{"resume": True}, {"since": "last"}])
async def test_a_folder_with_nothing_in_it_cannot_say_which_resources(
    halo: Halo, tmp_path: Path, options: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match=r"contains no export to resume. Name the resources"):
        await export(halo, [], tmp_path / "new", **options)


async def test_what_a_watcher_raises_reaches_the_caller_as_it_is(halo: Halo, tmp_path: Path) -> None:
    cause = ValueError("cause")
    mine = OSError(5, "mine")
    mine.__cause__ = cause

    def watch(step: Progress) -> None:
        if step.rows >= 300:
            raise mine

    with pytest.raises(OSError, match="mine") as caught:
        await export(halo, ["tickets", "client", "users"], tmp_path, on_progress=watch)
    assert caught.value is mine
    assert caught.value.__cause__ is cause
    report = await export(halo, [], tmp_path, resume=True)
    assert report.complete
    assert [row["id"] for row in lines(tmp_path / "tickets.jsonl")] == list(range(1, 1001))


async def test_a_watcher_that_raised_is_not_called_again(halo: Halo, tmp_path: Path) -> None:
    calls = 0

    def watch(step: Progress) -> None:
        nonlocal calls
        calls += 1
        raise Enough

    with pytest.raises(Enough):
        await export(halo, ["tickets", "client"], tmp_path, on_progress=watch)
    assert calls == 1


async def test_a_complete_export_of_other_resources_is_something_else(halo: Halo, tmp_path: Path) -> None:
    await export(halo, ["tickets"], tmp_path)
    with pytest.raises(SettingsError, match="a finished export of something else"):
        await export(halo, ["tickets", "client"], tmp_path, resume=True)


OTHERS: list[tuple[dict[str, Any], str]] = [
    ({"filters": {"tickets": {"open_only": True}}}, "contains tickets under other filters"),
    ({"columns": {"tickets": ["id"]}}, "contains tickets with other columns"),
    ({"partition_by": "month:dateoccurred"}, "contains tickets in another layout"),
    ({"flatten": "customfields"}, "contains an export without flatten"),
    ({"nested": "json"}, "contains an export without nested"),
    ({"never_as_null": True}, "contains an export without never_as_null"),
    ({"format": "jsonl"}, "as parquet"),
]


@pytest.mark.parametrize(("options", "said"), OTHERS)
@pytest.mark.parametrize("how", [{"resume": True}, {"since": "last"}], ids=str)
async def test_a_complete_export_keeps_its_options(
    halo: Halo, tmp_path: Path, how: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    """What is asked for otherwise would be left out without a word, or hold for some rows of a file only."""
    pytest.importorskip("pyarrow")
    await export(halo, ["tickets"], tmp_path, format="parquet")
    before = (tmp_path / "tickets.parquet").read_bytes()
    with pytest.raises(SettingsError, match=said):
        await export(halo, ["tickets"], tmp_path, **how, **options)
    assert (tmp_path / "tickets.parquet").read_bytes() == before


@pytest.mark.parametrize("how", [{"resume": True}, {"since": "last"}], ids=str)
async def test_options_that_are_not_given_again_are_those_of_the_folder(
    halo: Halo, tmp_path: Path, how: dict[str, Any]
) -> None:
    pytest.importorskip("pyarrow")
    options: dict[str, Any] = {
        "format": "parquet",
        "nested": "json",
        "never_as_null": True,
        "flatten": "customfields",
    }
    await export(halo, ["tickets"], tmp_path, **options)
    report = await export(halo, [], tmp_path, **how)
    assert (report.complete, report.nested, report.never_as_null) == (True, "json", True)
    assert report.flatten == ("customfields",)


async def test_changes_since_another_moment_are_something_else(halo: Halo, tmp_path: Path) -> None:
    await export(halo, ["tickets"], tmp_path, since="2024-06-01")
    for other in ("2024-01-01", "2024-07-01"):
        with pytest.raises(SettingsError, match="contains changes since 2024-06-01T00:00:00Z"):
            await export(halo, ["tickets"], tmp_path, resume=True, since=other)
    assert (await export(halo, ["tickets"], tmp_path, resume=True, since="2024-06-01")).complete


async def test_a_span_is_counted_from_each_run_so_that_the_same_command_finds_its_export(
    halo: Halo, halo_emulator: Emulator, tmp_path: Path
) -> None:
    first = await export(halo, ["tickets"], tmp_path, since="9000d")
    before = len(halo_emulator.requests)
    for span in ("9000d", "7d"):
        assert await export(halo, ["tickets"], tmp_path, since=span, resume=True) == first
    assert len(halo_emulator.requests) == before
    with pytest.raises(SettingsError, match="contains changes since"):
        await export(halo, ["tickets"], tmp_path, since="9999d", resume=True)
    await export(halo, [], tmp_path, since="last")
    assert (await export(halo, ["tickets"], tmp_path, since="9000d", resume=True)).complete


async def test_what_was_chosen_of_a_list_that_a_run_leaves_out_stays(halo: Halo, tmp_path: Path) -> None:
    chosen = {"client": ["id", "name"]}
    await export(halo, ["tickets", "client"], tmp_path, columns=chosen)
    report = await export(halo, ["tickets"], tmp_path, since="last")
    assert report.columns == chosen
    report = await export(halo, [], tmp_path, since="last")
    assert {item.resource for item in report.resources} == {"tickets", "client"}
    assert {key for row in lines(tmp_path / "client.jsonl") for key in row} == {"id", "name"}
