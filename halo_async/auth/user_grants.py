"""Grants of a user login: password, refresh token, authorization code with PKCE."""

from __future__ import annotations

from collections.abc import Mapping

from halo_async._utils.secret import Secret
from halo_async.auth.credentials import (
    AuthorizationCodeCredentials,
    PasswordCredentials,
    RefreshTokenCredentials,
)
from halo_async.auth.discovery import LoginService
from halo_async.auth.grants import Form, Grant
from halo_async.auth.login_key import LoginIdentity
from halo_async.auth.pkce import Challenge, authorize_url
from halo_async.auth.redirect_listener import RedirectListener


class RenewableGrant(Grant):
    """Uses a refresh token if it has one, otherwise the fields of `first`."""

    spends = True

    def __init__(
        self, client_id: str, client_secret: Secret | None, refresh_token: Secret | None = None
    ) -> None:
        self._client_id = client_id
        self._client_secret = client_secret
        self._refresh_token = refresh_token

    @property
    def refresh_token(self) -> Secret | None:
        """See `Grant.refresh_token`."""
        return self._refresh_token

    def received(self, refresh_token: Secret | None) -> None:
        """See `Grant.received`. Halo may send none: then the old one stays valid."""
        if refresh_token is not None:
            self._refresh_token = refresh_token

    def form(self) -> Mapping[str, str | Secret]:
        """See `Grant.form`."""
        if self._refresh_token is None:
            return self._add_client(self.first())
        return self._add_client({"grant_type": "refresh_token", "refresh_token": self._refresh_token})

    def first(self) -> Form:
        """Return the fields to post while there is no refresh token."""
        raise NotImplementedError

    def _add_client(self, form: Form) -> Form:
        secret: Form = {"client_secret": self._client_secret} if self._client_secret else {}
        return form | {"client_id": self._client_id} | secret


class RefreshTokenGrant(RenewableGrant):
    """Starts with a refresh token from the caller."""

    def __init__(self, credentials: RefreshTokenCredentials) -> None:
        super().__init__(credentials.client_id, credentials.client_secret, credentials.refresh_token)
        self._first = credentials.refresh_token
        """Never sent again once it was replaced: some services then revoke every login derived from it."""

    def identity(self) -> LoginIdentity:
        """See `Grant.identity`: the first refresh token alone identifies the user."""
        return LoginIdentity("refresh_token", self._client_id, secrets=(self._client_secret, self._first))


class PasswordGrant(Grant):
    """Posts the password each time: it stays in memory anyway."""

    def __init__(self, credentials: PasswordCredentials, scope: str) -> None:
        self._credentials = credentials
        self._scope = scope

    def identity(self) -> LoginIdentity:
        """See `Grant.identity`."""
        given = self._credentials
        return LoginIdentity(
            "password", given.client_id, given.username, (given.client_secret, given.password)
        )

    def form(self) -> Mapping[str, str | Secret]:
        """See `Grant.form`."""
        given = self._credentials
        secret: Form = {"client_secret": given.client_secret} if given.client_secret else {}
        return secret | {
            "grant_type": "password",
            "client_id": given.client_id,
            "username": given.username,
            "password": given.password,
            "scope": self._scope or "all",
        }


class AuthorizationCodeGrant(RenewableGrant):
    """Opens the browser once and uses the refresh token from then on."""

    def __init__(self, credentials: AuthorizationCodeCredentials, scope: str) -> None:
        super().__init__(credentials.client_id, credentials.client_secret)
        self._credentials = credentials
        self._scope = scope if "offline_access" in scope.split() else f"{scope or 'all'} offline_access"
        self._challenge = Challenge.new()
        self._code: Secret | None = None
        self._redirect_url = ""
        self.longest = max(Grant.longest, credentials.wait + 30.0)

    def identity(self) -> LoginIdentity:
        """See `Grant.identity`: the user is not known before the browser login."""
        given = self._credentials
        return LoginIdentity("authorization_code", given.client_id, given.user, (given.client_secret,))

    async def prepare(self, service: LoginService) -> None:
        """Wait for the browser's redirect with a code.

        :raises AuthenticationError: there was no redirect, or it reported a refusal.
        """
        if self._refresh_token is not None or self._code is not None:
            return
        self._challenge = Challenge.new()
        async with RedirectListener(self._challenge.state, self._credentials.port) as visit:
            self._redirect_url = visit.url
            address = authorize_url(service, self._client_id, visit.url, self._scope, self._challenge)
            self._credentials.show(address)
            self._code = await visit.code(self._credentials.wait)

    def received(self, refresh_token: Secret | None) -> None:
        """See `Grant.received`. A code is valid for one token."""
        super().received(refresh_token)
        self._code = None

    def refused(self) -> None:
        """See `Grant.refused`: the next login starts in the browser again."""
        self._code = self._refresh_token = None

    def first(self) -> Form:
        """See `RenewableGrant.first`."""
        assert self._code is not None
        return {
            "grant_type": "authorization_code",
            "code": self._code,
            "code_verifier": self._challenge.verifier,
            "redirect_uri": self._redirect_url,
        }
