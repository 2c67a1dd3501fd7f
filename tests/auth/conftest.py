from __future__ import annotations

import pytest
from fake_exchange import FakeExchange

from halo_async.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(auto_advance=True)


@pytest.fixture
def exchange() -> FakeExchange:
    return FakeExchange()
