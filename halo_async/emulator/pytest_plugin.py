"""pytest fixtures: ``halo_emulator``, an instance to test against, and ``halo``, a client logged in to it.

The instance is one server per session (one per worker under pytest-xdist), as new for every test.
``@pytest.mark.halo(seed=2, tickets=50, faults=[Fault("F27", "GET /Tickets", times=1)])`` makes it another: the
options are ``seed``, ``tickets``, ``faults`` (also as texts, ``"F27:GET /Tickets:times=1"``, or dicts), ``churn``,
``rate_limit`` (default None), ``scope``, ``tenants`` (more tenants of the same host) and ``as_of`` (a release of Halo).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from halo_async.client import Halo
    from halo_async.emulator import Churn, Emulator, Fault
    from halo_async.settings import RateLimit

if TYPE_CHECKING:
    _async_fixture = pytest.fixture
else:
    try:
        from pytest_asyncio import fixture as _async_fixture
    except ImportError:
        _async_fixture = pytest.fixture

SEED, TICKETS = 1, 1000


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line(
        "markers",
        "halo(seed, tickets, faults, churn, rate_limit, scope, tenants, as_of): the emulated instance",
    )


@pytest.fixture(scope="session")
def _halo_server() -> Iterator[Emulator]:
    """Run the one server of a session; imported here so that a session without it has no cost."""
    from halo_async.emulator.thread import in_thread

    with in_thread(seed=SEED, tickets=TICKETS, rate_limit=None) as emulator:
        yield emulator


@pytest.fixture
def halo_emulator(_halo_server: Emulator, request: pytest.FixtureRequest) -> Emulator:
    """Return a Halo instance on a loopback port, reset: no writes, recorded requests or armed faults."""
    options = _options(request)
    _halo_server.reset(
        seed=options.get("seed", SEED),
        tickets=options.get("tickets", TICKETS),
        as_of=options.get("as_of", "newest"),
    )
    _halo_server.rate_limit = options.get("rate_limit")
    _halo_server.tenants = options.get("tenants", ())
    _halo_server.churn = options.get("churn")
    _halo_server.faults.add(options.get("faults", ()))
    return _halo_server


@_async_fixture
async def halo(halo_emulator: Emulator, request: pytest.FixtureRequest) -> AsyncIterator[Halo]:
    """Yield a client logged in to ``halo_emulator``; requires pytest-asyncio."""
    from halo_async.client import Halo
    from halo_async.settings import ClientCredentials

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
    if mark is None:
        return {}
    if mark.args:
        raise pytest.UsageError(
            f"@pytest.mark.halo takes its options by name, for example seed=2. It takes {_NAMED}."
        )
    options = dict(mark.kwargs)
    for name in options:
        if name not in _OPTIONS:
            from halo_async._utils.names import did_you_mean

            near = did_you_mean(name, _OPTIONS) or f". It takes {_NAMED}."
            raise pytest.UsageError(f"@pytest.mark.halo has no option {name!r}{near}")
    release = _as_of(options.get("as_of", "newest"))
    return {
        name: _faults(value, release) if name == "faults" else _READ[name](value)
        for name, value in options.items()
    }


def _wrong(name: str, wanted: str, given: object) -> pytest.UsageError:
    return pytest.UsageError(f"@pytest.mark.halo({name}=…) takes {wanted}, not {given!r:.60}.")


def _count_setting(name: str) -> Callable[[Any], int]:
    def read(given: Any) -> int:
        if not isinstance(given, int) or isinstance(given, bool) or given < 0:
            raise _wrong(name, "an integer", given)
        return given

    return read


def _as_of(given: Any) -> str:
    from halo_async.emulator.config_fields import ConfigError
    from halo_async.emulator.documents import load

    if not isinstance(given, str):
        raise _wrong("as_of", 'a release, such as "2025-03"', given)
    try:
        load(None, given)
    except ConfigError as error:
        raise pytest.UsageError(f"@pytest.mark.halo(as_of=…): {error}") from None
    return given


def _faults(given: Any, release: str = "newest") -> list[Fault]:
    """Faults, their keys as a dict, or texts as `halo-async emulator --faults` takes them."""
    from halo_async.emulator import Fault
    from halo_async.emulator.config import checked_faults, fault_from_text
    from halo_async.emulator.config_fields import ConfigError, read_object
    from halo_async.emulator.documents import load

    several = isinstance(given, Iterable) and not isinstance(given, Fault | str | Mapping)
    items: list[Any] = list(given) if several else [given]
    found: list[Fault] = []
    for item in items:
        if not isinstance(item, Fault | str | Mapping):
            raise _wrong("faults", 'Fault("F27", "GET /Tickets") or "F27:GET /Tickets"', item)
        try:
            fault = fault_from_text(item) if isinstance(item, str) else read_object(Fault, item)
            found += [item] if isinstance(item, Fault) else checked_faults([fault], load(None, release))
        except ConfigError as error:
            raise pytest.UsageError(f"@pytest.mark.halo(faults=…): {error}") from None
    return found


def _churn(given: Any) -> Churn | None:
    from halo_async.emulator import Churn

    if given is None or isinstance(given, Churn):
        return given
    if isinstance(given, Mapping):
        from halo_async.emulator.config_fields import ConfigError, read_object

        try:
            return read_object(Churn, given)
        except ConfigError as error:
            raise pytest.UsageError(f"@pytest.mark.halo(churn=…): {error}") from None
    raise _wrong("churn", 'Churn("/Tickets", insert=0.5)', given)


def _rate_limit(given: Any) -> RateLimit | None:
    from halo_async.errors import SettingsError
    from halo_async.settings import RateLimit

    if given is None or isinstance(given, RateLimit):
        return given
    try:
        return RateLimit.parse(given)
    except (SettingsError, AttributeError):
        raise _wrong("rate_limit", 'RateLimit(300, 300), "300/300" or None', given) from None


def _scope(given: Any) -> str:
    if not isinstance(given, str):
        raise _wrong("scope", 'one string, such as "read:tickets edit:tickets"', given)
    return given


def _tenants(given: Any) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else given
    if not isinstance(names, list | tuple | set | frozenset) or not all(
        isinstance(one, str) for one in names
    ):
        raise _wrong("tenants", 'names, such as ["acme", "beta"]', given)
    return tuple(names)


_READ: dict[str, Callable[[Any], Any]] = {
    "seed": _count_setting("seed"),
    "tickets": _count_setting("tickets"),
    "faults": _faults,
    "churn": _churn,
    "rate_limit": _rate_limit,
    "scope": _scope,
    "tenants": _tenants,
    "as_of": _as_of,
}
_OPTIONS = frozenset(_READ)
_NAMED = ", ".join(_READ)
