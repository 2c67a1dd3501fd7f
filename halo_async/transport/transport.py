"""The layer under every request: one session, one login, one queue, one retry policy."""

from __future__ import annotations

import asyncio
import logging
import warnings
from collections.abc import Awaitable, Callable, Mapping
from random import random as system_random
from typing import TYPE_CHECKING, TypeVar, cast

from halo_async._utils.background import complete, running_loop
from halo_async._utils.backoff import Random
from halo_async._utils.secret import Secret
from halo_async.auth.factory import tokens_for
from halo_async.auth.tokens import Token
from halo_async.settings import Instance
from halo_async.transport import factories
from halo_async.transport.call import Call
from halo_async.transport.client_options import ClientOptions
from halo_async.transport.context import CallContext
from halo_async.transport.limiter import Limiter
from halo_async.transport.redaction import redact_form
from halo_async.transport.retry_policy import Failure
from halo_async.transport.types import HttpRequest, Request, Response

if TYPE_CHECKING:
    from ssl import SSLContext

    from halo_async.auth.credentials import Credentials
    from halo_async.auth.discovery import LoginService
    from halo_async.transport.dry_run import DryRun
    from halo_async.transport.session import Session
    from halo_async.transport.statistics import Statistics
    from halo_async.transport.streaming.protocols import StreamReceiver, StreamUpload

T = TypeVar("T")
logger = logging.getLogger("halo_async.auth")


