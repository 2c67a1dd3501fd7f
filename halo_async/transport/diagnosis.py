"""Step-by-step diagnosis of a connection: the name, TLS, the instance, the login, a call."""

from __future__ import annotations

import asyncio
import socket
from base64 import urlsafe_b64decode
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import attrs
import msgspec

from halo_async._utils.clock import Clock, SystemClock
from halo_async.auth.tokens import Token
from halo_async.errors import ApiError, AttemptTimeoutError, ConnectionFailedError, HaloError
from halo_async.settings import Instance
from halo_async.transport.decompression import decoders
from halo_async.transport.tls import EXPIRY_WARNING_DAYS, handshake
from halo_async.transport.transport import Transport
from halo_async.transport.types import Request, Response

TRIES = 3
"""Number of calls made to measure the latency."""
PATIENCE = 30.0
"""Seconds for a step that contacts a server; the calls have deadlines of their own."""


@attrs.frozen
class DiagnosisStep:
    """Result of one check."""

    name: str
    ok: bool
    said: str
    """A sentence: the finding, or what is wrong and what to do."""
    seconds: float
    error: HaloError | None = None
    facts: Mapping[str, Any] = attrs.field(factory=dict)
    """The same for programs; without secrets."""


class _Found(NamedTuple):
    said: str
    facts: Mapping[str, Any]


async def diagnose(
    transport: Transport,
    instance: Instance,
    *,
    call: Request | None = None,
    clock: Clock | None = None,
    deadline: float | None = None,
) -> AsyncGenerator[DiagnosisStep, None]:
    """Run one check after another, and stop after the first that fails.

    The steps are `name`, `tls`, `instance`, `login` and `call`; only the last two need credentials. `call`
    is the request of the last step, by default one ticket. `deadline` is in seconds for all steps together.
    The transport is left open.
    """
    clock = clock or SystemClock()
    wanted = call or Request("GET", "/Tickets", query=(("count", "1"),))
    host = instance.host
    steps: list[tuple[str, str, Callable[[], Awaitable[_Found]]]] = [
        ("name", f"The name {host} was not resolved", lambda: _resolve(transport, instance)),
        ("tls", f"{host} did not complete the TLS handshake", lambda: _secure(transport, instance, clock)),
        (
            "instance",
            f"{host} did not return the address of its login",
            lambda: _discover(transport, instance),
        ),
        ("login", "The login did not respond", lambda: _log_in(transport)),
        (
            "call",
            f"{wanted.method} {wanted.path} did not respond",
            lambda: _try_request(transport, wanted, clock),
        ),
    ]
    await transport.open()  # its load time does not count as the instance's
    end = None if deadline is None else clock.monotonic() + deadline
    for name, otherwise, look in steps:
        own = None if name == "call" else PATIENCE  # each call has a deadline of its own
        step = await _step(name, _Patient(look, _sooner(own, end, clock), otherwise), clock)
        yield step
        if not step.ok:
            return


async def _step(name: str, look: Callable[[], Awaitable[_Found]], clock: Clock) -> DiagnosisStep:
    began = clock.monotonic()
    try:
        found, error = await look(), None
    except HaloError as failed:
        found, error = _Found(str(failed), {}), failed
    return DiagnosisStep(name, error is None, found.said, clock.monotonic() - began, error, found.facts)


async def _resolve(transport: Transport, instance: Instance) -> _Found:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            instance.host, instance.port, type=socket.SOCK_STREAM
        )
    except OSError as error:
        if transport.proxied:  # behind a proxy, machines often know no names of the world outside
            return _Found(f"{instance.host} is not known here: the proxy looks it up", {"addresses": []})
        raise ConnectionFailedError(
            f"{instance.host} is not a host name that this machine can find. Check its spelling, or the network."
        ) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    return _Found(f"{instance.host} is at {', '.join(addresses)}", {"addresses": addresses})


