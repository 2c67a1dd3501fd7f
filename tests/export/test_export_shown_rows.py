"""A row that any response showed is in an export that says complete, whichever server or cache showed it."""

from __future__ import annotations

import os

import pytest

from tests.support.several_servers import export_from, random_servers

SEEDS = int(os.environ.get("HALO_EXPORT_SEEDS", "60"))
WAYS = ["keyset", "descending", "best-effort", "single-response", "by-parent"]


@pytest.mark.parametrize("way", WAYS)
async def test_a_complete_list_has_every_row_that_any_server_showed(way: str) -> None:
    complete = 0
    for seed in range(SEEDS):
        found = await export_from(random_servers(way, seed), 1 + seed % 3)
        complete += found.error is None
        assert not found.lost, (seed, found.way)
        assert found.error is not None or len(found.rows) == len(set(found.rows)), (seed, found.way)
    assert complete > SEEDS * 0.6
