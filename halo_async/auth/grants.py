"""What is posted to the token endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from halo_async._utils.secret import Secret
from halo_async.auth.login_key import LoginIdentity
from halo_async.settings import ClientCredentials

if TYPE_CHECKING:
    from halo_async.auth.discovery import LoginService

Form = dict[str, str | Secret]


class Grant:
    """One way of asking for a token."""

    longest = 330.0
    """Seconds that one login takes at most, waits and repeats included: then its lock is not waited for any more."""

    def identity(self) -> LoginIdentity:
        """Return what decides whose token this grant asks for."""
        raise NotImplementedError

    async def prepare(self, service: LoginService) -> None:
        """Get ready, once it is known where the login is; most grants have nothing to do."""

    def form(self) -> Mapping[str, str | Secret]:
        """The fields to post, secrets wrapped."""
        raise NotImplementedError

    def received(self, refresh_token: Secret | None) -> None:
        """Take note of a refresh token that came with an access token (or was kept in a store)."""

    def refused(self) -> None:
        """Take note that what `form` gave was refused."""

    @property
    def refresh_token(self) -> Secret | None:
        """What a store has to keep for the next login."""
        return None


class ClientCredentialsGrant(Grant):
    """An application logs in as itself."""

    def __init__(self, credentials: ClientCredentials, scope: str) -> None:
        self._credentials = credentials
        self._scope = scope

    def identity(self) -> LoginIdentity:
        """See `Grant.identity`."""
        given = self._credentials
        return LoginIdentity("client_credentials", given.client_id, secrets=(given.client_secret,))

    def form(self) -> Mapping[str, str | Secret]:
        """See `Grant.form`. Without a scope Halo gives a token with which every call is a 401."""
        return {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "scope": self._scope or "all",
        }
