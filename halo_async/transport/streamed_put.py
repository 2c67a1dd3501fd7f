"""One PUT of a file to a foreign origin. It imports aiohttp, which is there by then."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from halo_async.secret import Secret
from halo_async.transport.connection_failures import failure_of
from halo_async.transport.failure import Failure
from halo_async.transport.proxies import environment_proxy
from halo_async.transport.session import turn_off_resend
from halo_async.transport.streamed_exchange import Body, _timeout, stopped
from halo_async.transport.streams import Upload

if TYPE_CHECKING:
    from halo_async.transport.transport import Transport


async def send_once(transport: Transport, address: Secret, upload: Upload) -> int | Failure:
    """The status, or what went wrong. Only cancellation is raised.

    It has a session of its own: that of the client, or the caller's, may add headers, cookies or a
    certificate that are meant for Halo.
    """
    body = Body(upload, transport._timeouts)
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
        raise error.with_traceback(None)  # noqa: B904 - cancellation: aiohttp's frames hold the address


def _put(
    session: aiohttp.ClientSession, address: Secret, body: Body, transport: Transport
) -> aiohttp.client._RequestContextManager:
    turn_off_resend(session)
    proxy = _proxy(transport, address)
    return session.put(
        URL(address.reveal(), encoded=True),
        data=body,
        timeout=_timeout(transport._timeouts, None),
        allow_redirects=False,
        proxy=proxy.reveal() if proxy else None,
    )


def _proxy(transport: Transport, address: Secret) -> Secret | None:
    """The client's, or the environment's."""
    if transport._proxy or not transport._trust_env:
        return transport._proxy
    return environment_proxy(address.reveal())
