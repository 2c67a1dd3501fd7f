"""What goes into the transport and what comes out of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from attr import field, frozen

from halo_async._utils.secret import Secret
from halo_async.errors import Attempt


@frozen
class Request:
    """One call of the API.

    What may hold personal data or a secret (query, body, headers) is left out of the repr.
    """

    method: str
    path: str
    """Expanded and quoted, beginning with "/", relative to `/api`."""
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)
    """JSON, as bytes."""
    form: tuple[tuple[str, Any], ...] | None = field(default=None, repr=False)
    """Multipart fields: text, bytes, or (file name, bytes) or (file name, bytes, content type)."""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    timeout: float | None = None
    """Seconds for the whole call: queueing, login, every attempt and the waits between them."""
    retry: str = "auto"
    """`auto` (the policy), `always` (a write that does no harm twice) or `never`."""
    before_send: Callable[[], Awaitable[None]] | None = field(default=None, repr=False, eq=False)
    """Awaited by every attempt once its turn has come, right before anything is sent."""
    reads: bool = False
    """A POST that changes nothing, so that a dry run sends it."""
    on_attempt: Callable[[Attempt], None] | None = field(default=None, repr=False, eq=False)
    """Told of every attempt once its outcome is known, so that a caller can count its own repeats."""


class HttpRequest:
    """One HTTP request as it goes out. Its repr shows nothing: tracebacks show locals."""

    __slots__ = (
        "authorization",
        "authorization_header",
        "body",
        "form",
        "headers",
        "login",
        "method",
        "total",
        "url",
    )

    def __init__(
        self,
        method: str,
        url: str,
        *,
        headers: tuple[tuple[str, str], ...] = (),
        authorization: Secret | None = None,
        authorization_header: str = "Authorization",
        body: bytes | None = None,
        form: tuple[tuple[str, Any], ...] | None = None,
        login: Mapping[str, str | Secret] | None = None,
        total: float | None = None,
    ) -> None:
        """`login`: fields sent form-encoded; `total`: seconds, instead of the session's own timeouts."""
        self.method = method
        self.url = url
        self.headers = headers
        self.authorization = authorization
        self.authorization_header = authorization_header
        self.body = body
        self.form = form
        self.login = login
        self.total = total


@frozen(eq=False)
class Response:
    """One answer, read to its end and decompressed."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    """Case-insensitive."""
    body: bytes = field(repr=False)
    content_type: str = field(default="", repr=False)
    """In lower case, without parameters; empty when none came."""
    charset: str | None = field(default=None, repr=False)
    already_gone: bool = False
    """A DELETE that was repeated and found the record gone: body empty, status 204."""
    swollen: bool = False
    """Its body is not to be had twice: larger than the cap, or hundreds of times what was sent."""
