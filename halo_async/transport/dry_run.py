"""Dry run: prepare writes without sending them, for the client's lifetime or for a block of one task."""

from __future__ import annotations

from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, urlsplit

from halo_async._utils.secret import is_secret
from halo_async.transport.decompression import accepted
from halo_async.transport.prepared_request import MASK, PreparedRequest
from halo_async.transport.retry_policy import IdempotencyClass, idempotency_of
from halo_async.transport.urls import api_url, check_headers

if TYPE_CHECKING:
    from halo_async.auth.tokens import FixedToken, Tokens
    from halo_async.settings import Instance
    from halo_async.transport.streaming.protocols import StreamUpload
    from halo_async.transport.types import Request

LARGEST = 16 * 1024 * 1024
"""Maximum bytes of a streamed upload that are held for a prepared request."""

_Blocks = tuple[tuple["DryRun", list[PreparedRequest]], ...]
_blocks: ContextVar[_Blocks] = ContextVar("halo_async_dry_run", default=())


class DryRun:
    """Per-client decision whether a request is sent."""

    def __init__(self, *, always: bool = False) -> None:
        self._always = always

    @property
    def active(self) -> bool:
        """True if writes of the running task are not sent."""
        return self._always or self._innermost() is not None

    def catches(self, request: Request) -> bool:
        """Return whether this request is a write that must not be sent."""
        reads = request.reads or idempotency_of(request.method, "auto") is IdempotencyClass.READ
        return not reads and self.active

    async def hand_back(
        self,
        request: Request,
        instance: Instance,
        tokens: Tokens | FixedToken,
        upload: StreamUpload | None = None,
    ) -> Any:
        """Return the prepared request in place of a response, and add it to the innermost block's list."""
        token = tokens.cached()
        prepared = await prepare(instance, request, token.header if token else "Authorization", upload)
        noted = self._innermost()
        if noted is not None:
            noted.append(prepared)
        return prepared

    def _innermost(self) -> list[PreparedRequest] | None:
        return next((noted for owner, noted in reversed(_blocks.get()) if owner is self), None)


class DryRunBlock:
    """`with` and `async with` block that returns a list and fills it with the requests that were not sent.

    Applies to the task that enters it and to the tasks started inside it.
    """

    def __init__(self, dry_run: DryRun) -> None:
        self._dry_run = dry_run
        self._entered: list[Token[_Blocks]] = []

    def __enter__(self) -> list[PreparedRequest]:
        prepared: list[PreparedRequest] = []
        self._entered.append(_blocks.set((*_blocks.get(), (self._dry_run, prepared))))
        return prepared

    def __exit__(self, *error: object) -> None:
        _blocks.reset(self._entered.pop())

    async def __aenter__(self) -> list[PreparedRequest]:
        return self.__enter__()

    async def __aexit__(self, *error: object) -> None:
        self.__exit__()


async def prepare(
    instance: Instance, request: Request, login_header: str, upload: StreamUpload | None = None
) -> PreparedRequest:
    """Return the request as it would be sent, except for secrets and the random boundary of a form.

    :raises InvalidRequestError: it could not be sent.
    """
    check_headers(request.headers)
    url = api_url(instance, request)
    body, kind = await _show_body(request, upload)
    size = upload.size if upload is not None else len(body or b"")
    headers = {
        "Host": urlsplit(url).netloc,
        "User-Agent": "halo-async",
        "Accept": "application/json, */*;q=0.5",
        "Accept-Encoding": accepted(),
        **({"Content-Type": kind} if kind and request.form is None else {}),
        **dict(request.headers),
        login_header: MASK,
    }
    headers["Content-Length"] = str(size)
    if kind is None and request.method == "POST":
        headers.setdefault("Content-Type", "application/octet-stream")  # aiohttp's default without a body
    if kind and request.form is not None:
        headers["Content-Type"] = kind  # set by aiohttp, last
    shown = tuple((name, MASK if _hidden(name) else value) for name, value in headers.items())
    return PreparedRequest(request.method, _without_secrets(url), shown, body)


def _hidden(name: str) -> bool:
    folded = name.lower().replace("-", "_")
    return is_secret(folded) or folded.endswith(("_key", "authorization", "cookie", "signature"))


def _without_secrets(url: str) -> str:
    place, _, query = url.partition("?")
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(_hidden(name) for name, _ in pairs):
        return url
    shown = [
        f"{quote(name, safe='')}={MASK if _hidden(name) else quote(value, safe='')}" for name, value in pairs
    ]
    return f"{place}?{'&'.join(shown)}"


async def _show_body(request: Request, upload: StreamUpload | None) -> tuple[bytes | None, str | None]:
    """Return the bytes and their content type."""
    if upload is not None:
        whole = b"".join([piece async for piece in upload.open()]) if upload.size <= LARGEST else None
        return whole, upload.content_type
    if request.form is not None:
        from halo_async.transport.session import multipart_form

        form = multipart_form(request.form)()
        return await form.as_bytes(), form.content_type
    return request.body, None if request.body is None else "application/json"
