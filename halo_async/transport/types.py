"""Data types passed to and returned by the transport."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import attrs

from halo_async._utils.secret import Secret
from halo_async.errors import Attempt

AT_ONCE = 2**20
"""Bytes above which a body is put together and decoded in a thread, so that the event loop goes on meanwhile.

Measured: a thread costs 0.1 to 0.2 ms, and 1 MiB of rows takes 3 to 5 ms to decode.
"""


@attrs.frozen
class Request:
    """One API request.

    Fields that may hold personal data or a secret (query, body, headers) are excluded from the repr.
    """

    method: str
    path: str
    """Expanded and quoted, with a leading "/", relative to `/api`."""
    query: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    body: bytes | None = attrs.field(default=None, repr=False)
    """JSON, as bytes."""
    form: tuple[tuple[str, Any], ...] | None = attrs.field(default=None, repr=False)
    """Multipart fields: strings, bytes, or (file name, bytes) or (file name, bytes, content type)."""
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    timeout: float | None = None
    """Seconds for the whole call: queueing, login, every attempt and the waits between them."""
    retry: str = "auto"
    """`auto` (the policy), `always` (a write that is harmless twice) or `never`."""
    before_send: Callable[[], Awaitable[None]] | None = attrs.field(default=None, repr=False, eq=False)
    """Awaited by every attempt after it was admitted, right before anything is sent."""
    reads: bool = False
    """A POST that changes nothing, so that a dry run sends it."""
    on_attempt: Callable[[Attempt], None] | None = attrs.field(default=None, repr=False, eq=False)
    """Called after every attempt with its outcome, so that a caller can count its own retries."""


@attrs.define(eq=False, repr=False)
class HttpRequest:
    """One outgoing HTTP request. Its repr shows nothing, nor its fields: tracebacks show locals."""

    method: str = attrs.field(repr=False)
    url: str = attrs.field(repr=False)
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False, kw_only=True)
    authorization: Secret | None = attrs.field(default=None, repr=False, kw_only=True)
    authorization_header: str = attrs.field(default="Authorization", repr=False, kw_only=True)
    body: bytes | None = attrs.field(default=None, repr=False, kw_only=True)
    form: tuple[tuple[str, Any], ...] | None = attrs.field(default=None, repr=False, kw_only=True)
    login: Mapping[str, str | Secret] | None = attrs.field(default=None, repr=False, kw_only=True)
    """Fields sent form-encoded."""
    total: float | None = attrs.field(default=None, repr=False, kw_only=True)
    """Seconds, instead of the session's own timeouts."""


@attrs.frozen(eq=False)
class Response:
    """One response, fully read and decompressed."""

    status: int
    headers: Mapping[str, str] = attrs.field(repr=False)
    """Headers, case-insensitive."""
    body: bytes = attrs.field(repr=False)
    content_type: str = attrs.field(default="", repr=False)
    """Lower case, without parameters; empty without the header."""
    charset: str | None = attrs.field(default=None, repr=False)
    already_gone: bool = False
    """True for a retried DELETE that found the record already deleted: body empty, status 204."""
    swollen: bool = False
    """True if the body must not be fetched twice: above the cap, or hundreds of times the size sent."""
