"""The less common credential types; an application's id and secret are in `halo_async.settings`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import attrs

from halo_async._utils.secret import Secret
from halo_async.settings import ClientCredentials, stripped


def _wrap_secret(value: str | Secret | None) -> Secret | None:
    return Secret(value) if value else None


@attrs.frozen(eq=False)
class PasswordCredentials:
    """An agent's user name and password, used through an application that allows it."""

    client_id: str = attrs.field(converter=stripped)
    username: str = attrs.field(converter=stripped)
    password: Secret = attrs.field(converter=Secret, repr=False)
    client_secret: Secret | None = attrs.field(default=None, converter=_wrap_secret, repr=False)


@attrs.frozen(eq=False)
class RefreshTokenCredentials:
    """A refresh token; Halo may issue a new one each time, which then replaces it.

    With a token store, always pass the first one: the store has its successor.
    """

    client_id: str = attrs.field(converter=stripped)
    refresh_token: Secret = attrs.field(converter=Secret, repr=False)
    client_secret: Secret | None = attrs.field(default=None, converter=_wrap_secret, repr=False)


@attrs.frozen(eq=False)
class AuthorizationCodeCredentials:
    """Login of an agent in a browser (authorization code with PKCE).

    `show` is called with the address to visit. A listener on 127.0.0.1 waits for the redirect from the
    browser; its address, `http://127.0.0.1:<port>/`, has to be among the application's redirect addresses.
    """

    client_id: str = attrs.field(converter=stripped)
    show: Callable[[str], None] = attrs.field(repr=False)
    port: int = 0
    """Port of the listener; 0 for any free one."""
    wait: float = 300.0
    """Seconds to wait for the browser login."""
    client_secret: Secret | None = attrs.field(default=None, converter=_wrap_secret, repr=False)
    user: str | None = None
    """Any name for the user, if several people share one token store: only you can tell them apart."""


@attrs.frozen(eq=False)
class ApiKeyCredentials:
    """A key sent with every request, if the instance allows keys (2.212 and later). There is no login."""

    key: Secret = attrs.field(converter=Secret, repr=False)


@attrs.frozen(eq=False)
class CallableCredentials:
    """Tokens provided by the caller.

    `source` returns a token, or a token and its lifetime in seconds. It is called for the first
    request, before the token expires, and once after a 401.
    """

    source: Callable[[], Awaitable[str | tuple[str, float]]] = attrs.field(repr=False)


@attrs.frozen(eq=False)
class SecretSourceCredentials:
    """An application whose secret is read when it logs in: from a keychain, a command, a vault.

    `source` is called in a thread before each login, so that a secret that has been changed meanwhile is found.
    """

    client_id: str = attrs.field(converter=stripped)
    source: Callable[[], str | Secret] = attrs.field(repr=False)


Credentials = (
    ClientCredentials
    | PasswordCredentials
    | RefreshTokenCredentials
    | AuthorizationCodeCredentials
    | ApiKeyCredentials
    | CallableCredentials
    | SecretSourceCredentials
)
