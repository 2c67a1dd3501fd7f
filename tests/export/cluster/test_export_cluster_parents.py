"""An instance that ignores whose rows are asked for: no row comes twice, with tasks or without."""

from __future__ import annotations

from pathlib import Path

import attrs
import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from halo_async.export import export
from halo_async.export.children import CHILDREN
from tests.support.export_kit import lines
from tests.support.lanes_kit import own_tasks

pytestmark = pytest.mark.halo(tickets=40, rate_limit=None)


@pytest.fixture(autouse=True)
def ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instances ignore parameters that they do not know."""
    monkeypatch.setitem(CHILDREN, "actions", attrs.evolve(CHILDREN["actions"], parameter="of_this_ticket"))


async def test_without_tasks_each_row_comes_once(halo: Halo, halo_emulator: Emulator, tmp_path: Path) -> None:
    report = await export(halo, ["actions"], tmp_path)
    rows = [(row["ticket_id"], row["id"]) for row in lines(tmp_path / "actions.jsonl")]
    assert report.complete
    assert sorted(rows) == sorted(
        (row["ticket_id"], row["id"]) for row in halo_emulator.world.actions.newest()
    )
    assert report.resources[1].duplicates_removed == 39 * len(rows)


async def test_tasks_do_not_take_rows_of_parents_that_are_not_theirs(
    halo: Halo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with own_tasks(monkeypatch, halo, tmp_path / "parts"):
        report = await export(halo, ["actions"], tmp_path / "out")
    assert not report.complete
    assert "when those of" in str(report.resources[1].error)
