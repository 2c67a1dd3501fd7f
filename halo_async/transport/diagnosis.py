"""What is wrong with a connection, step by step: the address, the name, the instance, the login, a call."""

from __future__ import annotations

import asyncio
import socket
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from attrs import frozen

from halo_async.auth.tokens import Token
from halo_async.clock import Clock, SystemClock
from halo_async.errors import ApiError, ConnectionFailed, HaloError
from halo_async.settings import Instance
from halo_async.transport.transport import Transport
from halo_async.transport.values import Request, Response

TRIES = 3
"""Calls made to measure the latency."""


@frozen
class Step:
    """One thing that was looked at."""

    name: str
    ok: bool
    said: str
    """A sentence: what was found, or what is wrong and what to do."""
    seconds: float
    error: HaloError | None = None


async def diagnose(
    transport: Transport, instance: Instance, *, call: Request | None = None, clock: Clock | None = None
) -> AsyncIterator[Step]:
    """Look at one thing after another, and stop after the first that is wrong.

    `call` is what is asked for at last, by default one ticket. The transport is left open.
    """
    clock = clock or SystemClock()
    wanted = call or Request("GET", "/Tickets", query=(("count", "1"),))
    steps: list[tuple[str, Callable[[], Awaitable[str]]]] = [
        ("name", lambda: _resolve(instance)),
        ("instance", lambda: _discover(transport)),
        ("login", lambda: _log_in(transport)),
        ("call", lambda: _call(transport, wanted, clock)),
    ]
    for name, look in steps:
        step = await _step(name, look, clock)
        yield step
        if not step.ok:
            return


async def _step(name: str, look: Callable[[], Awaitable[str]], clock: Clock) -> Step:
    began = clock.monotonic()
    try:
        said, error = await look(), None
    except HaloError as failed:
        said, error = str(failed), failed
    return Step(name, error is None, said, clock.monotonic() - began, error)


async def _resolve(instance: Instance) -> str:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            instance.host, instance.port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        raise ConnectionFailed(
            f"{instance.host} is no host name that this machine can find: check its spelling, or the network"
        ) from error
    addresses = dict.fromkeys(str(entry[4][0]) for entry in found)
    return f"{instance.host} is at {', '.join(addresses)}"


async def _discover(transport: Transport) -> str:
    service = await transport.login_service()
    tenant = f", tenant {service.tenant}" if service.tenant else ", no tenant"
    return f"a Halo instance whose login is at {service.auth_url}{tenant}"


async def _log_in(transport: Transport) -> str:
    token = await transport.token()
    scopes = granted_scopes(token)
    return (
        f"logged in with the scopes: {' '.join(scopes)}" if scopes else "logged in; the scopes are not told"
    )


async def _call(transport: Transport, request: Request, clock: Clock) -> str:
    took = []
    for _ in range(TRIES):
        began = clock.monotonic()
        try:
            await transport.send(request, _status)
        except ApiError as error:
            if error.status not in (401, 403):
                raise
            raise type(error)(
                f"the login works, and {error}",
                status=error.status,
                method=error.method,
                path=error.path,
                message=error.message,
            ) from error
        took.append(clock.monotonic() - began)
    return f"{request.method} {request.path} answers in {min(took) * 1000:.0f} to {max(took) * 1000:.0f} ms"


def _status(response: Response) -> int:
    return response.status


def granted_scopes(token: Token) -> tuple[str, ...]:
    """What a token allows: as the login said, else as the token itself does if it is a JWT."""
    return tuple(sorted(set((token.scope or _claimed(token)).split())))


def _claimed(token: Token) -> str:
    parts = token.access_token.reveal().split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        scope = claims.get("scope", "")
    except (ValueError, AttributeError, msgspec.DecodeError):
        return ""
    return " ".join(map(str, scope)) if isinstance(scope, list) else str(scope)
