"""What is posted to the token endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from halo_async.secret import Secret
from halo_async.settings import ClientCredentials


class Grant(Protocol):
    """One way of asking for a token."""

    def form(self) -> Mapping[str, str | Secret]:
        """The fields to post, secrets wrapped."""
        ...

    def received(self, refresh_token: Secret | None) -> None:
        """Take note of a refresh token that came with an access token, before that one is used."""
        ...


class ClientCredentialsGrant:
    """An application logs in as itself."""

    def __init__(self, credentials: ClientCredentials, scope: str) -> None:
        self._credentials = credentials
        self._scope = scope

    def form(self) -> Mapping[str, str | Secret]:
        """See `Grant.form`. Without a scope Halo gives a token with which every call is a 401."""
        return {
            "grant_type": "client_credentials",
            "client_id": self._credentials.client_id,
            "client_secret": self._credentials.client_secret,
            "scope": self._scope or "all",
        }

    def received(self, refresh_token: Secret | None) -> None:
        """Nothing to keep: the next login uses the secret again."""
