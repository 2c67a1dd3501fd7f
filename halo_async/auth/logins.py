"""From credentials to a login. What is rarely used is loaded when asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

from halo_async.auth.answers import Granted, lifetime
from halo_async.auth.exchange import Exchange
from halo_async.auth.grants import ClientCredentialsGrant, Grant
from halo_async.auth.login import Login
from halo_async.auth.tokens import LoginFailed
from halo_async.clock import Clock
from halo_async.errors import AuthenticationError
from halo_async.fields import article
from halo_async.settings import ClientCredentials, Instance
from halo_async.waiting import Random

if TYPE_CHECKING:
    from halo_async.auth.credentials import Credentials, OwnTokens
    from halo_async.auth.stores import TokenStore


def login_for(
    credentials: Credentials,
    *,
    exchange: Exchange,
    instance: Instance,
    clock: Clock,
    random: Random,
    scope: str = "all",
    tenant: str | None = None,
    auth_url: str | None = None,
    store: TokenStore | None = None,
) -> Callable[[], Awaitable[Granted]]:
    """What gets a new token each time it is called, or raises `LoginFailed`."""
    if not isinstance(credentials, ClientCredentials):
        from halo_async.auth.credentials import OwnTokens

        if isinstance(credentials, OwnTokens):
            return _Source(credentials)
    grant = _grant(credentials, scope)
    login = Login(exchange, instance, grant, clock=clock, random=random, tenant=tenant, auth_url=auth_url)
    if store is None:
        return login
    from halo_async.auth.kept import KeptLogin
    from halo_async.auth.login_key import login_key

    key = partial(
        login_key, grant.identity(), instance, tenant=tenant, auth_url=auth_url, scope=scope or "all"
    )
    return KeptLogin(login, grant, store, key, clock)


def _grant(credentials: Credentials, scope: str) -> Grant:
    if isinstance(credentials, ClientCredentials):
        return ClientCredentialsGrant(credentials, scope)
    from halo_async.auth import credentials as kinds
    from halo_async.auth import user_grants

    if isinstance(credentials, kinds.Password):
        return user_grants.PasswordGrant(credentials, scope)
    if isinstance(credentials, kinds.RefreshToken):
        return user_grants.RefreshTokenGrant(credentials)
    if isinstance(credentials, kinds.AuthorizationCode):
        return user_grants.AuthorizationCodeGrant(credentials, scope)
    raise TypeError(f"{type(credentials).__name__} is no way to log in: use ClientCredentials(id, secret)")


class _Source:
    """A caller's own source of tokens, as a login."""

    def __init__(self, own: OwnTokens) -> None:
        self._source = own.source

    async def __call__(self) -> Granted:
        try:
            given = await self._source()
        except Exception as error:
            refused = AuthenticationError(f"the source of tokens failed: {type(error).__name__}")
            refused.__cause__ = error
            raise LoginFailed(refused, False, 1) from None
        granted = _granted(given)
        if granted is None:
            wrong = f"the source of tokens failed: it returns a token, or one and its lifetime, not {article(given)}"
            del given  # it may hold a token, and tracebacks show locals
            raise LoginFailed(AuthenticationError(wrong), False, 1)
        return granted


def _granted(given: object) -> Granted | None:
    token, seconds = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if not isinstance(token, str) or not token:
        return None
    return Granted(token, lifetime(seconds), doubt="the token given is no good (any more)")
