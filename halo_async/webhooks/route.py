"""Route handler for aiohttp.web."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any

from halo_async._utils.secret import Secret
from halo_async._utils.validation import check_callable, check_whole_number
from halo_async.errors import WebhookError
from halo_async.webhooks.deduplication import Deduplicator
from halo_async.webhooks.event import Event
from halo_async.webhooks.receiver import MAX_BYTES, Unpack, WebhookReceiver, lowered

if TYPE_CHECKING:
    from aiohttp import web

logger = logging.getLogger("halo_async.webhooks")
REMEMBERED = 10_000
_PIECE = 65536

OnEvent = Callable[[Event], Awaitable[Any] | None]


def handler(
    on_event: OnEvent,
    *,
    username: str | None,
    password: str | Secret | None,
    unpack: Unpack | None = None,
    max_bytes: int = MAX_BYTES,
    remember: int = REMEMBERED,
) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Return a handler for `app.router.add_post("/halo", …)` that calls `on_event` per event, in order.

    The response is 200 if every event was handled, and 500 if `on_event` raised for one (it is logged, and
    the others are still handled); 401, 413 and 400 as for `receive`.

    ```python
    from aiohttp import web
    from halo_async import webhooks

    app = web.Application()
    app.router.add_post("/halo", webhooks.handler(print, username="halo", password="a password"))
    ```

    :param on_event: an async or plain function of one `Event`.
    :param username: and `password`: as set in Halo; None for both if the webhook has no authentication.
    :param unpack: extracts the events of a custom payload.
    :param max_bytes: limit of a body, decompressed; read in chunks, never beyond.
    :param remember: number of handled events remembered to skip repeats; 0 for none.
    :raises SettingsError: one of user name and password is missing.
    :raises TypeError: `on_event` or `unpack` is not a function.
    """
    password = password and Secret(password)  # must not appear in a traceback with locals
    check_callable("on_event", on_event)
    receiver = WebhookReceiver(username, password, unpack=unpack, max_bytes=max_bytes)
    return _Route(receiver, on_event, Deduplicator(check_whole_number("remember", remember, least=0))).handle


class _Route:
    def __init__(self, receiver: WebhookReceiver, on_event: OnEvent, once: Deduplicator) -> None:
        self._receiver = receiver
        self._on_event = on_event
        self._once = once

    async def handle(self, request: web.Request) -> web.Response:
        from aiohttp import web

        try:
            events = await self._events(request)
        except WebhookError as error:
            return web.Response(text=str(error), status=error.status, headers=error.headers)
        failed = await self._handled(events)
        if failed:
            return web.Response(text=f"{failed} of {len(events)} events could not be handled.", status=500)
        return web.Response(text="")

    async def _events(self, request: web.Request) -> Sequence[Event]:
        headers = lowered(request.headers.items())
        # Before the body is read: only an authorized sender may send one.
        self._receiver.authorize(headers)
        return self._receiver.events(headers, await self._read_body(request))

    async def _read_body(self, request: web.Request) -> bytes:
        from aiohttp.web import RequestPayloadError

        self._receiver.check_size(request.content_length or 0)
        body = bytearray()
        try:
            async for piece in request.content.iter_chunked(_PIECE):
                body += piece
                self._receiver.check_size(len(body))
        except (RequestPayloadError, ConnectionError) as error:
            raise WebhookError("The body is truncated, or not compressed as declared.") from error
        return bytes(body)

    async def _handled(self, events: Sequence[Event]) -> int:
        """Handle each event; return the number of failures."""
        failed = 0
        for event in events:
            try:
                await self._once.run(event, self._call_handler)
            except Exception:
                failed += 1
                logger.exception("an event could not be handled: %s, id %s", event.name, event.id)
        return failed

    async def _call_handler(self, event: Event) -> None:
        result = self._on_event(event)
        if inspect.isawaitable(result):
            await result
