"""Cancelled at any `await`: a watch continues from its state, and an export for an assistant leaves no file."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.cli.mcp_server.catalogue import Catalogue
from halo_async.cli.mcp_server.exporting import ExportCall, RowExporter
from halo_async.cli.mcp_server.options import server_options
from halo_async.cli.mcp_server.reports import ReportRunner
from tests.support.cancelling import HOW, Threads, every_moment, threads
from tests.support.leftovers import nothing_held
from tests.support.mcp_kit import files_in
from tests.support.watch_kit import told_now

pytestmark = [pytest.mark.parametrize("how", HOW), pytest.mark.halo(tickets=120)]


@pytest.fixture
async def pool() -> AsyncIterator[Threads]:
    async with threads() as pool:
        yield pool


async def test_a_watch_with_a_state(halo: Halo, pool: Threads, how: str, tmp_path: Path) -> None:
    before = tmp_path / "before"
    await told_now(halo.client, state=before)
    await halo.client.update(2, name="changed")
    states = (tmp_path / str(number) for number in itertools.count())
    current: list[Path] = []
    told: list[int] = []

    async def run() -> None:
        current[:], told[:] = [next(states)], []
        shutil.copy(before, current[0])
        async for change in halo.client.watch(state=current[0], once=True):
            told.append(change.id)

    async def continues() -> None:
        await nothing_held(halo.transport)
        again = [change.id for change in await told_now(halo.client, state=current[0])]
        assert {*told, *again} == {2}

    await every_moment(how, run, continues, pool=pool)


async def test_an_export_for_an_assistant(halo: Halo, pool: Threads, how: str, tmp_path: Path) -> None:
    options = server_options(export_folder=tmp_path)
    catalogue = Catalogue(options)
    exporter = RowExporter(halo, catalogue, ReportRunner(halo, options), options)
    given: dict[str, Any] = {
        "arguments": {},
        "fields": ("id",),
        "format": "csv",
        "limit": None,
        "budget": 1000,
    }
    names = (f"rows-{number}" for number in itertools.count())
    current: list[str] = []

    async def run() -> None:
        current[:] = [next(names)]
        await exporter.export(ExportCall(name=current[0], operation="tickets.list", query=None, **given))

    async def is_whole_or_not_there() -> None:
        await nothing_held(halo.transport)
        mine = [name for name in files_in(tmp_path) if current[0] in name]
        assert mine in ([], [f"{current[0]}.csv"])
        for name in mine:
            assert len((tmp_path / name).read_text().splitlines()) == 121

    await every_moment(how, run, is_whole_or_not_there, pool=pool)
