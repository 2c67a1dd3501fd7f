"""Streamable HTTP on this machine alone, for those who know the token."""

from __future__ import annotations

import hmac
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings

from halo_async._utils.secret import Secret

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

LOOPBACK = "127.0.0.1"
PATH = "/mcp"
_LARGEST_BODY = 4 * 1024 * 1024
_SCHEME = b"bearer "

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]


def new_token() -> Secret:
    """Return a token that nobody knows yet."""
    return Secret(secrets.token_urlsafe(32))


class BearerGuard:
    """Middleware that lets only requests with the token through."""

    def __init__(self, app: AsgiApp, token: Secret) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection as ASGI has it."""
        if scope["type"] != "http" or self._allows(scope["headers"]):
            await self._app(scope, receive, send)
            return
        body = b"The bearer token is missing or wrong. Send it in the header Authorization."
        headers = [(b"content-type", b"text/plain"), (b"www-authenticate", b"Bearer")]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _allows(self, headers: list[tuple[bytes, bytes]]) -> bool:
        given = [value for name, value in headers if name.lower() == b"authorization"]
        if len(given) != 1 or given[0][: len(_SCHEME)].lower() != _SCHEME:
            return False
        return hmac.compare_digest(given[0][len(_SCHEME) :].strip(), self._token.reveal().encode())


class HttpServer:
    """A server of tools on a port of 127.0.0.1."""

    def __init__(self, server: Server[Any], token: Secret, port: int = 0) -> None:
        """Take the port.

        :param port: 0 for any free one.
        :raises OSError: it cannot be listened on.
        """
        self._socket = socket.create_server((LOOPBACK, port))
        self.port: int = self._socket.getsockname()[1]
        app = server.streamable_http_app(
            streamable_http_path=PATH,
            max_request_body_size=_LARGEST_BODY,
            transport_security=_only_this_machine(self.port),
        )
        config = uvicorn.Config(
            BearerGuard(app, token),
            log_config=None,
            log_level="warning",
            access_log=False,
            lifespan="on",
            timeout_graceful_shutdown=2,
            server_header=False,
        )
        self._uvicorn = _Uvicorn(config)

    @property
    def url(self) -> str:
        """Address that clients connect to."""
        return f"http://{LOOPBACK}:{self.port}{PATH}"

    async def serve(self) -> None:
        """Serve until `stop`."""
        try:
            await self._uvicorn.serve(sockets=[self._socket])
        finally:
            self._socket.close()

    def stop(self) -> None:
        """End `serve`, once the requests in progress are done or two seconds are over."""
        self._uvicorn.should_exit = True


class _Uvicorn(uvicorn.Server):
    """Uvicorn, which leaves signals to the command."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _only_this_machine(port: int) -> TransportSecuritySettings:
    """Refuse other names for this address: a page in a browser reaches it by a name of its own (DNS rebinding)."""
    hosts = [f"{name}:{port}" for name in (LOOPBACK, "localhost")]
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"http://{host}" for host in hosts],
    )
