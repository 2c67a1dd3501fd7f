"""Login with a persisted token: the store is tried first, and new tokens are stored before use.

Of all processes that share a login, one refreshes it under a lock beside the token; the others wait for the
token that it stores. No process sends a refresh token that another has used: a service may treat that as
theft and revoke the whole login.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from halo_async._utils.background import complete_in_time
from halo_async._utils.clock import Clock
from halo_async._utils.secret import Secret
from halo_async._utils.wait_notice import NOTICED, ends_at, notice_open_end, wait
from halo_async.auth.grants import Grant
from halo_async.auth.login import GRACE, Login
from halo_async.auth.token_locks import TokenLock, local_locks
from halo_async.auth.token_response import TokenResponse, time_left
from halo_async.auth.token_stores import StoredToken, TokenStore
from halo_async.auth.tokens import LoginFailed
from halo_async.auth.validation import is_header_value
from halo_async.errors import AuthenticationError, HaloError, LoginUnavailableError

T = TypeVar("T")

_WORTH_USING = 60.0
"""Minimum seconds that a stored token must have left."""
_ON_ITS_WAY = (0.2, 0.8, 2.0)
"""Seconds between checks for another process's token, if a store cannot lock and saving must wait."""
_LOOK_AGAIN = 0.1
"""Seconds between checks of a lock held by another process and of the token it may have stored."""


class PersistentLogin:
    """Logs in unless the store has a valid token that was not returned yet."""

    def __init__(
        self, login: Login, grant: Grant, store: TokenStore, key: Callable[[], Awaitable[str]], clock: Clock
    ) -> None:
        """`key` returns the store's key of this login; it is called once."""
        self._login = login
        login.keep = self._keep_granted
        self._grant = grant
        self._store = store
        self._make_key = key
        self._key: str | None = None
        self._clock = clock
        self._try_lock = getattr(store, "try_lock", None) or local_locks(store).try_lock
        self._lock: TokenLock | None = None
        self._given: Secret | None = None
        self._unsaved: StoredToken | None = None
        """A received token that could not be stored: no other is requested until it is, by anyone."""
        self._refused: Secret | None = None
        """A refresh token that was refused and is not loaded from the store again."""

    async def __call__(self) -> TokenResponse:
        """See `Login.__call__`. Another call means that the token returned last is no longer valid."""
        await self._keep_token()
        granted = await self._from_store() or await self._under_lock()
        self._given = granted.access_token
        return granted

    async def aclose(self) -> None:
        """Release the lock: a token that could not be stored will never be."""
        lock, self._lock = self._lock, None
        if lock is not None:
            await complete_in_time(lock.release(), partial(asyncio.sleep, GRACE))

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
        """Acquire the lock, or return the token that another process stored in the meantime."""
        began, longest, told = self._clock.monotonic(), self._grant.longest, False
        while self._lock is None:
            self._lock = await self._asked(self._take_lock())
            if self._lock is not None:
                return None
            waited = self._clock.monotonic() - began
            if waited >= longest:
                raise LoginFailed(_held_too_long(longest), False, 1)
            if waited > NOTICED and not told:
                told = True
                latest = ends_at(self._clock, longest - waited)
                notice_open_end(f"another process is refreshing this login, until {latest} at the latest")
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
        return granted

    def _has_another_way(self, spent: Secret) -> bool:
        """Return whether the grant can log in without the stored token: in a browser."""
        self._grant.refused()  # the store may have changed since then
        return self._grant.refresh_token != spent

    async def _renewed_elsewhere(self, spent: Secret | None) -> TokenResponse | None:
        """Return the token stored by another process that used the same refresh token a moment before."""
        for seconds in _ON_ITS_WAY:
            await wait(self._clock, seconds, "another process is refreshing this login")
            found = await self._from_store()
            if found is not None and found.refresh_token not in (None, spent):
                return found
        return None

    async def _from_store(self) -> TokenResponse | None:
        return await self._asked(self._stored())

    async def _keep_granted(self, granted: TokenResponse) -> None:
        self._unsaved = self._stored_form(granted)
        await self._keep_token()

    async def _keep_token(self) -> None:
        """Store the token before it is used: losing a replaced refresh token locks the user out."""
        if self._unsaved is not None:
            await self._asked(self._saved(self._unsaved))
            self._unsaved = None
            await self.aclose()

    async def _asked(self, work: Awaitable[T]) -> T:
        """Await a call to the store; any exception becomes a failed login."""
        try:
            return await work
        except Exception as error:
            raise _failed(error) from None

    async def _get_key(self) -> str:
        if self._key is None:
            self._key = await self._make_key()
        return self._key

    async def _take_lock(self) -> TokenLock | None:
        lock: TokenLock | None = await self._try_lock(await self._get_key())
        return lock

    async def _saved(self, stored: StoredToken) -> None:
        await self._store.save(await self._get_key(), stored)

    async def _stored(self) -> TokenResponse | None:
        stored = await self._store.load(await self._get_key())
        if stored is None:
            return None
        if stored.refresh_token != self._refused:
            self._grant.received(stored.refresh_token)  # another process may have refreshed it
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
        f"Another process has been logging in for {seconds:.0f} s and has not stored a token. End it, or retry."
    )


def _failed(error: Exception) -> LoginFailed:
    refused = AuthenticationError(f"The token store failed{_format_reason(error)}")
    refused.__cause__ = error.with_traceback(None)
    return LoginFailed(refused, False, 1)


def _format_reason(error: Exception) -> str:
    """Return no text of a foreign exception, which may quote the token."""
    if isinstance(error, OSError) and error.errno is not None:
        return f"{f' at {error.filename}' if error.filename else ''}: {os.strerror(error.errno).lower()}."
    return f". {error}" if isinstance(error, HaloError) else f" with {type(error).__name__}."
