"""The HTTP side of a login, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import attrs

from halo_async._utils.clock import VirtualClock
from halo_async._utils.secret import Secret
from halo_async.auth.credentials import Credentials, RefreshTokenCredentials
from halo_async.auth.factory import tokens_for
from halo_async.auth.token_stores import TokenStore
from halo_async.auth.tokens import Tokens
from halo_async.settings import Instance


@attrs.frozen
class FakeResponse:
    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = attrs.field(factory=dict)


def respond(status: int, value: Any = None, **headers: str) -> FakeResponse:
    body = value if isinstance(value, bytes) else b"" if value is None else json.dumps(value).encode()
    kind = "text/html" if body.startswith(b"<") else "application/json"
    return FakeResponse(status, body, kind, {name.replace("_", "-"): text for name, text in headers.items()})


def granted(token: str = "canary-token", **fields: Any) -> FakeResponse:
    return respond(200, {"access_token": token, "token_type": "Bearer", "expires_in": 3600} | fields)


AUTHINFO = respond(200, {"auth_url": "https://acme.halopsa.com/auth", "tenant_id": "acme"})


@attrs.define
class FakeExchange:
    """Responds to `/authinfo` and everything else from two lists; the last of each is repeated."""

    info: list[FakeResponse | Exception] = attrs.field(factory=lambda: [AUTHINFO])
    token: list[FakeResponse | Exception] = attrs.field(factory=lambda: [granted()])
    urls: list[str] = attrs.field(factory=list)
    forms: list[dict[str, str]] = attrs.field(factory=list)

    async def __call__(
        self, method: str, url: str, *, form: Mapping[str, str | Secret] | None = None
    ) -> FakeResponse:
        self.urls.append(url)
        queue = self.info if url.endswith("/authinfo") else self.token
        if form is not None:
            self.forms.append({k: v.reveal() if isinstance(v, Secret) else v for k, v in form.items()})
        reply = queue[0] if len(queue) == 1 else queue.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply

    @property
    def logins(self) -> int:
        return len(self.forms)


def login(
    store: TokenStore | None,
    exchange: FakeExchange,
    clock: VirtualClock,
    credentials: Credentials | None = None,
) -> Tokens:
    """The login of a client that keeps it in `store`."""
    made = tokens_for(
        credentials or RefreshTokenCredentials("app", "r1"),
        exchange=exchange,
        instance=Instance.parse("acme.halopsa.com"),
        clock=clock,
        random=lambda: 0.5,
        store=store,
    )
    assert isinstance(made, Tokens)
    return made
