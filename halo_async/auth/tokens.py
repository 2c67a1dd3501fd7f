"""Shared token cache: tokens are refreshed early, by one shared request, never in a loop."""

from __future__ import annotations

import asyncio
import copy
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple

from halo_async._utils.background import start, stop, wait
from halo_async._utils.clock import Clock
from halo_async._utils.secret import Secret
from halo_async._utils.wait_notice import NOTICED, notice_open_end
from halo_async.auth.validation import is_header_value
from halo_async.errors import AuthenticationError

if TYPE_CHECKING:
    from halo_async.auth.token_response import TokenResponse

REFRESH_EARLY = 60.0
"""Seconds (or a tenth of the lifetime, if more) before expiry at which the refresh starts."""
REFRESH_REQUIRED = 20.0
"""Seconds before expiry from which the old token is no longer used."""
REFUSED_FOR = 300.0
"""Seconds for which a refusal is cached."""
PAUSE_PER_REQUEST = 5.0
"""Seconds without a login per request of a failed login: an outage costs one request per 5 s."""

_SAID = " (slow)"
"""Suffix of the name of a login's task once its slowness was logged."""
_KEY_HINT = "the API key is wrong or was revoked"

logger = logging.getLogger("halo_async.auth")


class LoginFailed(Exception):
    """The reason why there is no token, and how long not to retry. Internal to this package."""

    def __init__(
        self,
        error: AuthenticationError,
        final: bool,
        requests: int,
        retry_after: float | None = None,
        *,
        refused: bool = False,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.final = final
        self.requests = requests
        self.retry_after = retry_after
        self.refused = refused
        """Return whether the grant itself was refused, such as an expired refresh token."""


class Token(NamedTuple):
    """A token and its request time by both clocks: when the request started, never the response's date."""

    access_token: Secret
    lifetime: float
    generation: int
    monotonic: float
    wall: float
    scope: str = ""
    header: str = "Authorization"
    """The request header that carries the token."""
    rejection_hint: str = ""
    """Possible cause if the token is refused; empty if Halo's own login issued it."""

    def left(self, clock: Clock) -> float:
        """Seconds of life left, by the clock that gives less (one stops during suspend)."""
        age = max(clock.monotonic() - self.monotonic, clock.time() - self.wall)
        return self.lifetime - age


class FixedToken:
    """An API key in place of a token: always the same, never refreshed."""

    renewable = False
    received = 0
    person_has = 0.0

    def __init__(self, key: Secret) -> None:
        self._token = Token(key, float("inf"), 1, 0.0, 0.0, header="X-Halo-Api-Key", rejection_hint=_KEY_HINT)

    async def get(self) -> Token:
        """See `Tokens.get`."""
        return self._token

    def cached(self) -> Token | None:
        """See `Tokens.cached`."""
        return self._token

    async def refreshed_after(self, generation: int) -> Token:
        """See `Tokens.refreshed_after`: there is no newer one."""
        return self._token

    def has_newer_than(self, generation: int) -> bool:
        """See `Tokens.has_newer_than`: never."""
        return False

    async def aclose(self) -> None:
        """Do nothing: there is no refresh to stop."""


class Tokens:
    """Returns and refreshes the token. Works on one event loop at a time."""

    renewable = True

    def __init__(
        self, login: Callable[[], Awaitable[TokenResponse]], clock: Clock, *, person_has: float = 0.0
    ) -> None:
        self._login = login
        self.person_has = person_has
        """Seconds that a person has for a login, in which nothing of ours is slow."""
        self._clock = clock
        self._token: Token | None = None
        self._failure: AuthenticationError | None = None
        self._failed_until = 0.0
        self._refresh: asyncio.Task[None] | None = None
        self._warned = False
        self.received = 0
        """Number of tokens received."""

    async def get(self) -> Token:
        """Return a token that is valid for a while longer.

        :raises AuthenticationError: none can be obtained.
        """
        return self.cached() or await self._renewed(self._token.generation if self._token else 0)

    def cached(self) -> Token | None:
        """Return the token if it is valid for a while longer, without waiting; may start its refresh."""
        token = self._token
        if token is None:
            return None
        left = token.left(self._clock)
        if left <= min(REFRESH_REQUIRED, token.lifetime / 4):
            return None
        if left <= min(max(REFRESH_EARLY, token.lifetime / 10), token.lifetime / 2):
            self._renew_early()
        return token

    async def refreshed_after(self, generation: int) -> Token:
        """Return the token to use after a 401 for this generation: a newer one, requested if there is none.

        :raises AuthenticationError: none can be obtained.
        """
        return await self._renewed(generation)

    def has_newer_than(self, generation: int) -> bool:
        """Return whether there is a newer token than that of this generation."""
        return self._token is not None and self._token.generation > generation

    async def aclose(self) -> None:
        """Stop a running refresh. The token itself stays valid.

        A refresh that uses up a refresh token is not stopped but ended, also if this is cancelled: the next one is in
        its response.
        """
        task, self._refresh = self._refresh, None
        try:
            if task is not None and not task.get_loop().is_closed():
                await stop(task)
        finally:
            if (close := getattr(self._login, "aclose", None)) is not None:
                await close()

    async def _renewed(self, generation: int) -> Token:
        while (token := self._token) is None or token.generation <= generation:
            self._raise_known_failure()
            await _wait_for(self._refreshing())
        return token

    def _known_failure(self) -> AuthenticationError | None:
        return self._failure if self._clock.monotonic() < self._failed_until else None

    def _raise_known_failure(self) -> None:
        failure = self._known_failure()
        if failure is not None:
            error = copy.copy(failure)  # one per waiter: tracebacks grow on a shared one
            raise error from failure.__cause__

    def _refreshing(self) -> asyncio.Task[None]:
        task, loop = self._refresh, asyncio.get_running_loop()
        if task is None or task.done() or task.get_loop() is not loop:
            task = start(self._fetch(), name="halo_async token")
            self._refresh = task
        return task

    def _renew_early(self) -> None:
        if self._known_failure() is None:
            self._refreshing()

    async def _fetch(self) -> None:
        monotonic, wall = self._clock.monotonic(), self._clock.time()
        try:
            granted = await self._login()
        except LoginFailed as failed:
            self._failed(failed)
            return
        if not is_header_value(granted.access_token.reveal()):
            wrong = "The received token is empty or not a valid header value."
            self._failed(LoginFailed(AuthenticationError(wrong), False, 1))
            return
        generation = (self._token.generation if self._token else 0) + 1
        self._token = Token(
            granted.access_token,
            granted.lifetime,
            generation,
            monotonic,
            wall,
            granted.scope,
            rejection_hint=granted.rejection_hint,
        )
        self._failure, self._warned = None, False
        self.received += 1
        logger.debug("token %d received, valid for %.0f s", generation, granted.lifetime)

    def _failed(self, failed: LoginFailed) -> None:
        pause = REFUSED_FOR if failed.final else PAUSE_PER_REQUEST * failed.requests
        pause = max(pause, min(failed.retry_after or 0.0, REFUSED_FOR))
        self._failure, self._failed_until = failed.error, self._clock.monotonic() + pause
        if self._token is not None and not self._warned:
            self._warned = True
            logger.warning("the token could not be refreshed: %s", failed.error)


async def _wait_for(task: asyncio.Task[None]) -> None:
    """Await a shared task: cancelling this waiter does not cancel it for the others."""
    timer = asyncio.get_running_loop().call_later(NOTICED, _say_slow, task)
    try:
        await wait(task)
    finally:
        timer.cancel()
    if task.cancelled():
        raise AuthenticationError("The client was closed while it logged in.")
    task.result()


def _say_slow(task: asyncio.Task[None]) -> None:
    """For the first of those who wait for the same login."""
    if not task.get_name().endswith(_SAID):
        task.set_name(task.get_name() + _SAID)
        notice_open_end("a login is in progress; calls continue as soon as the login service responds")