class Transport:
    """Sends requests of one client. Made anywhere; bound to the event loop that first uses it."""

    def __init__(
        self,
        instance: Instance,
        credentials: Credentials,
        options: ClientOptions | None = None,
        *,
        random: Random = system_random,
    ) -> None:
        self.instance = instance
        self.credentials = credentials
        self.options = options = options or ClientOptions()
        self._session: Session | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False
        self._made_at = factories.make_caller()
        self._dry_run = factories.make_dry_run(always=True) if options.dry_run else None
        self._coordinated = shared = factories.make_shared(options, instance, credentials)
        window = shared.window if shared is not None else None
        self._limiter = Limiter(options.rate_limit, options.clock, random, window)
        self._tokens = tokens_for(
            credentials,
            exchange=self._anonymous,
            instance=instance,
            clock=options.clock,
            random=random,
            scope=options.scope,
            tenant=options.tenant,
            auth_url=options.auth_url,
            store=options.token_store or (shared.tokens if shared is not None else None),
        )
        self._shared = CallContext(
            instance=instance,
            options=options,
            random=random,
            limiter=self._limiter,
            tokens=self._tokens,
            send=self._send,
        )

    async def open(self) -> None:
        """Load aiohttp and prepare to send. `send` does so when needed; a closed transport opens again."""
        self._closed = False
        self._here()

    async def aclose(self) -> None:
        """Stop a login in progress and close every connection. Calling it again is harmless."""
        self._closed = True
        await complete(self._close_session())

    async def _close_session(self) -> None:
        session, self._session = self._session, None
        try:
            await self._tokens.aclose()
        finally:  # also if it was cancelled while a login ended
            if session is not None:
                await factories.close(session, self._loop)
            if self._coordinated is not None:
                await self._coordinated.aclose()

    async def send(self, request: Request, decode: Callable[[Response], T]) -> T:
        """Send a request, wait for its turn and for its response, and decode that.

        `decode` receives 2xx responses only. If it raises `DecodeError`, a GET is retried, at most twice.
        In a dry run a write is not sent, and the prepared request is returned.

        :raises ApiError: Halo returned an error.
        :raises AuthenticationError: no token can be obtained.
        :raises TransportError: no response was received; `UnknownOutcomeError` if a write may have
            happened.
        :raises DecodeError: the response cannot be decoded.
        """
        if self._dry_run is not None and self._dry_run.catches(request):
            return cast(T, await self._dry_run.hand_back(request, self.instance, self._tokens))
        self._here()
        return await Call(self._shared, request, decode).run()

    async def stream(
        self,
        request: Request,
        decode: Callable[[Response], T],
        *,
        upload: StreamUpload | None = None,
        receiver: StreamReceiver | None = None,
    ) -> T:
        """Like `send`, with a body from `upload` or a response body that is written to `receiver`.

        The time of the transfer does not count for the client's deadline. A response that the receiver
        wants is passed to `decode` without its body.

        :raises Stopped: the upload or the receiver failed.
        """
        from halo_async.transport.streaming.call import StreamedCall

        if self._dry_run is not None and self._dry_run.catches(request):
            return cast(T, await self._dry_run.hand_back(request, self.instance, self._tokens, upload))
        self._here()
        shared = self._shared.sending(self._send_streamed)
        return await StreamedCall(shared, request, decode, upload=upload, receiver=receiver).run()

    @property
    def dry_run(self) -> DryRun:
        """Switch that decides which writes are prepared instead of sent."""
        self._dry_run = self._dry_run or factories.make_dry_run()
        return self._dry_run

    @property
    def data_of(self) -> str:
        """Whose data it reads and writes: see `Instance.data_of`. What is resumed has to be of the same."""
        return self.instance.data_of(self.options.tenant)

    async def token(self) -> Token:
        """Log in now, unless there is a valid token.

        :raises AuthenticationError: saying which of secret, tenant or URL is wrong.
        :raises DeadlineExceededError: the client's deadline expired first; the message has the last error.
        """
        self._here()
        return await self._shared.logged_in()

    async def login_service(self) -> LoginService:
        """Ask the instance for its login service, bypassing the cache.

        :raises DiscoveryError: in one sentence.
        """
        from halo_async.auth.discovery import discover
        from halo_async.auth.http import TemporarilyUnavailable

        self._here()
        try:
            return await discover(
                self._anonymous,
                self.instance,
                tenant=self.options.tenant,
                auth_url=self.options.auth_url,
            )
        except TemporarilyUnavailable as trouble:
            raise trouble.error from trouble.error.__cause__

    @property
    def ssl(self) -> SSLContext | None:
        """Return what it verifies certificates with."""
        return self.options.ssl

    @property
    def proxied(self) -> bool:
        """True if another party may make its connections: a proxy, or a session of the caller's own."""
        return self.options.trust_env or bool(self.options.proxy) or self.options.session is not None

    @property
    def context(self) -> CallContext:
        """Context that all of its calls share, such as the clock and the timeouts."""
        return self._shared

    def proxy_elsewhere(self, address: Secret) -> Secret | None:
        """Return the proxy for a URL of another origin: the client's, else the environment's if that is trusted."""
        if self.options.proxy or not self.options.trust_env:
            return self.options.proxy
        from halo_async.transport.proxy import environment_proxy

        return environment_proxy(address.reveal())

    def statistics(self) -> Statistics:
        """Statistics so far."""
        from halo_async.transport.decompression import decoders
        from halo_async.transport.statistics import Statistics

        done = self._shared.counters
        return Statistics(
            requests=done.requests,
            retries=done.retries,
            throttled=done.throttled,
            waited=done.waited,
            remaining=self._limiter.remaining,
            tokens=self._tokens.received,
            decoders=decoders(),
        )

    def seconds_for(self, requests: int) -> float:
        """See `Limiter.seconds_for`."""
        return self._limiter.seconds_for(requests)

    # Sessions ---------------------------------------------------------------------------------

    def _here(self) -> Session:
        """Return the session of the running loop."""
        if self._closed:
            raise RuntimeError("This Halo client is closed. Use it inside its `async with` block.")
        if self.options.session is not None:
            factories.check_open(self.options.session)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = running_loop()  # its error says what to do
        if self._session is not None and self._loop is not loop:
            self._leave_loop()
        if self._session is None:
            self._session, self._loop = self._new_session(), loop
        return self._session

    def _leave_loop(self) -> None:
        assert self._loop is not None
        assert self._session is not None
        if not self._loop.is_closed():
            raise RuntimeError(
                "This Halo client is in use on another event loop. Create one client per loop or thread."
            )
        self._session.forget()
        self._session = None

    def _new_session(self) -> Session:
        from halo_async.transport.session import Session  # aiohttp is loaded here

        return Session(self.options)

    def _send(self, outgoing: HttpRequest) -> Awaitable[Response | Failure]:
        return self._here().exchange(outgoing)

    def _send_streamed(self, outgoing: HttpRequest) -> Awaitable[Response | Failure]:
        from halo_async.transport.streaming.exchange import exchange
        from halo_async.transport.streaming.protocols import StreamedRequest

        assert isinstance(outgoing, StreamedRequest)
        return exchange(self._here(), outgoing)

    async def _anonymous(
        self, method: str, url: str, *, form: Mapping[str, str | Secret] | None = None
    ) -> Response:
        clock, began = self._shared.clock, self._shared.clock.monotonic()
        outcome = await self._counted(HttpRequest(method, url, login=form))
        took = (clock.monotonic() - began) * 1000
        said = outcome.outcome if isinstance(outcome, Failure) else outcome.status
        logger.debug("%s %s: %s in %.0f ms", method, url.partition("?")[0], said, took)  # no tenant
        self._shared.note_login(outcome, url)
        if isinstance(outcome, Failure):
            raise outcome.error
        factories.refuse_swollen(outcome)
        return outcome if form is None else redact_form(outcome, form)

    async def _counted(self, request: HttpRequest) -> Response | Failure:
        if not request.url.startswith(self.instance.api_url):
            return await self._here().exchange(request)
        await self._limiter.enter_for_login()
        try:
            return await self._here().exchange(request)
        finally:
            self._limiter.release()

    def __del__(self) -> None:
        session = getattr(self, "_session", None)
        # if the garbage collector reached aiohttp's connector first, it is already closed, but not by us
        if session is not None and not (self.options.session is not None and session.closed):
            message = f"A Halo client made at {self._made_at} was never closed. Use `async with`."
            session.forget()
            warnings.warn(message, ResourceWarning, source=self, stacklevel=2)
