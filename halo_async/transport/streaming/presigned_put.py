"""Upload of a file to another origin, at a URL provided by Halo and without Halo's credentials."""

from __future__ import annotations

import fnmatch
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from halo_async._utils.backoff import backoff
from halo_async._utils.secret import Secret
from halo_async._utils.wait_notice import wait
from halo_async._utils.web_address import is_loopback
from halo_async.errors import ApiError, BadRequestError, HaloError, InvalidRequestError, ServerError
from halo_async.settings import Instance
from halo_async.transport.connection_failures import failure_of
from halo_async.transport.retry_policy import FOUR_TIMES, Failure, FailureKind, failure_kind_of
from halo_async.transport.session import turn_off_resend
from halo_async.transport.streaming.exchange import StreamedBody, stopped, stream_timeout
from halo_async.transport.streaming.protocols import StreamUpload

if TYPE_CHECKING:
    from halo_async.transport.transport import Transport

logger = logging.getLogger("halo_async.transport")
STORES = (
    "s3.amazonaws.com",
    "*.s3.amazonaws.com",
    "s3.*.amazonaws.com",
    "*.s3.*.amazonaws.com",
    "*.s3-accelerate.amazonaws.com",
)
"""Amazon S3, which the name of Halo's operation refers to."""
_NAME = re.compile(r"[a-z0-9.-]+")
_AGAIN = frozenset(
    {
        FailureKind.NOT_SENT,
        FailureKind.NO_RESPONSE,
        FailureKind.BUSY,
        FailureKind.UNAVAILABLE,
        FailureKind.SERVER_ERROR,
    }
)


def check_elsewhere(address: Secret, instance: Instance, hosts: tuple[str, ...] = STORES) -> None:
    """Refuse a URL from a response unless it leads to one of these hosts over https.

    A host with a port (`localhost:9000`) matches exactly, and may use plain http if both it and the
    instance are on this machine.

    :raises InvalidRequestError: naming the host, never the URL, whose query grants access.
    """
    check_hosts(hosts)
    problem = _problem(address.reveal(), instance, hosts)
    if problem:
        raise InvalidRequestError(problem)


def check_hosts(hosts: tuple[str, ...] | str | None) -> None:
    """:raises InvalidRequestError: a string: each character would be a host, and a star would match any."""
    if isinstance(hosts, str):
        raise InvalidRequestError(
            f"presigned_hosts must be a tuple of names. Use presigned_hosts=({hosts!r},)."
        )


def _problem(url: str, instance: Instance, hosts: tuple[str, ...]) -> str | None:
    if "\\" in url or not url.isascii() or not url.isprintable() or " " in url:
        return "The upload URL contains characters that a URL must not contain. Nothing was sent."
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "The upload URL is not valid. Nothing was sent."
    local = parts.scheme == "http" and is_loopback(host) and is_loopback(instance.host)
    secure = parts.scheme == "https" or local
    plain = "@" not in parts.netloc and _NAME.fullmatch(host) is not None and not parts.fragment
    if secure and plain and any(_matches_host(host, port, wanted.lower()) for wanted in hosts):
        return None
    shown = host if _NAME.fullmatch(host) else "another host"
    return (
        f"Halo returned {shown} as the upload host, which is not trusted. Nothing was sent. "
        'To trust other hosts, pass presigned_hosts=(…,). To upload without one, pass route="json".'
    )


def _matches_host(host: str, port: int | None, wanted: str) -> bool:
    """Return whether a host matches: a star stands for any part of a name, no port means the https port."""
    name, colon, number = wanted.rpartition(":")
    if colon:
        return host == name and str(port) == number
    return port in (None, 443) and fnmatch.fnmatchcase(host, wanted)


async def put(transport: Transport, address: Secret, upload: StreamUpload) -> None:
    """PUT a file. Transient failures are retried, since sending the same file again is idempotent.

    :raises ApiError: the store responded with an error.
    :raises TransportError: it cannot be reached.
    :raises Stopped: the local side failed.
    """
    shared = transport.context
    host = urlsplit(address.reveal()).netloc
    for earlier in range(FOUR_TIMES.retries + 1):
        began = shared.clock.monotonic()
        outcome = await send_once(transport, address, upload)
        said = outcome.outcome if isinstance(outcome, Failure) else outcome
        took = (shared.clock.monotonic() - began) * 1000
        logger.debug("PUT of a file to %s: %s in %.0f ms (attempt %d)", host, said, took, earlier + 1)
        if isinstance(outcome, int) and 200 <= outcome < 300:
            return
        condition = outcome.condition if isinstance(outcome, Failure) else failure_kind_of(outcome)
        if condition not in _AGAIN or earlier == FOUR_TIMES.retries:
            raise _explain_outcome(outcome, host)
        again = f"the upload to {host} is retried after: {said}"
        await wait(shared.clock, backoff(earlier, shared.random), again)


def _explain_outcome(outcome: Failure | int, host: str) -> HaloError:
    if isinstance(outcome, Failure):
        return outcome.error
    kind: type[ApiError] = ServerError if outcome >= 500 else BadRequestError
    return kind(
        f"{host} returned {outcome} for the file. Nothing was attached.",
        status=outcome,
        method="PUT",
        path="",
    )


# One PUT of a file to a foreign origin. It imports aiohttp, which is there by then.


async def send_once(transport: Transport, address: Secret, upload: StreamUpload) -> int | Failure:
    """Return the status, or the failure. Only cancellation is raised.

    Uses a session of its own: that of the client, or the caller's, may add headers, cookies or a
    certificate that are meant for Halo.
    """
    body = StreamedBody(upload, transport.context.timeouts)
    try:
        async with (
            aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": "halo-async"},
                skip_auto_headers=() if upload.content_type else ("Content-Type",),
            ) as session,
            _put(session, address, body, transport) as response,
        ):
            return response.status
    except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
        if body.trouble is not None:
            return stopped(body.trouble)
        return failure_of(error, urlsplit(address.reveal()).netloc)
    except BaseException as error:
        await body.stop()
        raise error.with_traceback(None)  # noqa: B904 - cancellation: aiohttp's frames hold the address


def _put(
    session: aiohttp.ClientSession, address: Secret, body: StreamedBody, transport: Transport
) -> aiohttp.client._RequestContextManager:
    turn_off_resend(session)
    proxy = transport.proxy_elsewhere(address)
    return session.put(
        URL(address.reveal(), encoded=True),
        data=body,
        timeout=stream_timeout(transport.context.timeouts, None),
        allow_redirects=False,
        proxy=proxy.reveal() if proxy else None,
    )
