"""A receiver of one's own on a real socket, and an emulator that posts to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import attrs
import pytest
from aiohttp import web

from halo_async.emulator import Emulator
from halo_async.webhooks import Event, handler

USER, PASSWORD = "halo", "correct:horse:battery"


@attrs.define
class Receiver:
    """An application with one route; what reached `on_event` is in `events`."""

    url: str = ""
    events: list[Event] = attrs.field(factory=list)
    fail: Callable[[Event], bool] = lambda event: False

    async def on_event(self, event: Event) -> None:
        if self.fail(event):
            raise ConnectionError("the database is away")
        self.events.append(event)


Start = Callable[..., Awaitable[Receiver]]


@pytest.fixture
async def receive() -> AsyncIterator[Start]:
    """Start receivers whose handlers have these options."""
    async with AsyncExitStack() as stack:

        async def started(on_event: Any = None, **options: Any) -> Receiver:
            receiver = Receiver()
            app = web.Application()
            known = {"username": USER, "password": PASSWORD} | options
            app.router.add_post("/halo", handler(on_event or receiver.on_event, **known))
            runner = web.AppRunner(app, access_log=None)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/halo"
            return receiver

        yield started


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(tickets=50, rate_limit=None) as emulator:
        yield emulator
