"""The emulator as its users hold it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from halo_async import document as normal_form
from halo_async.clock import Clock, SystemClock
from halo_async.document import Document
from halo_async.emulator.data.dice import Dice, guid
from halo_async.emulator.documents import Documents
from halo_async.emulator.journal import Journal
from halo_async.emulator.limit import RollingLimit
from halo_async.emulator.lists import CAP, CAPS, Limits
from halo_async.emulator.login import LIFETIME, Identity, Login
from halo_async.emulator.proxies import Behind
from halo_async.emulator.server import HOST, Server, Service
from halo_async.settings import RateLimit

_DEFAULT_LIMIT = RateLimit(300, 300)


class Emulator:
    """One instance on a free port of the loopback address, as an async context manager.

    :param seed: the same seed gives the same data, for ever.
    :param tickets: how many tickets there are at the start; other sizes follow from it.
    :param rate_limit: the rolling limit, or None for none (on-premises instances have none).
    :param tenant: the tenant's name, or None for an instance on premises.
    :param port: where to listen; 0 takes any free port.
    :param clock: what time it is for tokens, the limit and new rows.
    :param page_cap: the most rows in a page (100); ``page_caps`` by path (50 for ``/Asset``).
    :param token_lifetime: seconds until a token expires.
    :param document: a document in the normal form, or its path, in place of the one in the package.
    """

    def __init__(
        self,
        seed: int = 1,
        tickets: int = 1000,
        *,
        rate_limit: RateLimit | None = _DEFAULT_LIMIT,
        tenant: str | None = "emulator",
        port: int = 0,
        clock: Clock | None = None,
        page_cap: int = CAP,
        page_caps: Mapping[str, int] | None = None,
        token_lifetime: float = LIFETIME,
        client_id: str | None = None,
        client_secret: str | None = None,
        proxies: Behind | None = None,
        document: Document | Path | None = None,
    ) -> None:
        self.seed = seed
        self.clock = clock or SystemClock()
        self.requests = Journal()
        self._port = port
        dice = Dice(seed, "application")
        self._identity = Identity(
            client_id or guid(dice(1)), client_secret or f"{guid(dice(2))}-{guid(dice(3))}", tenant
        )
        limits = Limits(page_cap, dict(CAPS) | dict(page_caps or {}))
        self._documents = Documents(
            lambda: _document(document), self.clock, seed, tickets, limits, proxies or Behind()
        )
        self._service = Service(
            self._documents,
            Login(self._identity, self.clock, lifetime=token_lifetime),
            RollingLimit(rate_limit, self.clock),
            self.requests,
            self.clock,
        )
        self._server = Server(self._service)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Begin to listen.

        :raises OSError: if the port is taken.
        """
        await self._server.start(self._port)

    async def stop(self) -> None:
        """Close every socket; nothing stays behind."""
        await self._server.stop()

    @property
    def url(self) -> str:
        """``http://127.0.0.1:PORT``: what a client takes as its instance."""
        return f"http://{HOST}:{self._server.port}"

    @property
    def client_id(self) -> str:
        """The id of the application that may log in with its secret."""
        return self._identity.client_id

    @property
    def client_secret(self) -> str:
        """The application's secret: made up, worth nothing elsewhere."""
        return self._identity.client_secret

    @property
    def tenant(self) -> str | None:
        """The tenant's name."""
        return self._identity.tenant

    def revoke_tokens(self) -> None:
        """Make every token that was given out worthless."""
        self._service.login.revoke()

    def __repr__(self) -> str:
        return f"<Emulator {self.url} seed={self.seed}>"


def _document(source: Document | Path | None) -> Document:
    if source is None:
        return normal_form.load()
    return normal_form.read(source) if isinstance(source, Path) else source


async def serve(emulator: Emulator, ready: Any = None) -> None:
    """Run an emulator until the task is cancelled; ``ready(emulator)`` is called once it listens.

    Prints nothing.
    """
    import asyncio

    async with emulator:
        if ready is not None:
            ready(emulator)
        await asyncio.Event().wait()
