"""Login: authinfo, the token endpoint with its grants, the authorisation page."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any
from urllib.parse import urlencode

import attrs

from halo_async._utils.clock import Clock
from halo_async.emulator.errors import Refused
from halo_async.emulator.reply import Reply, empty, json_reply

LIFETIME = 3600
CODE_LIFETIME = 60
Form = Mapping[str, str]


@attrs.frozen
class Identity:
    """Accepted credentials, and their tenant."""

    client_id: str
    client_secret: str = attrs.field(repr=False)
    tenant: str | None
    username: str
    password: str = attrs.field(repr=False)
    api_key: str = attrs.field(repr=False)


@attrs.define
class IssuedToken:
    """An issued token."""

    scopes: frozenset[str]
    tenant: str | None
    expires: float
    # The login that it belongs to.
    family: int = 0


@attrs.frozen
class Renewal:
    """Tenant, scope and token family of a refresh token."""

    tenant: str | None
    scope: str
    family: int


@attrs.frozen
class IssuedCode:
    """An authorisation code waiting to be exchanged."""

    scope: str
    redirect: str
    challenge: str
    expires: float


class EmulatedLogin:
    """The authorisation server of one instance.

    :param rotate: whether a refresh issues a new refresh token and invalidates the old one.
    :param revoke_on_reuse: whether reuse of a spent refresh token revokes all tokens of its login.
    """

    def __init__(
        self,
        identity: Identity,
        clock: Clock,
        *,
        lifetime: float = LIFETIME,
        rotate: bool = True,
        revoke_on_reuse: bool = False,
    ) -> None:
        self.identity = identity
        self.lifetime = lifetime
        self.rotate = rotate
        self.revoke_on_reuse = revoke_on_reuse
        # More tenants of the same host, each with its own data.
        self.tenants: frozenset[str] = frozenset()
        self._clock = clock
        self._tokens: dict[str, IssuedToken] = {}
        self._refresh: dict[str, Renewal] = {}
        self._spent: dict[str, Renewal] = {}
        self._families = count(1)
        self._codes: dict[str, IssuedCode] = {}
        self._grants: dict[str, Callable[[Form], dict[str, Any]]] = {
            "client_credentials": self._client_credentials,
            "password": self._password,
            "authorization_code": self._authorization_code,
            "refresh_token": self._refresh_token,
        }

    def authinfo(self, auth_url: str) -> Reply:
        """Return the anonymous response that tells a client where to log in."""
        info: dict[str, Any] = {"auth_url": auth_url}
        if self.identity.tenant is not None:
            info["tenant_id"] = self.identity.tenant
        return json_reply(info)

    def token(self, tenant: str | None, form: Form) -> Reply:
        """Handle one request to the token endpoint. A wrong tenant is a 500 with an empty body (likely)."""
        own = self.identity.tenant
        if (
            tenant
            and own is not None
            and tenant.lower() not in {name.lower() for name in (own, *self.tenants)}
        ):
            return empty(500)
        grant = self._grants.get(form.get("grant_type", ""))
        if grant is None:
            return _refuse_login(400, "unsupported_grant_type", "The grant type is not supported.")
        try:
            return json_reply(grant({**form, "tenant": self._tenant(tenant)}))
        except Refused as refused:
            return refused.reply

    def _tenant(self, name: str | None) -> str:
        """Return the tenant of a login: the instance's own if it names none of the others."""
        return next((one for one in self.tenants if name and one.lower() == name.lower()), "")

    def authorize(self, query: Form) -> Reply:
        """Serve the authorisation page, with the user already logged in: redirect with a code at once."""
        redirect = query.get("redirect_uri", "")
        if (
            query.get("client_id") != self.identity.client_id
            or query.get("response_type") != "code"
            or not redirect
        ):
            return _refuse_login(
                400, "invalid_request", "client_id, response_type=code and redirect_uri are needed."
            )
        code = secrets.token_urlsafe(24)
        expires = self._clock.monotonic() + CODE_LIFETIME
        self._codes[code] = IssuedCode(
            query.get("scope", ""), redirect, query.get("code_challenge", ""), expires
        )
        back = {"code": code} | ({"state": query["state"]} if "state" in query else {})
        joint = "&" if "?" in redirect else "?"
        return Reply(302, headers={"Location": f"{redirect}{joint}{urlencode(back)}"})

    def _client_credentials(self, form: Form) -> dict[str, Any]:
        self._check_client(form)
        return self._issue(form["tenant"], form.get("scope", ""))

    def _password(self, form: Form) -> dict[str, Any]:
        self._check_client(form, secret=False)
        held = self.identity
        if not (_same(form.get("username"), held.username) and _same(form.get("password"), held.password)):
            raise Refused(_refuse_login(400, "invalid_grant", "The user name or password is wrong."))
        return self._issue(form["tenant"], form.get("scope", ""))

    def _authorization_code(self, form: Form) -> dict[str, Any]:
        self._check_client(form, secret=False)
        code = self._codes.pop(form.get("code", ""), None)
        if (
            code is None
            or code.expires <= self._clock.monotonic()
            or form.get("redirect_uri") != code.redirect
        ):
            raise Refused(_refuse_login(400, "invalid_grant", "The code is invalid."))
        if code.challenge and not _same(_challenge(form.get("code_verifier", "")), code.challenge):
            raise Refused(_refuse_login(400, "invalid_grant", "The code verifier does not fit."))
        return self._issue(form["tenant"], code.scope)

    def _refresh_token(self, form: Form) -> dict[str, Any]:
        self._check_client(form, secret=False)
        old = form.get("refresh_token", "")
        held = self._refresh.get(old)
        if held is None:
            if self.revoke_on_reuse and old in self._spent:
                self._revoke_family(self._spent[old].family)
            raise Refused(_refuse_login(400, "invalid_grant", "The refresh token is invalid."))
        if self.rotate:
            self._spent[old] = self._refresh.pop(old)
        return self._issue(held.tenant, held.scope, refresh=self.rotate, family=held.family)

    def _revoke_family(self, family: int) -> None:
        self._tokens = {token: held for token, held in self._tokens.items() if held.family != family}
        self._refresh = {token: held for token, held in self._refresh.items() if held.family != family}

    def _check_client(self, form: Form, *, secret: bool = True) -> None:
        """Check the client: a public one (any other grant) may omit its secret, not send a wrong one."""
        given = form.get("client_secret", None if secret is False else "")
        known = _same(form.get("client_id"), self.identity.client_id)
        if not known or (given is not None and not _same(given, self.identity.client_secret)):
            raise Refused(
                _refuse_login(401, "invalid_client", "The specified client credentials are invalid.")
            )

    def _issue(
        self, tenant: str | None, scope: str, *, refresh: bool = True, family: int | None = None
    ) -> dict[str, Any]:
        token = secrets.token_urlsafe(48)
        scopes = frozenset(scope.split())
        family = next(self._families) if family is None else family
        expires = self._clock.monotonic() + self.lifetime
        self._tokens[token] = IssuedToken(scopes, tenant or None, expires, family)
        body: dict[str, Any] = {
            "scope": scope,
            "token_type": "Bearer",
            "access_token": token,
            "expires_in": int(self.lifetime),
        }
        if refresh and "offline_access" in scopes:
            successor = secrets.token_urlsafe(32)
            self._refresh[successor] = Renewal(tenant, scope, family)
            body["refresh_token"] = successor
        return body

    def holder(self, headers: Mapping[str, str]) -> IssuedToken:
        """Return the token, with its scopes and tenant, of the sender of these headers.

        :raises Refused: 401 with an empty body: no token, an unknown or expired one, or one without scope.
        """
        if _same(headers.get("x-halo-api-key"), self.identity.api_key):
            return IssuedToken(frozenset({"all"}), None, float("inf"))
        kind, _, token = headers.get("authorization", "").partition(" ")
        issued = self._tokens.get(token.strip()) if kind.lower() == "bearer" else None
        if issued is None or not issued.scopes or issued.expires <= self._clock.monotonic():
            raise Refused(empty(401))
        return issued

    def revoke(self, *, refresh: bool = False) -> None:
        """Invalidate every issued access token; with ``refresh`` every refresh token too."""
        self._tokens.clear()
        if refresh:
            self._refresh.clear()


def _refuse_login(status: int, error: str, description: str) -> Reply:
    return json_reply({"error": error, "error_description": description}, status)


def _same(given: str | None, held: str) -> bool:
    return given is not None and secrets.compare_digest(given.encode(), held.encode())


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
