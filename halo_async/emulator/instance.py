"""The emulator as its users hold it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from halo_async._utils import openapi_document as normal_form
from halo_async._utils.clock import Clock, SystemClock
from halo_async._utils.openapi_document import Document
from halo_async.emulator.churn import Churn, ChurnRunner
from halo_async.emulator.data.seeded_random import SeededRandom, guid
from halo_async.emulator.documents import Dialect, Documents, ServedDocument
from halo_async.emulator.drift import Change
from halo_async.emulator.faults import Fault, FaultPlan
from halo_async.emulator.files.attachments import attach, content_of
from halo_async.emulator.files.content import GeneratedFile, digest
from halo_async.emulator.files.file_store import UploadedFiles
from halo_async.emulator.journal import RequestLog
from halo_async.emulator.limit import RollingLimit
from halo_async.emulator.lists import CAP, CAPS, ListLimits
from halo_async.emulator.login import LIFETIME, EmulatedLogin, Identity
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


class Emulator:
    """One instance on a free port of the loopback address, as an async context manager.

    :param seed: the same seed gives the same data, for ever.
    :param tickets: how many tickets there are at the start; other sizes follow from it.
    :param rate_limit: the rolling limit, or None for none (on-premises instances have none).
    :param tenant: the tenant's name, or None for an instance on premises.
    :param tenants: more tenants of the same host, each with data of its own.
    :param port: where to listen; 0 takes any free port.
    :param clock: what time it is for tokens, the limit and new rows.
    :param page_cap: the most rows in a page (100); ``page_caps`` by path (50 for ``/Asset``).
    :param token_lifetime: seconds until a token expires.
    :param rotate_refresh_tokens: whether a refresh spends the refresh token and gives a new one.
    :param revoke_on_reuse: whether a spent refresh token that comes again ends all tokens of its login.
    :param separate_auth: whether the auth root is on a port of its own, as regional instances have it.
    :param presigned: whether it gives addresses to send files to, at a store on a port of its own.
    :param proxies: the third party behind ``/IntegrationData``, or several by the last part of the path.
    :param faults: what goes wrong, and where.
    :param churn: rows that come, go and change with each list request.
    :param strict: refuse parameters and fields that the document does not know, where a live instance ignores them.
    :param dialect: of the document it serves; ``bom``: whether that begins with a byte order mark.
    :param drift: how many seeded changes the instance is away from the normal form; see ``changes``.
    :param document: a document in the normal form, or its path, in place of the one in the package.
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
        strict: bool = False,
        dialect: Dialect = "2024",
        bom: bool = False,
        drift: int = 0,
        document: Document | Path | None = None,
    ) -> None:
        self.seed = seed
        self.clock = ServerClock(clock or SystemClock())
        self.requests = RequestLog()
        self._port = port
        dice = SeededRandom(seed, "application")
        self._separate_auth = separate_auth
        self._presigned = presigned
        self._identity = Identity(
            client_id or guid(dice(1)),
            client_secret or f"{guid(dice(2))}-{guid(dice(3))}",
            tenant,
            username="service.desk",
            password=guid(dice(4)),
            api_key=guid(dice(5)),
        )
        self._tickets = tickets
        self._limits = ListLimits(page_cap, dict(CAPS) | dict(page_caps or {}))
        self._churn = churn
        self._load = partial(_document, document)
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
        )
        self._service.faults.add(faults)
        self._service.login.tenants = frozenset([tenants] if isinstance(tenants, str) else tenants)
        self.webhooks = WebhookSender(lambda: self.world, self._service.writes)
        """Receivers to be told of tickets and actions."""
        self._server = Server(self._service, EmulatorSettings(self))

    def _documents(self, sources: Mapping[str, Behind]) -> Documents:
        return Documents(self._load, self._shown, self.clock, self.seed, self._tickets, self._limits, sources)

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
        await self._server.start(self._port, separate_auth=self._separate_auth, presigned=self._presigned)

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

    @property
    def tenants(self) -> frozenset[str]:
        """More tenants that may be logged in to; each has data and a rolling limit of its own."""
        return self._service.login.tenants

    @tenants.setter
    def tenants(self, names: Iterable[str]) -> None:
        self._service.login.tenants = frozenset([names] if isinstance(names, str) else names)

    @property
    def username(self) -> str:
        """Who may log in with the password grant."""
        return self._identity.username

    @property
    def password(self) -> str:
        """That user's password."""
        return self._identity.password

    @property
    def api_key(self) -> str:
        """What the header ``X-Halo-Api-Key`` may carry in place of a token."""
        return self._identity.api_key

    @property
    def world(self) -> EmulatorState:
        """The rows behind the API, for tests that look from the inside."""
        return self._service.answers.world

    @property
    def files(self) -> UploadedFiles:
        """What attachments do: whether parts can be asked for, what their Content-Disposition is."""
        return self._service.shelf

    def attach(
        self, size: int, *, filename: str = "made.bin", disposition: str | None = None, **fields: Any
    ) -> int:
        """Add an attachment of any size, whose bytes are made when they are asked for, and give its id."""
        written = {"filename": filename, "filesize": size, **fields}
        return attach(self.world, GeneratedFile(self.seed, size), written, disposition)

    def file_digest(self, attachment_id: int) -> str:
        """SHA-256 of an attachment's bytes."""
        return digest(content_of(self.world, self.world.table("/Attachment"), attachment_id))

    @property
    def changes(self) -> Sequence[Change]:
        """In what this instance's document differs from the normal form (``drift``)."""
        return self._service.documents.changes

    @property
    def faults(self) -> FaultPlan:
        """The faults that are armed, and the log of those that were done."""
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
        """What happens with each list request; setting it starts the truth anew."""
        return self._churn

    @churn.setter
    def churn(self, churn: Churn | None) -> None:
        self._churn = churn
        self._service.stirrer = ChurnRunner(self.seed, churn)

    def truth(self) -> Sequence[int]:
        """The ids of the rows of the churned collection that were there throughout."""
        return self._service.stirrer.truth(self.world)

    def advance(self, seconds: float) -> None:
        """Let time pass at once: tokens age, the limit's window rolls."""
        self.clock.advance(seconds)

    def revoke_tokens(self, *, refresh: bool = False) -> None:
        """Make every access token that was given out worthless; with ``refresh`` every refresh token too."""
        self._service.login.revoke(refresh=refresh)

    def snapshot(self) -> Snapshot:
        """The writes so far."""
        return take(self.world)

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a snapshot of this instance."""
        put_back(self.world, snapshot)

    def reset(self, *, seed: int | None = None, tickets: int | None = None) -> None:
        """Be as new: no writes, no faults, no requests, an empty window. Tokens stay good."""
        self.seed = self.seed if seed is None else seed
        self._tickets = self._tickets if tickets is None else tickets
        self._service.documents.resize(self.seed, self._tickets)
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


def _document(source: Document | Path | None) -> Document:
    if source is None:
        return normal_form.load_document()
    return normal_form.read_document(source) if isinstance(source, Path) else source


async def serve(emulator: Emulator, ready: Callable[[Emulator], object] | None = None) -> None:
    """Run an emulator until the task is cancelled; ``ready(emulator)`` is called once it listens.

    Prints nothing.
    """
    import asyncio

    async with emulator:
        if ready is not None:
            ready(emulator)
        await asyncio.Event().wait()
