"""A blocking client and the instance that it talks to, which has a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from halo_async import ClientCredentials
from halo_async.blocking import Halo
from halo_async.emulator import Emulator
from halo_async.emulator.thread import in_thread


@pytest.fixture(scope="module")
def served() -> Iterator[Emulator]:
    with in_thread(tickets=300, rate_limit=None) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Emulator) -> Emulator:
    served.reset()
    return served


@pytest.fixture
def make(emulator: Emulator) -> Callable[..., Halo]:
    def made(**options: object) -> Halo:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        return Halo(emulator.url, credentials, rate_limit=None, **options)  # type: ignore[arg-type]

    return made


@pytest.fixture
def halo(make: Callable[..., Halo]) -> Iterator[Halo]:
    with make() as halo:
        yield halo
