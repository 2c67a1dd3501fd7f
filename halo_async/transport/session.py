"""HTTP exchange with its outcome as a value; the only module that imports aiohttp.

It is imported when a client opens, so that `import halo_async` does not pay for aiohttp.
"""

from __future__ import annotations

import copy
import io
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from ssl import SSLContext
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp
from yarl import URL

from halo_async._utils.secret import Secret
from halo_async.errors import AttemptTimeoutError, DecodeError, ResponseTooLargeError
from halo_async.transport.body import is_swollen, read_body
from halo_async.transport.client_options import ClientOptions
from halo_async.transport.connection_failures import failure_of
from halo_async.transport.decompression import accepted
from halo_async.transport.malloc import keep_freed_memory
from halo_async.transport.retry_policy import Failure, FailureKind
from halo_async.transport.types import HttpRequest, Response

KEEPALIVE = 15.0
"""Seconds for which an idle connection is reused: well below what servers and gateways allow."""

_LARGE = 2**19
_NO_HEADERS: Mapping[str, str] = {}


class Session:
    """An `aiohttp.ClientSession`, ours or the caller's, configured without implicit behaviour."""

    def __init__(
        self,
        options: ClientOptions,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        session = options.session
        self._encodings = None if options.measurements is None else options.measurements.encodings
        self.timeouts = options.timeouts
        self._max_bytes = options.max_bytes
        self._ssl: SSLContext | bool = options.ssl if options.ssl is not None else True
        self._proxy = options.proxy
        self.now = now
        """Seconds of the clock that the speed of a transfer is measured with."""
        self._owned = session is None
        self._from_environment = options.trust_env and session is None
        self._session = _without_cookies(session) if session is not None else _new_session()
        turn_off_resend(self._session)
        keep_freed_memory()

    @property
    def closed(self) -> bool:
        """True if no more requests can be sent."""
        return self._session.closed

    async def close(self) -> None:
        """Close the connections; a caller's own session stays open."""
        if self._owned:
            await self._session.close()
        else:
            self._session.detach()

    def forget(self) -> None:
        """Discard all connections silently: the event loop is closed, or the client was never closed."""
        connector = self._session.connector
        self._session.detach()
        if self._owned and connector is not None:
            connector._close()

    async def exchange(self, outgoing: HttpRequest) -> Response | Failure:
        """Send one request and read the whole response. Only cancellation is raised."""
        proxy = self.proxy(outgoing.url)
        try:
            return await self.read(await self.request(outgoing, proxy, self._timeout(outgoing.total)))
        except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            return failure_of(error, urlsplit(outgoing.url).netloc)
        except BaseException as error:
            raise error.with_traceback(None)  # noqa: B904 - cancellation: aiohttp's frames hold the headers

    async def request(
        self,
        outgoing: HttpRequest,
        proxy: Secret | None,
        limits: aiohttp.ClientTimeout,
        *,
        body: aiohttp.Payload | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
    ) -> aiohttp.ClientResponse:
        """Send one request and return its response, of which the body is not read yet.

        :param limits: its timeouts.
        :param body: sent in place of the request's own.
        :param headers: sent besides the request's own, and in place of those of the same name.
        :raises aiohttp.ClientError: no response came; its frames hold the request's secrets.
        """
        # Secrets are created inside the call and bound to no name: tracebacks show locals.
        return await self._session.request(
            outgoing.method,
            URL(outgoing.url, encoded=True),
            headers={**_headers(outgoing, self._encodings), **headers},
            data=_payload(outgoing) if body is None else body,
            timeout=limits,
            allow_redirects=False,
            auto_decompress=False,
            raise_for_status=False,  # a caller's session may enable it
            ssl=self._ssl,
            proxy=proxy.reveal() if proxy else None,
        )

    async def read(self, response: aiohttp.ClientResponse) -> Response | Failure:
        """Read a whole response and release its connection.

        :raises aiohttp.ClientError: the connection broke.
        """
        headers = response.headers
        content_type, charset = _content_type(headers.get("Content-Type", ""))
        encoding = headers.get("Content-Encoding", "")
        swollen = False
        try:
            body = await read_body(response.content, encoding, self._max_bytes, self.timeouts, self.now)
            swollen = bool(encoding) and is_swollen(response.content.total_bytes, len(body))
        except (DecodeError, aiohttp.ClientPayloadError) as error:
            if response.status < 300:
                return _unreadable(error, response.status)
            body = b""  # the status is known all the same
            swollen = bool(encoding) and isinstance(error, ResponseTooLargeError)
        except AttemptTimeoutError as error:
            return Failure(FailureKind.NO_RESPONSE, error.with_traceback(None), "too slow")
        finally:
            if not response.closed or response.method != "GET":  # else its connection is already released
                response.release()
                await response.wait_for_close()  # for data that is still being sent
        return Response(response.status, headers, body, content_type, charset, swollen=swollen)

    def proxy(self, url: str) -> Secret | None:
        """Return the proxy to use: the client's, else the environment's if that is trusted."""
        if self._proxy or not self._from_environment:
            return self._proxy
        from halo_async.transport.proxy import environment_proxy

        return environment_proxy(url)

    def _timeout(self, total: float | None) -> aiohttp.ClientTimeout:
        if total is None:
            return _client_timeout(self.timeouts.attempt, self.timeouts.connect, self.timeouts.read)
        # Not cached: the remaining time is different each time.
        return aiohttp.ClientTimeout(
            total=max(0.001, total),
            sock_connect=min(self.timeouts.connect, max(0.001, total)),
            sock_read=None,
        )


def turn_off_resend(session: aiohttp.ClientSession) -> None:
    """Disable aiohttp's automatic resend of GET, PUT and DELETE after a disconnect.

    The switch is private, so it is used only here (a test fails if it is removed).
    """
    session._retry_connection = False


def _new_session() -> aiohttp.ClientSession:
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEPALIVE)  # the limiter limits concurrency
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"User-Agent": "halo-async"},
        read_bufsize=2**18,
    )


