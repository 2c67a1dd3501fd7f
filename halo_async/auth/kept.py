"""A login whose token outlives the process: what a store has is tried first, what comes is stored first."""

from __future__ import annotations

from halo_async.auth.answers import Granted
from halo_async.auth.grants import Grant
from halo_async.auth.login import Login
from halo_async.auth.stores import Stored, TokenStore
from halo_async.auth.tokens import LoginFailed
from halo_async.clock import Clock
from halo_async.errors import AuthenticationError, HaloError
from halo_async.secret import Secret

_WORTH_USING = 60.0
"""Seconds of life that a stored token must have left."""
_ON_ITS_WAY = (0.2, 0.8, 2.0)
"""Seconds between two looks for what another process got, whose answer may not have been stored yet."""


class KeptLogin:
    """Logs in unless the store has a good token that was not given out yet."""

    def __init__(self, login: Login, grant: Grant, store: TokenStore, key: str, clock: Clock) -> None:
        self._login = login
        self._grant = grant
        self._store = store
        self._key = key
        self._clock = clock
        self._given: Secret | None = None
        self._unsaved: Stored | None = None
        """What came and could not be stored: nothing else is asked for before it is."""
        self._refused: Secret | None = None
        """A refresh token that was refused: not taken from the store again."""

    async def __call__(self) -> Granted:
        """See `Login.__call__`. Being asked again means that the token given last is no good any more."""
        await self._keep()
        granted = await self._from_store()
        if granted is None:
            granted = await self._anew()
        self._given = granted.access_token
        return granted

    async def _anew(self) -> Granted:
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
        """Whether the grant can log in without what the store held: a token of the caller's own, or a browser."""
        self._grant.refused()  # since then the store may have been looked at
        return self._grant.refresh_token != spent

    async def _renewed_elsewhere(self, spent: Secret | None) -> Granted | None:
        """What another process stores that spent the same refresh token a moment before us."""
        for wait in _ON_ITS_WAY:
            await self._clock.sleep(wait)
            found = await self._from_store()
            if found is not None and found.refresh_token not in (None, spent):
                return found
        return None

    async def _from_store(self) -> Granted | None:
        try:
            return await self._stored()
        except Exception as error:
            raise _failed(error) from None

    async def _keep(self) -> None:
        """Before the token is used: a refresh token that was replaced and then lost locks the user out."""
        if self._unsaved is None:
            return
        try:
            await self._store.save(self._key, self._unsaved)
        except Exception as error:
            raise _failed(error) from None
        self._unsaved = None

    async def _stored(self) -> Granted | None:
        stored = await self._store.load(self._key)
        if stored is None:
            return None
        if stored.refresh_token != self._refused:
            self._grant.received(stored.refresh_token)  # another process may have had it renewed
        left = stored.expires - self._clock.time()
        if left < _WORTH_USING or stored.access_token == self._given:
            return None
        return Granted(stored.access_token, left, stored.scope, stored.refresh_token)

    def _stored_form(self, granted: Granted) -> Stored:
        expires = self._clock.time() + granted.lifetime
        refresh = granted.refresh_token or self._grant.refresh_token
        return Stored(granted.access_token, expires, granted.scope, refresh)


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
