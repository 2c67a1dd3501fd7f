"""Grants that are posted to the token endpoint."""

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
    """One way of requesting a token."""

    longest = 330.0
    """Maximum seconds of a login, including waits and retries; its lock is not waited for longer."""

    spends = False
    """True if a login uses up what it sends (a refresh token, a code): without its response there is no other login."""

    def identity(self) -> LoginIdentity:
        """Return the fields that identify whose token this grant requests."""
        raise NotImplementedError

    async def prepare(self, service: LoginService) -> None:
        """Prepare the grant once the login service is known; most grants have nothing to do."""

    def form(self) -> Mapping[str, str | Secret]:
        """Return the fields to post, with secrets wrapped."""
        raise NotImplementedError

    def received(self, refresh_token: Secret | None) -> None:
        """Store a refresh token received with an access token (or loaded from a store)."""

    def refused(self) -> None:
        """Record that the fields from `form` were refused."""

    @property
    def refresh_token(self) -> Secret | None:
        """Return the data that a store has to save for the next login."""
        return None


class ClientCredentialsGrant(Grant):
    """Login of an application as itself (client credentials)."""

    def __init__(self, credentials: ClientCredentials, scope: str) -> None:
        self._credentials = credentials
        self._scope = scope

    def identity(self) -> LoginIdentity:
        """See `Grant.identity`."""
        given = self._credentials
        return LoginIdentity("client_credentials", given.client_id, secrets=(given.client_secret,))

    def form(self) -> Mapping[str, str | Secret]:
        """See `Grant.form`. Without a scope Halo issues a token that every request rejects with 401."""
        return {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "scope": self._scope or "all",
        }
