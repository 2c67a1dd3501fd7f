"""pytest fixtures: ``halo_emulator``, an instance to test against, and ``halo``, a client logged in to it.

The instance is one server a session (one a worker under pytest-xdist), as new for every test.
``@pytest.mark.halo(seed=2, tickets=50, faults=[Fault("F27", "GET /Tickets", times=1)])`` makes it another: the
options are ``seed``, ``tickets``, ``faults``, ``churn``, ``rate_limit`` (default None), ``scope`` and
``tenants`` (more tenants of the same host).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from halo_async import Halo
    from halo_async.emulator import Emulator

if TYPE_CHECKING:
    _async_fixture = pytest.fixture
else:
    try:
        from pytest_asyncio import fixture as _async_fixture
    except ImportError:
        _async_fixture = pytest.fixture

SEED, TICKETS = 1, 1000
_OPTIONS = {"seed", "tickets", "faults", "churn", "rate_limit", "scope", "tenants"}


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line(
        "markers", "halo(seed, tickets, faults, churn, rate_limit, scope, tenants): the emulated instance"
    )


@pytest.fixture(scope="session")
def _halo_server() -> Iterator[Emulator]:
    """The one server of a session; imported here so that a session without it pays nothing."""
    from halo_async.emulator.thread import in_thread

    with in_thread(seed=SEED, tickets=TICKETS, rate_limit=None) as emulator:
        yield emulator


@pytest.fixture
def halo_emulator(_halo_server: Emulator, request: pytest.FixtureRequest) -> Emulator:
    """A Halo instance on a loopback port, as new: nothing written, no request seen, no fault armed."""
    options = _options(request)
    _halo_server.reset(seed=options.get("seed", SEED), tickets=options.get("tickets", TICKETS))
    _halo_server.rate_limit = options.get("rate_limit")
    _halo_server.tenants = options.get("tenants", ())
    _halo_server.churn = options.get("churn")
    _halo_server.faults.add(options.get("faults", ()))
    return _halo_server


@_async_fixture
async def halo(halo_emulator: Emulator, request: pytest.FixtureRequest) -> AsyncIterator[Halo]:
    """A client logged in to ``halo_emulator``; it needs pytest-asyncio."""
    from halo_async import ClientCredentials, Halo

    options = _options(request)
    credentials = ClientCredentials(halo_emulator.client_id, halo_emulator.client_secret)
    async with Halo(
        halo_emulator.url,
        credentials,
        tenant=halo_emulator.tenant,
        scope=options.get("scope", "all"),
        rate_limit=options.get("rate_limit"),
    ) as client:
        yield client


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    mark = request.node.get_closest_marker("halo")
    options = dict(mark.kwargs) if mark else {}
    unknown = options.keys() - _OPTIONS
    if unknown or (mark and mark.args):
        raise pytest.UsageError(
            f"@pytest.mark.halo takes {', '.join(sorted(_OPTIONS))} by name, not {unknown or mark.args}"
        )
    return options
