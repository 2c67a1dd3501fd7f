"""Conversion of credentials to a login. Rarely used modules are loaded on demand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from halo_async._utils.backoff import Random
from halo_async._utils.clock import Clock
from halo_async._utils.validation import article
from halo_async.auth.tokens import FixedToken, LoginFailed, Tokens
from halo_async.errors import AuthenticationError
from halo_async.settings import ClientCredentials, Instance

if TYPE_CHECKING:
    from halo_async.auth.credentials import CallableCredentials, Credentials
    from halo_async.auth.grants import Grant
    from halo_async.auth.http import HttpSender
    from halo_async.auth.token_response import TokenResponse
    from halo_async.auth.token_stores import TokenStore


def login_for(
    credentials: Credentials,
    *,
    exchange: HttpSender,
    instance: Instance,
    clock: Clock,
    random: Random,
    scope: str = "all",
    tenant: str | None = None,
    auth_url: str | None = None,
    store: TokenStore | None = None,
) -> Callable[[], Awaitable[TokenResponse]]:
    """A callable that returns a new token on each call, or raises `LoginFailed`."""
    if not isinstance(credentials, ClientCredentials):
        from halo_async.auth.credentials import CallableCredentials, SecretSourceCredentials

        if isinstance(credentials, CallableCredentials):
            return _Source(credentials)
        if isinstance(credentials, SecretSourceCredentials):
            from halo_async.auth.secret_login import SecretSourceLogin

            return SecretSourceLogin(
                credentials,
                partial(
                    login_for,
                    exchange=exchange,
                    instance=instance,
                    clock=clock,
                    random=random,
                    scope=scope,
                    tenant=tenant,
                    auth_url=auth_url,
                    store=store,
                ),
            )
    from halo_async.auth.login import Login

    grant = _grant(credentials, scope)
    login = Login(exchange, instance, grant, clock=clock, random=random, tenant=tenant, auth_url=auth_url)
    if store is None:
        return login
    from halo_async.auth.login_key import login_key
    from halo_async.auth.persistent_login import PersistentLogin

    keeping: TokenStore = store
    if (store_for := getattr(store, "store_for", None)) is not None:
        keeping = store_for(grant.identity().secrets)
    key = partial(
        login_key, grant.identity(), instance, tenant=tenant, auth_url=auth_url, scope=scope or "all"
    )
    return PersistentLogin(login, grant, keeping, key, clock)


def _grant(credentials: Credentials, scope: str) -> Grant:
    if isinstance(credentials, ClientCredentials):
        from halo_async.auth.grants import ClientCredentialsGrant

        return ClientCredentialsGrant(credentials, scope)
    from halo_async.auth import credentials as kinds
    from halo_async.auth import user_grants

    if isinstance(credentials, kinds.PasswordCredentials):
        return user_grants.PasswordGrant(credentials, scope)
    if isinstance(credentials, kinds.RefreshTokenCredentials):
        return user_grants.RefreshTokenGrant(credentials)
    if isinstance(credentials, kinds.AuthorizationCodeCredentials):
        return user_grants.AuthorizationCodeGrant(credentials, scope)
    raise TypeError(
        f"Unsupported credentials type {type(credentials).__name__!r}. "
        "Use ClientCredentials(client_id, client_secret)."
    )


class _Source:
    """Login that calls a caller's own source of tokens."""

    def __init__(self, own: CallableCredentials) -> None:
        self._source = own.source

    async def __call__(self) -> TokenResponse:
        try:
            given = await self._source()
        except Exception as error:
            refused = AuthenticationError(f"The token source failed with {type(error).__name__}.")
            refused.__cause__ = error
            raise LoginFailed(refused, False, 1) from None
        granted = _granted(given)
        if granted is None:
            wrong = (
                f"The token source must return a token, or a token and its lifetime, not {article(given)}."
            )
            del given  # it may contain a token, and tracebacks show locals
            raise LoginFailed(AuthenticationError(wrong), False, 1)
        return granted


def _granted(given: object) -> TokenResponse | None:
    from halo_async.auth.token_response import TokenResponse, lifetime

    token, seconds = given if isinstance(given, tuple) and len(given) == 2 else (given, None)
    if not isinstance(token, str) or not token:
        return None
    return TokenResponse(token, lifetime(seconds), rejection_hint="the given token is invalid or has expired")


# From credentials to something that gives out tokens. How to log in is loaded at the first login.


def tokens_for(credentials: Credentials, *, clock: Clock, **options: Any) -> Tokens | FixedToken:
    """Return the token source of a client; `options` are those of `logins.login_for`.

    :raises TypeError: the credentials have an unknown type.
    """
    if isinstance(credentials, ClientCredentials):
        return Tokens(_Later(credentials, clock=clock, **options), clock)
    from halo_async.auth.credentials import ApiKeyCredentials

    if isinstance(credentials, ApiKeyCredentials):
        return FixedToken(credentials.key)
    person_has = getattr(credentials, "wait", 0.0)
    return Tokens(login_for(credentials, clock=clock, **options), clock, person_has=person_has)


class _Later:
    """A login that is created on first use."""

    def __init__(self, credentials: ClientCredentials, **options: Any) -> None:
        self._credentials = credentials
        self._options = options
        self._login: Callable[[], Awaitable[TokenResponse]] | None = None

    async def __call__(self) -> TokenResponse:
        if self._login is None:
            self._login = login_for(self._credentials, **self._options)
        return await self._login()

    async def aclose(self) -> None:
        """See `PersistentLogin.aclose`."""
        if (close := getattr(self._login, "aclose", None)) is not None:
            await close()
