"""Data types passed to and returned by the transport."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar

from halo_async._utils.private_struct import PrivateStruct
from halo_async._utils.secret import Secret
from halo_async.errors import Attempt

AT_ONCE = 2**20
"""Bytes above which a body is put together and decoded in a thread, so that the event loop goes on meanwhile.

Measured: a thread costs 0.1 to 0.2 ms, and 1 MiB of rows takes 3 to 5 ms to decode.
"""


class Request(PrivateStruct, frozen=True):
    """One API request.

    Fields that may hold personal data or a secret (query, body, headers) are excluded from the repr.
    """

    shown: ClassVar[tuple[str, ...]] = ("method", "path", "timeout", "retry", "reads")

    method: str
    path: str
    """Expanded and quoted, with a leading "/", relative to `/api`."""
    query: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """JSON, as bytes."""
    form: tuple[tuple[str, Any], ...] | None = None
    """Multipart fields: strings, bytes, or (file name, bytes) or (file name, bytes, content type)."""
    headers: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None
    """Seconds for the whole call: queueing, login, every attempt and the waits between them."""
    retry: str = "auto"
    """`auto` (the policy), `always` (a write that is harmless twice) or `never`."""
    before_send: Callable[[], Awaitable[None]] | None = None
    """Awaited by every attempt after it was admitted, right before anything is sent."""
    reads: bool = False
    """A POST that changes nothing, so that a dry run sends it."""
    on_attempt: Callable[[Attempt], None] | None = None
    """Called after every attempt with its outcome, so that a caller can count its own retries."""


class HttpRequest(PrivateStruct, frozen=True, eq=False):
    """One outgoing HTTP request. Its repr shows nothing, nor its fields: tracebacks show locals."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    authorization: Secret | None = None
    authorization_header: str = "Authorization"
    body: bytes | None = None
    form: tuple[tuple[str, Any], ...] | None = None
    login: Mapping[str, str | Secret] | None = None
    """Fields sent form-encoded."""
    total: float | None = None
    """Seconds, instead of the session's own timeouts."""


class Response(PrivateStruct, frozen=True, eq=False):
    """One response, fully read and decompressed."""

    shown: ClassVar[tuple[str, ...]] = ("status", "already_gone", "swollen")

    status: int
    headers: Mapping[str, str]
    """Headers, case-insensitive."""
    body: bytes
    content_type: str = ""
    """Lower case, without parameters; empty without the header."""
    charset: str | None = None
    already_gone: bool = False
    """True for a retried DELETE that found the record already deleted: body empty, status 204."""
    swollen: bool = False
    """True if the body must not be fetched twice: above the cap, or hundreds of times the size sent."""
