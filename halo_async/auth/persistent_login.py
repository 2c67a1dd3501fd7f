"""A login whose token outlives the process: what a store has is tried first, what comes is stored first.

Of all who share a login one renews it, under a lock beside the token; the others wait for what it stores. Nobody
sends a refresh token that another one has spent: a service may take that for theft and end the whole login.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from halo_async._utils.clock import Clock
from halo_async._utils.secret import Secret
from halo_async._utils.wait_notice import NOTICED, ends_at, notice_open_end, wait
from halo_async.auth.grants import Grant
from halo_async.auth.login import Login
from halo_async.auth.token_locks import TokenLock, local_locks
from halo_async.auth.token_response import TokenResponse, time_left
from halo_async.auth.token_stores import StoredToken, TokenStore
from halo_async.auth.tokens import LoginFailed
from halo_async.auth.validation import is_header_value
from halo_async.errors import AuthenticationError, HaloError, LoginUnavailableError

T = TypeVar("T")

_WORTH_USING = 60.0
"""Seconds of life that a stored token must have left."""
_ON_ITS_WAY = (0.2, 0.8, 2.0)
"""Seconds between two looks for what another process got, where a store has no lock and it may not be stored yet."""
_LOOK_AGAIN = 0.1
"""Seconds between two looks at a lock that somebody else has, and at what he may have stored."""


class PersistentLogin:
    """Logs in unless the store has a good token that was not given out yet."""

    def __init__(
        self, login: Login, grant: Grant, store: TokenStore, key: Callable[[], Awaitable[str]], clock: Clock
    ) -> None:
        """`key` gives the store's key of this login; it is asked once."""
        self._login = login
        self._grant = grant
        self._store = store
        self._make_key = key
        self._key: str | None = None
        self._clock = clock
        self._try_lock = getattr(store, "try_lock", None) or local_locks(store).try_lock
        self._lock: TokenLock | None = None
        self._given: Secret | None = None
        self._unsaved: StoredToken | None = None
        """What came and could not be stored: nothing else is asked for before it is, and nobody else asks."""
        self._refused: Secret | None = None
        """A refresh token that was refused: not taken from the store again."""

    async def __call__(self) -> TokenResponse:
        """See `Login.__call__`. Being asked again means that the token given last is no good any more."""
        await self._keep()
        granted = await self._from_store() or await self._under_lock()
        self._given = granted.access_token
        return granted

    async def aclose(self) -> None:
        """Let others log in: nobody will store what could not be stored."""
        lock, self._lock = self._lock, None
        if lock is not None:
            await lock.release()

    async def _under_lock(self) -> TokenResponse:
        found = await self._wait_for_lock()
        if found is not None:
            return found
        try:
            return await self._from_store() or await self._anew()
        finally:
            if self._unsaved is None:
                await self.aclose()

    async def _wait_for_lock(self) -> TokenResponse | None:
        """Take the lock; or return what somebody else stored while we waited for it."""
        began, longest, told = self._clock.monotonic(), self._grant.longest, False
        while self._lock is None:
            self._lock = await self._asked(self._taken())
            if self._lock is not None:
                return None
            waited = self._clock.monotonic() - began
            if waited >= longest:
                raise LoginFailed(_held_too_long(longest), False, 1)
            if waited > NOTICED and not told:
                told = True
                latest = ends_at(self._clock, longest - waited)
                notice_open_end(f"another process renews this login; until it has, or {latest} at the latest")
            await self._clock.sleep(_LOOK_AGAIN)
            found = await self._from_store()
            if found is not None:
                return found
        return None

    async def _anew(self) -> TokenResponse:
        spent = self._grant.refresh_token
        try:
            granted = await self._login()
        except LoginFailed as failed:
            if not (failed.refused and spent):
                raise
            renewed = await self._renewed_elsewhere(spent)
            if renewed is not None:
                return renewed
            self._refused = spent
            if not self._has_another_way(spent):
                raise
            granted = await self._login()
        self._unsaved = self._stored_form(granted)
        await self._keep()
        return granted

    def _has_another_way(self, spent: Secret) -> bool:
        """Whether the grant can log in without what the store held: in a browser."""
        self._grant.refused()  # since then the store may have been looked at
        return self._grant.refresh_token != spent

    async def _renewed_elsewhere(self, spent: Secret | None) -> TokenResponse | None:
        """What another process stores that spent the same refresh token a moment before us."""
        for seconds in _ON_ITS_WAY:
            await wait(self._clock, seconds, "another process is renewing this login")
            found = await self._from_store()
            if found is not None and found.refresh_token not in (None, spent):
                return found
        return None

    async def _from_store(self) -> TokenResponse | None:
        return await self._asked(self._stored())

    async def _keep(self) -> None:
        """Before the token is used: a refresh token that was replaced and then lost locks the user out."""
        if self._unsaved is not None:
            await self._asked(self._saved(self._unsaved))
            self._unsaved = None
            await self.aclose()

    async def _asked(self, work: Awaitable[T]) -> T:
        """What comes of asking the store; whatever it raises as a login that failed."""
        try:
            return await work
        except Exception as error:
            raise _failed(error) from None

    async def _name(self) -> str:
        if self._key is None:
            self._key = await self._make_key()
        return self._key

    async def _taken(self) -> TokenLock | None:
        lock: TokenLock | None = await self._try_lock(await self._name())
        return lock

    async def _saved(self, stored: StoredToken) -> None:
        await self._store.save(await self._name(), stored)

    async def _stored(self) -> TokenResponse | None:
        stored = await self._store.load(await self._name())
        if stored is None:
            return None
        if stored.refresh_token != self._refused:
            self._grant.received(stored.refresh_token)  # another process may have had it renewed
        left = time_left(stored.expires, self._clock.time())
        if left < _WORTH_USING or stored.access_token == self._given:
            return None
        if not is_header_value(stored.access_token.reveal()):
            return None
        return TokenResponse(stored.access_token, left, stored.scope, stored.refresh_token)

    def _stored_form(self, granted: TokenResponse) -> StoredToken:
        expires = self._login.asked_at + granted.lifetime
        refresh = granted.refresh_token or self._grant.refresh_token
        return StoredToken(granted.access_token, expires, granted.scope, refresh)


def _held_too_long(seconds: float) -> LoginUnavailableError:
    return LoginUnavailableError(
        f"Another process has been logging in for {seconds:.0f} s and has not stored a token. End it, or try again."
    )


def _failed(error: Exception) -> LoginFailed:
    words = str(error) if isinstance(error, HaloError) else _words(error)
    refused = AuthenticationError(f"the token store failed: {words}")
    refused.__cause__ = error.with_traceback(None)
    return LoginFailed(refused, False, 1)


def _words(error: Exception) -> str:
    """Nothing of a stranger's own words, which may quote what was to be stored."""
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror.lower()}"
    return type(error).__name__
