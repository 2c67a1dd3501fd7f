"""The less common ways to log in; an application's id and secret are in `halo_async.settings`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from attrs import field, frozen

from halo_async._utils.secret import Secret
from halo_async.settings import ClientCredentials, stripped


def _secret(value: str | Secret | None) -> Secret | None:
    return Secret(value) if value else None


@frozen(eq=False)
class PasswordCredentials:
    """An agent's own user name and password, through an application that allows it."""

    client_id: str = field(converter=stripped)
    username: str = field(converter=stripped)
    password: Secret = field(converter=Secret, repr=False)
    client_secret: Secret | None = field(default=None, converter=_secret, repr=False)


@frozen(eq=False)
class RefreshTokenCredentials:
    """A token that buys access tokens; Halo may give a new one each time, which then replaces it.

    With a token store, keep giving the first one: the store has what came of it.
    """

    client_id: str = field(converter=stripped)
    refresh_token: Secret = field(converter=Secret, repr=False)
    client_secret: Secret | None = field(default=None, converter=_secret, repr=False)


@frozen(eq=False)
class AuthorizationCodeCredentials:
    """An agent logs in with a browser (authorization code with PKCE).

    `show` is given the address to visit. A listener on 127.0.0.1 waits for the browser to come back;
    its address, `http://127.0.0.1:<port>/`, has to be among the application's redirect addresses.
    """

    client_id: str = field(converter=stripped)
    show: Callable[[str], None] = field(repr=False)
    port: int = 0
    """0: any free one."""
    wait: float = 300.0
    """Seconds until nobody is expected to come back any more."""
    client_secret: Secret | None = field(default=None, converter=_secret, repr=False)
    user: str | None = None
    """Whose login it is, in any words, where one token store is for several people: only you know who sits there."""


@frozen(eq=False)
class ApiKeyCredentials:
    """A key sent with every call, where the instance allows keys (2.212 and later). There is no login."""

    key: Secret = field(converter=Secret, repr=False)


@frozen(eq=False)
class CallableCredentials:
    """Tokens that the caller gets by itself.

    `source` returns a token, or a token and its lifetime in seconds. It is called for the first
    call, before the token's end, and once after a 401.
    """

    source: Callable[[], Awaitable[str | tuple[str, float]]] = field(repr=False)


Credentials = (
    ClientCredentials
    | PasswordCredentials
    | RefreshTokenCredentials
    | AuthorizationCodeCredentials
    | ApiKeyCredentials
    | CallableCredentials
)
