"""A file sent to another origin, by an address that Halo gave for it: with nothing of Halo's login."""

from __future__ import annotations

import fnmatch
import logging
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from halo_async.errors import ApiError, BadRequestError, HaloError, InvalidRequestError, ServerError
from halo_async.secret import Secret
from halo_async.settings import Instance, is_loopback
from halo_async.transport.failure import Failure
from halo_async.transport.retry import SOME, Condition, condition_of
from halo_async.transport.streams import Upload
from halo_async.wait_notice import wait
from halo_async.waiting import backoff

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
"""Amazon's S3, which the name of Halo's operation speaks of."""
_NAME = re.compile(r"[a-z0-9.-]+")
_AGAIN = frozenset(
    {Condition.UNSENT, Condition.LOST, Condition.BUSY, Condition.UNAVAILABLE, Condition.BROKEN}
)


def check_elsewhere(address: Secret, instance: Instance, hosts: tuple[str, ...] = STORES) -> None:
    """Refuse an address that an answer supplied unless it leads to one of these hosts, by https.

    A host with a port (`localhost:9000`) is meant exactly so, and may be plain http if both it and the
    instance are this machine.

    :raises InvalidRequestError: naming the host, never the address, whose query lets somebody in.
    """
    check_hosts(hosts)
    problem = _problem(address.reveal(), instance, hosts)
    if problem:
        raise InvalidRequestError(problem)


def check_hosts(hosts: tuple[str, ...] | str | None) -> None:
    """:raises InvalidRequestError: a text: each letter would be a host, and a star among them any."""
    if isinstance(hosts, str):
        raise InvalidRequestError(f"presigned_hosts is a tuple of names: presigned_hosts=({hosts!r},)")


def _problem(url: str, instance: Instance, hosts: tuple[str, ...]) -> str | None:
    if "\\" in url or not url.isascii() or not url.isprintable() or " " in url:
        return "the address for the file holds what no address may: nothing was sent"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "the address for the file is none: nothing was sent"
    local = parts.scheme == "http" and is_loopback(host) and is_loopback(instance.host)
    secure = parts.scheme == "https" or local
    plain = "@" not in parts.netloc and _NAME.fullmatch(host) is not None and not parts.fragment
    if secure and plain and any(_fits(host, port, wanted.lower()) for wanted in hosts):
        return None
    shown = host if _NAME.fullmatch(host) else "another host"
    return (
        f"Halo named {shown} to send the file to, which is not trusted with it: nothing was sent; "
        'presigned_hosts=(…,) trusts other hosts, route="json" does without'
    )


def _fits(host: str, port: int | None, wanted: str) -> bool:
    """A star stands for any part of a name; a host without a port means that of https."""
    name, colon, number = wanted.rpartition(":")
    if colon:
        return host == name and str(port) == number
    return port in (None, 443) and fnmatch.fnmatchcase(host, wanted)


async def put(transport: Transport, address: Secret, upload: Upload) -> None:
    """PUT a file; again after what may pass, since the same file in the same place does no harm.

    :raises ApiError: the store said no.
    :raises TransportError: it cannot be reached.
    :raises Stopped: our own side failed.
    """
    from halo_async.transport.streamed_put import send_once

    shared = transport._shared
    host = urlsplit(address.reveal()).netloc
    for earlier in range(SOME.retries + 1):
        began = shared.clock.monotonic()
        outcome = await send_once(transport, address, upload)
        said = outcome.outcome if isinstance(outcome, Failure) else outcome
        took = (shared.clock.monotonic() - began) * 1000
        logger.debug("PUT of a file to %s: %s in %.0f ms (attempt %d)", host, said, took, earlier + 1)
        if isinstance(outcome, int) and 200 <= outcome < 300:
            return
        condition = outcome.condition if isinstance(outcome, Failure) else condition_of(outcome)
        if condition not in _AGAIN or earlier == SOME.retries:
            raise _error(outcome, host)
        again = f"the file is sent to {host} again after: {said}"
        await wait(shared.clock, backoff(earlier, shared.random), again)


def _error(outcome: Failure | int, host: str) -> HaloError:
    if isinstance(outcome, Failure):
        return outcome.error
    kind: type[ApiError] = ServerError if outcome >= 500 else BadRequestError
    return kind(
        f"{host}: {outcome} for the file; nothing was attached", status=outcome, method="PUT", path=""
    )
