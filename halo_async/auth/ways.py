"""From credentials to something that gives out tokens. What is rarely used is loaded when asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halo_async.auth.answers import Granted, lifetime
from halo_async.auth.exchange import Exchange
from halo_async.auth.grants import ClientCredentialsGrant, Grant
from halo_async.auth.login import Login, LoginFailed
from halo_async.auth.tokens import FixedToken, Tokens
from halo_async.clock import Clock
from halo_async.errors import AuthenticationError
from halo_async.settings import ClientCredentials, Instance
from halo_async.waiting import Random

if TYPE_CHECKING:
    from halo_async.auth.credentials import Credentials, OwnTokens
    from halo_async.auth.stores import TokenStore


def tokens_for(
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
) -> Tokens | FixedToken:
    """What gives a client its tokens."""
    from_caller = None if isinstance(credentials, ClientCredentials) else _without_login(credentials, clock)
    if from_caller is not None:
        return from_caller
    grant = _grant(credentials, scope)
    login = Login(exchange, instance, grant, clock=clock, random=random, tenant=tenant, auth_url=auth_url)
    if store is None:
        return Tokens(login, clock)
    from halo_async.auth.kept import KeptLogin

    client_id = getattr(credentials, "client_id", "")
    kept = KeptLogin(login, grant, store, f"{instance.api_url} {tenant or ''} {client_id} {scope}", clock)
    return Tokens(kept, clock)


def _without_login(credentials: Credentials, clock: Clock) -> Tokens | FixedToken | None:
    from halo_async.auth.credentials import ApiKey, OwnTokens

    if isinstance(credentials, ApiKey):
        return FixedToken(credentials.key)
    return Tokens(_Source(credentials), clock) if isinstance(credentials, OwnTokens) else None


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
            return _granted(await self._source())
        except Exception as error:
            refused = AuthenticationError(f"the source of tokens failed: {type(error).__name__}")
            refused.__cause__ = error
            raise LoginFailed(refused, False, 1) from None


def _granted(given: str | tuple[str, float]) -> Granted:
    token, seconds = given if isinstance(given, tuple) else (given, None)
    if not isinstance(token, str) or not token:
        raise TypeError("a source of tokens returns a token, or a token and its lifetime")
    return Granted(token, lifetime(seconds))
