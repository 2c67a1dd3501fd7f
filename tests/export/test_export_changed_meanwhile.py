"""Rows that change while a list is read several times: the file has each once, as it was received last."""

from __future__ import annotations

import json
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from halo_async.emulator import Behaviour, Churn, Emulator, Fault
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resolve_names
from halo_async.export.options import ExportOptions
from halo_async.export.page_order import PageOrderReader
from halo_async.export.report import ResourceReport
from halo_async.export.seen_ids import SeenIds
from halo_async.export.spool import Spool
from halo_async.export.stream import stream
from tests.support.churning_list import Churn as Changes
from tests.support.churning_list import ChurningList, export_list
from tests.support.export_kit import FORMATS, needs, only, rows_of
from tests.support.writes_kit import client as client_of

NO_FILTER = Behaviour(id_filter="ignored")
OWN_COUNT = Fault("F41", "GET /Tickets", "own")
EDITED = Churn(update=0.3)


def emulated(churn: Churn | None) -> Emulator:
    return Emulator(
        seed=3, tickets=150, rate_limit=None, faults=[OWN_COUNT], churn=churn, behaviour=NO_FILTER
    )


async def exported(
    folder: Path, churn: Churn | None, format: str = "jsonl"
) -> tuple[list[int], ResourceReport]:
    """The ids in the file, and the report."""
    async with emulated(churn) as emulator, client_of(emulator) as halo:
        report = only(await halo.export(["tickets"], folder, format=format))
    assert report.complete
    ids = [row["id"] for row in rows_of(folder, format)]
    assert report.rows == len(ids)
    return ids, report


@pytest.mark.parametrize("format", FORMATS)
async def test_a_row_that_changes_between_two_readings_is_in_the_file_once(
    tmp_path: Path, format: str
) -> None:
    needs(format)
    ids, report = await exported(tmp_path, EDITED, format)
    assert len(ids) == len(set(ids)) == report.distinct_ids == 150
    assert report.duplicates_removed > 0
    assert not any("the id of an earlier one" in warning for warning in report.warnings)


async def test_rows_that_stay_as_they_are_have_no_warning(tmp_path: Path) -> None:
    ids, report = await exported(tmp_path, None)
    assert len(ids) == len(set(ids)) == 150
    assert not any("the id of an earlier one" in warning for warning in report.warnings)


@pytest.mark.parametrize("step", ["select", "replace"])
async def test_an_export_stopped_while_rows_are_removed_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    async with emulated(EDITED) as emulator, client_of(emulator) as halo:
        with monkeypatch.context() as patched:
            patched.setattr(Spool, step, fails)
            assert not only(await halo.export(["tickets"], tmp_path)).complete
        report = only(await halo.export(["tickets"], tmp_path, resume=True))
    ids = [row["id"] for row in rows_of(tmp_path, "jsonl")]
    assert report.complete
    assert len(ids) == len(set(ids)) == report.rows == 150
    assert {item.name for item in tmp_path.iterdir()} == {
        "tickets.jsonl",
        "tickets.schema.json",
        "report.json",
    }


async def test_a_stream_keeps_each_version_and_says_so() -> None:
    out, (operation,) = BytesIO(), resolve_names(["tickets"])
    async with emulated(EDITED) as emulator, client_of(emulator) as halo:
        report = only(await stream(halo, operation, ExportOptions(), out))
    ids = [json.loads(line)["id"] for line in out.getvalue().splitlines()]
    assert len(ids) > len(set(ids)) == 150
    assert any(f"the id of an earlier one: {len(ids) - 150}." in warning for warning in report.warnings)


async def test_the_version_received_last_is_kept() -> None:
    """Also where a row is again as it was at first, and after rows that have no id."""
    tally = SeenIds()
    rows = [b'{"id":1}', b'{"id":2}', b'{"id":0}', b'{"name":"x"}']
    written = tally.new(rows)
    for edited in (b'{"id":1,"n":2}', b'{"id":2,"n":2}', b'{"id":1}'):
        written += tally.new([edited])
    assert [row for row in written if tally.is_latest(row)] == [b'{"id":1}', *rows[2:], b'{"id":2,"n":2}']


@pytest.mark.parametrize("seed", [1, 3])
async def test_rows_are_kept_where_an_id_comes_twice_in_one_reading(seed: int) -> None:
    """Then it does not identify a row, as in tables whose ids are not unique; on one page, or on two."""
    served = ChurningList(150, seed, Changes(edit=0.5, until=20), totals="none", twice=7)
    found = await export_list(served)
    assert found.error is None
    assert set(found.rows) == set(range(1, 151))
    assert len(found.rows) > 150


@pytest.mark.parametrize("totals", ["none", "own", "right"])
async def test_no_row_is_lost_or_twice_that_changes_and_moves(totals: str) -> None:
    edited = complete = 0
    for seed in range(12):
        served = ChurningList(250, seed, Changes(move=0.05, edit=0.5), totals=totals)
        found = await export_list(served)
        edited += len(served.versions)
        complete += found.error is None
        assert found.error is not None or sorted(found.rows) == list(range(1, 251)), seed
    assert edited > 10
    assert complete > 6


async def test_a_resumed_reading_is_no_proof_that_each_id_came_once() -> None:
    """The journal does not have the ids that it received before it stopped."""
    states: list[Any] = []
    tally = SeenIds()

    class Kept:
        async def commit(
            self, lane: int, state: Any, rows: Sequence[bytes], repeats: int = 0, *, read_by: Any = None
        ) -> None:
            states.append(state)
            tally.new(list(rows))

    (operation,) = resolve_names(["tickets"])
    fetcher = PageFetcher(operation, ChurningList(250, 1, totals="none"))
    whole = PageOrderReader(fetcher, Kept(), None, SeenIds())
    await whole.read()
    assert whole.ids_identify_rows
    resumed = PageOrderReader(fetcher, Kept(), states[-2], tally)
    await resumed.read()
    assert not resumed.ids_identify_rows
