"""An emulator of 20 tickets without a rate limit, and a client that is logged in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from halo_async import Halo
from halo_async.emulator import Emulator
from tests.support.writes_kit import client


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(tickets=20, rate_limit=None) as running:
        yield running


@pytest.fixture
async def halo(emulator: Emulator) -> AsyncIterator[Halo]:
    async with client(emulator) as connected:
        yield connected


@pytest.fixture
def tickets(halo: Halo) -> Any:
    return halo.tickets


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "bulk.journal"
