"""From credentials to something that gives out tokens. How to log in is loaded at the first login."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from halo_async.auth.tokens import FixedToken, Tokens
from halo_async.clock import Clock
from halo_async.settings import ClientCredentials

if TYPE_CHECKING:
    from halo_async.auth.answers import Granted
    from halo_async.auth.credentials import Credentials


def tokens_for(credentials: Credentials, *, clock: Clock, **options: Any) -> Tokens | FixedToken:
    """What gives a client its tokens; `options` are those of `logins.login_for`.

    :raises TypeError: for credentials of an unknown kind.
    """
    if isinstance(credentials, ClientCredentials):
        return Tokens(_Later(credentials, clock=clock, **options), clock)
    from halo_async.auth.credentials import ApiKey
    from halo_async.auth.logins import login_for

    if isinstance(credentials, ApiKey):
        return FixedToken(credentials.key)
    person_has = getattr(credentials, "wait", 0.0)
    return Tokens(login_for(credentials, clock=clock, **options), clock, person_has=person_has)


class _Later:
    """A login that is put together when it is needed."""

    def __init__(self, credentials: ClientCredentials, **options: Any) -> None:
        self._credentials = credentials
        self._options = options
        self._login: Callable[[], Awaitable[Granted]] | None = None

    async def __call__(self) -> Granted:
        if self._login is None:
            from halo_async.auth.logins import login_for

            self._login = login_for(self._credentials, **self._options)
        return await self._login()

    async def aclose(self) -> None:
        """See `KeptLogin.aclose`."""
        if (close := getattr(self._login, "aclose", None)) is not None:
            await close()
