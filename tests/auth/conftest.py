from __future__ import annotations

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.auth import login_key
from tests.support.fake_exchange import FakeExchange


@pytest.fixture(autouse=True)
def _quick_and_alone(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Secrets of tests are short, so each would take its time; locks of keychains are below the user's settings."""
    monkeypatch.setattr(login_key, "ROUNDS", 1)
    settings = str(tmp_path_factory.mktemp("settings"))
    monkeypatch.setenv("XDG_CONFIG_HOME", settings)
    monkeypatch.setenv("APPDATA", settings)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(auto_advance=True)


@pytest.fixture
def exchange() -> FakeExchange:
    return FakeExchange()
