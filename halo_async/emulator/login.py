"""Logging in: authinfo, the token endpoint, and what a token may do."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from halo_async.clock import Clock
from halo_async.emulator.errors import Refused
from halo_async.emulator.reply import Reply, empty, json_reply

LIFETIME = 3600


@attrs.frozen
class Identity:
    """Who may log in, and under which tenant."""

    client_id: str
    client_secret: str = attrs.field(repr=False)
    tenant: str | None


@attrs.define
class Issued:
    """A token that was given out."""

    client_id: str
    scopes: frozenset[str]
    expires: float


class Login:
    """The authorisation server of one instance."""

    def __init__(self, identity: Identity, clock: Clock, *, lifetime: float = LIFETIME) -> None:
        self.identity = identity
        self.lifetime = lifetime
        self._clock = clock
        self._tokens: dict[str, Issued] = {}
        self._grants: dict[str, Callable[[Mapping[str, str]], Reply]] = {
            "client_credentials": self._client_credentials,
        }

    def authinfo(self, origin: str) -> Reply:
        """The anonymous answer that tells a client where to log in."""
        info: dict[str, Any] = {"auth_url": f"{origin}/auth"}
        if self.identity.tenant is not None:
            info["tenant_id"] = self.identity.tenant
        return json_reply(info)

    def token(self, tenant: str | None, form: Mapping[str, str]) -> Reply:
        """One request to the token endpoint. A wrong tenant is a 500 with an empty body (likely)."""
        if tenant is not None and self.identity.tenant is not None and tenant != self.identity.tenant:
            return empty(500)
        grant = self._grants.get(form.get("grant_type", ""))
        if grant is None:
            return _error(400, "unsupported_grant_type", "The grant type is not supported.")
        try:
            return grant(form)
        except Refused as refused:
            return refused.reply

    def _client_credentials(self, form: Mapping[str, str]) -> Reply:
        self._check_client(form)
        return json_reply(self._issue(form))

    def _check_client(self, form: Mapping[str, str]) -> None:
        known = form.get("client_id") == self.identity.client_id
        if not known or not secrets.compare_digest(
            form.get("client_secret", "").encode(), self.identity.client_secret.encode()
        ):
            raise Refused(_error(401, "invalid_client", "The specified client credentials are invalid."))

    def _issue(self, form: Mapping[str, str]) -> dict[str, Any]:
        scope = form.get("scope", "")
        token = secrets.token_urlsafe(48)
        self._tokens[token] = Issued(form["client_id"], frozenset(scope.split()), self._expiry())
        return {
            "scope": scope,
            "token_type": "Bearer",
            "access_token": token,
            "expires_in": int(self.lifetime),
        }

    def _expiry(self) -> float:
        return self._clock.monotonic() + self.lifetime

    def holder(self, authorization: str | None) -> Issued:
        """The token behind an Authorization header.

        :raises Refused: 401 with an empty body: no token, an unknown or expired one, or one without scope.
        """
        kind, _, token = (authorization or "").partition(" ")
        issued = self._tokens.get(token.strip()) if kind.lower() == "bearer" else None
        if issued is None or not issued.scopes or issued.expires <= self._clock.monotonic():
            raise Refused(empty(401))
        return issued

    def revoke(self) -> None:
        """Make every token that was given out worthless, as a restart of the server can."""
        self._tokens.clear()


def _error(status: int, error: str, description: str) -> Reply:
    return json_reply({"error": error, "error_description": description}, status)