def _without_cookies(given: aiohttp.ClientSession) -> aiohttp.ClientSession:
    """Return a caller's session with its connections, headers and traces, but without its cookies.

    A cookie may carry a login: two clients with one session would act as each other. aiohttp has no option to send a
    request without cookies, so it is done here only (a test fails if the attribute is removed).
    """
    ours = copy.copy(given)
    ours._cookie_jar = aiohttp.DummyCookieJar()
    return ours


@lru_cache(maxsize=16)
def _client_timeout(total: float, connect: float, read: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=total, sock_connect=connect, sock_read=read)


@lru_cache(maxsize=64)
def _content_type(header: str) -> tuple[str, str | None]:
    kind, _, parameters = header.partition(";")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return kind.strip().lower(), value.strip().strip("\"'").lower() or None
    return kind.strip().lower(), None


def _headers(outgoing: HttpRequest, encodings: tuple[str, ...] | None) -> dict[str, str]:
    headers = {"Accept": "application/json, */*;q=0.5", "Accept-Encoding": accepted(encodings)}
    if outgoing.body is not None:
        headers["Content-Type"] = "application/json"
    if outgoing.login is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    headers.update(outgoing.headers)
    if outgoing.authorization is not None:
        scheme = "Bearer " if outgoing.authorization_header == "Authorization" else ""
        headers[outgoing.authorization_header] = scheme + outgoing.authorization.reveal()
    return headers


def _payload(outgoing: HttpRequest) -> Any:
    if outgoing.login is not None:
        return urlencode([(name, _reveal_value(value)) for name, value in outgoing.login.items()]).encode()
    return _bytes(outgoing.body) if outgoing.form is None else multipart_form(outgoing.form)


def _reveal_value(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _bytes(body: bytes | None) -> bytes | io.BytesIO | None:
    """Wrap large bodies as a file: aiohttp writes bytes in one piece, and warns that it blocks the loop."""
    return io.BytesIO(body) if body is not None and len(body) > _LARGE else body


def multipart_form(form: Sequence[tuple[str, Any]]) -> aiohttp.FormData:
    """Return a form as aiohttp sends it."""
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in form:
        if isinstance(value, tuple):
            filename, content, *kind = value
            content = _bytes(content) if isinstance(content, bytes) else content
            data.add_field(name, content, filename=filename, content_type=kind[0] if kind else None)
        else:
            data.add_field(name, _bytes(value) if isinstance(value, bytes) else value)
    return data


def _unreadable(error: DecodeError | aiohttp.ClientPayloadError, status: int) -> Failure:
    """Return the failure for a success with an unreadable body; raise a connection error again."""
    if not isinstance(error, DecodeError):
        raise error
    if isinstance(error, ResponseTooLargeError):
        return Failure(FailureKind.TOO_LARGE, error.with_traceback(None), "too large")
    return Failure(FailureKind.UNDECODABLE, error.with_traceback(None), f"{status}, garbled")
