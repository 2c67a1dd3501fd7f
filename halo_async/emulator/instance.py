"""Public interface of the emulator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from halo_async._utils.background import complete, running_loop
from halo_async._utils.clock import Clock, SystemClock
from halo_async._utils.openapi_document import Document
from halo_async.emulator.behaviour import Behaviour
from halo_async.emulator.churn import Churn, ChurnRunner
from halo_async.emulator.documents import NEWEST, Dialect, Documents, ServedDocument, load
from halo_async.emulator.drift import DriftChange
from halo_async.emulator.faults import Fault, FaultPlan
from halo_async.emulator.files.attachments import attach, content_of
from halo_async.emulator.files.content import GeneratedFile, digest
from halo_async.emulator.files.file_store import UploadedFiles
from halo_async.emulator.instance_login import LoginProperties, identity_of
from halo_async.emulator.journal import RequestLog
from halo_async.emulator.limit import RollingLimit
from halo_async.emulator.lists import CAP, CAPS, ListLimits
from halo_async.emulator.login import LIFETIME, EmulatedLogin
from halo_async.emulator.options import EmulatorSettings
from halo_async.emulator.proxies import Behind
from halo_async.emulator.server import HOST, Server
from halo_async.emulator.server_clock import ServerClock
from halo_async.emulator.service import EmulatorService
from halo_async.emulator.snapshot import Snapshot, put_back, take
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.webhooks import WebhookSender
from halo_async.settings import RateLimit

_DEFAULT_LIMIT = RateLimit(300, 300)


class Emulator(LoginProperties):
    """One instance on a free port of the loopback address, as an async context manager.

    ```python
    from halo_async import ClientCredentials, Halo
    from halo_async.emulator import Emulator

    async with Emulator(tickets=20) as emulator:
        login = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, login) as halo:
            assert await halo.tickets.list().count() == 20
    ```

    :param seed: the same seed always gives the same data.
    :param tickets: initial number of tickets; other sizes follow from it.
    :param rate_limit: the rolling limit, or None for none (on-premises instances have none).
    :param tenant: the tenant's name, or None for an instance on premises.
    :param tenants: more tenants of the same host, each with its own data.
    :param port: port to listen on; 0 for any free port.
    :param clock: the time for tokens, the limit and new rows.
    :param page_cap: maximum rows per page (100); ``page_caps`` by path (50 for ``/Asset``).
    :param token_lifetime: seconds until a token expires.
    :param rotate_refresh_tokens: whether a refresh invalidates the refresh token and issues a new one.
    :param revoke_on_reuse: whether reuse of a spent refresh token revokes all tokens of its login.
    :param separate_auth: whether the auth root is on its own port, as with regional instances.
    :param presigned: whether to offer presigned upload URLs, at a store on its own port.
    :param proxies: the third party behind ``/IntegrationData``, or several by the last part of the path.
    :param faults: faults and the requests that they apply to.
    :param churn: rows deleted, inserted and changed with each list request.
    :param behaviour: what differs from most instances: order, filters, compressions, dates, inactive rows.
    :param strict: reject parameters and fields unknown to the document, where a live instance ignores them.
    :param as_of: its release of Halo: operations, parameters, document and responses; ``newest``, ``2025-03`` …
    :param dialect: of the document it serves, by default that of the release; ``bom``: whether it begins with a byte
        order mark.
    :param drift: number of seeded changes from the canonical document; see ``changes``.
    :param document: a canonical document, or its path, in place of the one in the package.
    :param client_id: of the application that may log in; derived from the seed by default.
    :param client_secret: its secret; derived from the seed by default.
    """

    def __init__(
        self,
        seed: int = 1,
        tickets: int = 1000,
        *,
        rate_limit: RateLimit | None = _DEFAULT_LIMIT,
        tenant: str | None = "emulator",
        tenants: Iterable[str] = (),
        port: int = 0,
        clock: Clock | None = None,
        page_cap: int = CAP,
        page_caps: Mapping[str, int] | None = None,
        token_lifetime: float = LIFETIME,
        rotate_refresh_tokens: bool = True,
        revoke_on_reuse: bool = False,
        separate_auth: bool = False,
        presigned: bool = False,
        client_id: str | None = None,
        client_secret: str | None = None,
        proxies: Behind | Mapping[str, Behind] | None = None,
        faults: Iterable[Fault] = (),
        churn: Churn | None = None,
        behaviour: Behaviour | None = None,
        strict: bool = False,
        as_of: str = NEWEST,
        dialect: Dialect | None = None,
        bom: bool = False,
        drift: int = 0,
        document: Document | Path | None = None,
    ) -> None:
        self.seed = seed
        self.clock = ServerClock(clock or SystemClock())
        self.requests = RequestLog()
        self._port = port
        self._separate_auth = separate_auth
        self._presigned = presigned
        self._identity = identity_of(seed, client_id, client_secret, tenant)
        self._tickets = tickets
        self._limits = ListLimits(page_cap, dict(CAPS) | dict(page_caps or {}))
        self._churn = churn
        self._load = partial(load, document)
        self._release = as_of
        if as_of != NEWEST:
            self._load(as_of)  # refuses an unknown one; the newest costs nothing until it is asked for
        self._shown = ServedDocument(dialect, bom, drift)
        self._service = EmulatorService(
            self._documents({"*": proxies} if isinstance(proxies, Behind) else proxies or {}),
            EmulatedLogin(
                self._identity,
                self.clock,
                lifetime=token_lifetime,
                rotate=rotate_refresh_tokens,
                revoke_on_reuse=revoke_on_reuse,
            ),
            RollingLimit(rate_limit, self.clock),
            self.requests,
            self.clock,
            FaultPlan(seed),
            ChurnRunner(seed, churn),
            strict,
            behaviour or Behaviour(),
        )
        self._service.faults.add(faults)
        self._service.login.tenants = frozenset([tenants] if isinstance(tenants, str) else tenants)
        self.webhooks = WebhookSender(lambda: self.world, self._service.writes)
        """Webhook receivers for tickets and actions."""
        self._server = Server(self._service, EmulatorSettings(self, lambda: self._load(self._release)))

    def _documents(self, sources: Mapping[str, Behind]) -> Documents:
        return Documents(
            self._load,
            self._release,
            self._shown,
            self.clock,
            self.seed,
            self._tickets,
            self._limits,
            sources,
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start listening.

        :raises OSError: the port is taken.
        :raises RuntimeError: no event loop of asyncio runs.
        """
        running_loop()
        await self._server.start(self._port, separate_auth=self._separate_auth, presigned=self._presigned)

    async def stop(self) -> None:
        """Close every socket; nothing stays behind."""
        await complete(self._server.stop())

    @property
    def url(self) -> str:
        """Base URL ``http://127.0.0.1:PORT``: what a client accepts as its instance."""
        return f"http://{HOST}:{self._server.port}"

    @property
    def world(self) -> EmulatorState:
        """Rows behind the API, for tests that inspect the state."""
        return self._service.responses.world

    @property
    def files(self) -> UploadedFiles:
        """Behaviour of attachments: support for range requests, their Content-Disposition."""
        return self._service.shelf

    def attach(
        self, size: int, *, filename: str = "made.bin", disposition: str | None = None, **fields: Any
    ) -> int:
        """Add an attachment of any size, whose bytes are made on demand, and return its id.

        :param size: in bytes.
        :param filename: name of the file.
        :param disposition: the `Content-Disposition` of its download; Halo's own by default.
        :param fields: other fields of the attachment, such as `ticket_id`.
        """
        written = {"filename": filename, "filesize": size, **fields}
        return attach(self.world, GeneratedFile(self.seed, size), written, disposition)

    def file_digest(self, attachment_id: int) -> str:
        """Return the SHA-256 of an attachment's bytes.

        :param attachment_id: id of an attachment that exists.
        """
        return digest(content_of(self.world, self.world.table("/Attachment"), attachment_id))

    @property
    def changes(self) -> Sequence[DriftChange]:
        """Differences of this instance's document from the canonical document (``drift``)."""
        return self._service.documents.changes

    @property
    def faults(self) -> FaultPlan:
        """Armed faults, and the log of those applied."""
        return self._service.faults

    @property
    def rate_limit(self) -> RateLimit | None:
        """The rolling limit; it may be changed while the instance runs."""
        return self._service.limit.limit

    @rate_limit.setter
    def rate_limit(self, limit: RateLimit | None) -> None:
        self._service.limit.limit = limit

    @property
    def churn(self) -> Churn | None:
        """Churn with each list request; setting it restarts the record of stable rows."""
        return self._churn

    @churn.setter
    def churn(self, churn: Churn | None) -> None:
        self._churn = churn
        self._service.stirrer = ChurnRunner(self.seed, churn)

    def truth(self) -> Sequence[int]:
        """Return the ids of the rows of the churned collection that were present throughout."""
        return self._service.stirrer.truth(self.world)

    def advance(self, seconds: float) -> None:
        """Advance the time at once: tokens age, the limit's window rolls.

        :param seconds: 0 or more.
        """
        self.clock.advance(seconds)

    def revoke_tokens(self, *, refresh: bool = False) -> None:
        """Invalidate every issued access token; with ``refresh`` every refresh token too."""
        self._service.login.revoke(refresh=refresh)

    def snapshot(self) -> Snapshot:
        """Return a snapshot of the writes so far."""
        return take(self.world)

    def restore(self, snapshot: Snapshot) -> None:
        """Restore a snapshot of this instance.

        :param snapshot: of this instance, from `snapshot()`.
        """
        put_back(self.world, snapshot)

    def reset(self, *, seed: int | None = None, tickets: int | None = None, as_of: str | None = None) -> None:
        """Reset: no writes, no faults, no requests, an empty window. Tokens stay valid.

        :param seed: a new seed; the same by default.
        :param tickets: a new number of tickets; the same by default.
        :param as_of: another release; the same by default.
        :raises ConfigError: the document does not describe that release.
        """
        if as_of is not None:
            self._load(as_of)
            self._release = as_of
        self.seed = self.seed if seed is None else seed
        self._tickets = self._tickets if tickets is None else tickets
        self._service.documents.renew(self.seed, self._tickets, self._release)
        self._service.forget()
        self._service.limit.clear()
        self._service.faults.clear()
        self.requests.clear()
        self.files.forget()
        self.webhooks.forget()
        self.churn = None
        self.tenants = ()

    def __repr__(self) -> str:
        return f"<Emulator {self.url} seed={self.seed}>"
