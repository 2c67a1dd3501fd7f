"""Rows that change while a list is read several times: each version is in the file, and the report says so."""

from __future__ import annotations

from pathlib import Path

from halo_async.emulator import Behaviour, Churn, Emulator, Fault
from tests.support.export_kit import lines, only
from tests.support.writes_kit import client as client_of

NO_FILTER = Behaviour(id_filter="ignored")
OWN_COUNT = Fault("F41", "GET /Tickets", "own")


async def exported(folder: Path, churn: Churn | None) -> tuple[int, int, tuple[str, ...]]:
    """Rows and distinct ids in the file, and the warnings."""
    async with (
        Emulator(
            seed=3, tickets=150, rate_limit=None, faults=[OWN_COUNT], churn=churn, behaviour=NO_FILTER
        ) as emulator,
        client_of(emulator) as halo,
    ):
        report = only(await halo.export(["tickets"], folder))
    assert report.complete
    ids = [row["id"] for row in lines(folder / "tickets.jsonl")]
    assert (report.rows, report.distinct_ids) == (len(ids), len(set(ids)))
    return len(ids), len(set(ids)), report.warnings


async def test_rows_in_more_than_one_version_are_reported(tmp_path: Path) -> None:
    rows, ids, warnings = await exported(tmp_path, Churn(update=0.3))
    assert rows > ids == 150
    assert any(f"the id of an earlier one: {rows - ids}." in warning for warning in warnings)


async def test_rows_that_stay_as_they_are_have_no_such_warning(tmp_path: Path) -> None:
    rows, ids, warnings = await exported(tmp_path, None)
    assert rows == ids == 150
    assert not any("the id of an earlier one" in warning for warning in warnings)