async def _secure(transport: Transport, instance: Instance, clock: Clock) -> _Found:
    if instance.scheme == "http":
        return _Found("plain http, which only this machine may have", {"version": None})
    if transport.proxied:
        return _Found("through a proxy, so it is seen at the next step", {"version": None})
    spoken = await handshake(instance, transport.ssl)
    facts = {"version": spoken.version, "issuer": spoken.issuer, "expires": None}
    said = f"{spoken.version}, the certificate is valid"
    if spoken.expires is not None:
        day = datetime.fromtimestamp(spoken.expires, UTC).date().isoformat()
        days = (spoken.expires - clock.time()) / 86_400
        said += f" until {day}" + (
            f", which is in {days:.0f} days: renew it" if days < EXPIRY_WARNING_DAYS else ""
        )
        facts["expires"] = day
    return _Found(said, facts)


async def _discover(transport: Transport, instance: Instance) -> _Found:
    service = await transport.login_service()
    tenant = f", tenant {service.tenant}" if service.tenant else ", no tenant"
    said = f"a Halo instance whose login is at {service.auth_url}{tenant}"
    return _Found(said, {"auth_url": service.auth_url, "tenant": service.tenant})


async def _log_in(transport: Transport) -> _Found:
    scopes = granted_scopes(await transport.token())
    said = (
        f"logged in with the scopes: {' '.join(scopes)}"
        if scopes
        else "logged in; the token does not state its scopes"
    )
    return _Found(said, {"scopes": list(scopes)})


def _sooner(seconds: float | None, end: float | None, clock: Clock) -> float | None:
    """Return the timeout of a step: so many seconds, or the time left until the end; None for no limit."""
    left = None if end is None else max(0.0, end - clock.monotonic())
    return min((each for each in (seconds, left) if each is not None), default=None)


class _Patient:
    """A step with a time limit; logins by themselves are retried for minutes."""

    def __init__(self, look: Callable[[], Awaitable[_Found]], seconds: float | None, otherwise: str) -> None:
        self._look = look
        self._seconds = seconds
        self._otherwise = otherwise

    async def __call__(self) -> _Found:
        """:raises AttemptTimeoutError: it took too long; in a sentence that begins with `otherwise`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._look()
        except TimeoutError:
            raise AttemptTimeoutError(
                f"{self._otherwise} within {self._seconds:.3g} s. Retry later, or look for a firewall in between."
            ) from None


async def _try_request(transport: Transport, request: Request, clock: Clock) -> _Found:
    took = []
    for _ in range(TRIES):
        began = clock.monotonic()
        try:
            await transport.send(request, _get_status)
        except ApiError as error:
            if error.status not in (401, 403):
                raise
            raise type(error)(
                f"The login works. {error}",
                status=error.status,
                method=error.method,
                path=error.path,
                message=error.message,
            ) from error
        took.append(round((clock.monotonic() - began) * 1000, 1))
    said = f"{request.method} {request.path} responds in {min(took):.0f} to {max(took):.0f} ms"
    return _Found(
        f"{said}; compressions read: {_list_decoders()}", {"milliseconds": took, "decoders": dict(decoders())}
    )


def _list_decoders() -> str:
    """Return which compressions are offered to an instance, and what reads them."""
    return ", ".join(f"{name} ({package})" for name, package in decoders().items())


def _get_status(response: Response) -> int:
    return response.status


def granted_scopes(token: Token) -> tuple[str, ...]:
    """Return a token's scopes: from its claims if it is a JWT, else from the token response."""
    return tuple(sorted(set((_claimed(token) or token.scope).split())))


def _claimed(token: Token) -> str:
    parts = token.access_token.reveal().split(".")
    if len(parts) != 3:
        return ""
    try:
        claims = msgspec.json.decode(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        scope = claims.get("scope") or ""
    except (ValueError, AttributeError, msgspec.DecodeError, RecursionError):
        return ""
    return " ".join(map(str, scope)) if isinstance(scope, list) else str(scope)
