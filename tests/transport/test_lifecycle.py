"""Cancelling, closing, event loops: F28 to F31."""

from __future__ import annotations

import asyncio
import gc
import random
import threading
import warnings
from collections.abc import Callable

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.settings import ClientCredentials, Instance, RateLimit
from halo_async.transport import Request, Transport
from halo_async.transport.decode import decode_json
from tests.support.scripted_server import SECRET, ScriptedServer, respond, stall, then_stall

GET = Request("GET", "/Tickets")
OK = respond(200, {"ok": 1})


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(20_000):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("it never happened")


async def is_cancelled(task: asyncio.Task[object]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("path", "reply"),
    [
        ("/api/authinfo", stall),
        ("/auth/token", stall),
        ("/api/Tickets", stall),
        ("/api/Tickets", then_stall(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"ok')),
    ],
    ids=["in discovery", "in the login", "before headers", "in the body"],
)
async def test_f28_cancelling_ends_the_call_at_once_and_the_client_still_works(
    server, transport, path, reply
) -> None:
    server.on(path, reply)
    call = asyncio.create_task(transport.send(GET, decode_json))
    await until(lambda: server.count(path) == 1)
    await asyncio.sleep(0.005)
    await is_cancelled(call)
    server._replies.pop(path)
    server.on("/api/Tickets", OK)
    if path != "/api/Tickets":
        await transport._tokens.aclose()  # the shared login goes on without the cancelled call
    assert await transport.send(GET, decode_json) == {"ok": 1}
    assert transport._limiter._in_flight == 0


async def test_f28_cancelling_while_waiting_for_the_quota_or_a_repeat(server, make) -> None:
    clock = VirtualClock()
    transport = make(clock=clock, rate_limit=RateLimit(3, 60))
    server.on("/api/Tickets", OK, respond(503), OK)
    await transport.send(GET, decode_json)
    in_backoff = asyncio.create_task(transport.send(GET, decode_json))
    await until(lambda: clock.sleepers == 1)
    assert server.count("/api/Tickets") == 2
    await is_cancelled(in_backoff)
    in_queue = asyncio.create_task(transport.send(GET, decode_json))
    await until(lambda: clock.sleepers == 1)
    await is_cancelled(in_queue)
    clock.advance(60)
    assert await transport.send(GET, decode_json) == {"ok": 1}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("limit", [None, RateLimit(100, 1)], ids=["unlimited", "limited"])
async def test_f29_after_cancellation_churn_twenty_of_twenty_calls_work(
    server, make, clock, seed, limit
) -> None:
    dice = random.Random(seed)
    transport = make(rate_limit=limit)

    async def slow(wire) -> None:
        await clock.sleep(dice.random() * 0.1)
        await wire.send(OK)

    server.on("/api/Tickets", slow)
    ended = {"cancelled": 0, "completed": 0}
    while clock.monotonic() < 3.0:
        calls = [asyncio.create_task(transport.send(GET, decode_json)) for _ in range(20)]
        await clock.sleep(dice.random() * 0.1)
        for call in calls:
            call.cancel()
        for result in await asyncio.gather(*calls, return_exceptions=True):
            cancelled = isinstance(result, asyncio.CancelledError)
            assert cancelled or result == {"ok": 1}
            ended["cancelled" if cancelled else "completed"] += 1
    assert min(ended.values()) > 20
    assert await asyncio.gather(*(transport.send(GET, decode_json) for _ in range(20))) == [{"ok": 1}] * 20
    assert transport._limiter._in_flight == 0


async def test_repeats_do_not_leak_connections(server, transport) -> None:
    for status in (503, 502, 500):
        server.on("/api/Tickets", respond(status), OK)
        await transport.send(GET, decode_json)
    assert server.connections <= 1


async def test_a_closed_client_says_so_and_can_be_opened_again(server, transport) -> None:
    server.on("/api/Tickets", OK)
    await transport.send(GET, decode_json)
    await transport.aclose()
    await transport.aclose()
    with pytest.raises(RuntimeError, match=r"closed. Use it inside"):
        await transport.send(GET, decode_json)
    await transport.open()
    assert await transport.send(GET, decode_json) == {"ok": 1}
    assert server.tokens == 1


async def test_a_callers_own_session_is_used_and_left_open(server, make) -> None:
    import aiohttp

    async with aiohttp.ClientSession(headers={"X-Mine": "1"}, raise_for_status=True) as session:
        transport = make(session=session)
        server.on("/api/Tickets", respond(503), OK)
        assert await transport.send(GET, decode_json) == {"ok": 1}
        await transport.aclose()
        assert not session.closed
        assert session._retry_connection, "it is the caller's, and left as it is"
    assert server.hits[-1].headers["x-mine"] == "1"


# Event loops ------------------------------------------------------------------------------------


class ServerThread:
    """The scripted server on a loop of its own."""

    def __enter__(self) -> ScriptedServer:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.server = ScriptedServer()
        asyncio.run_coroutine_threadsafe(self.server.start(), self.loop).result(5)
        self.server.on("/api/Tickets", OK)
        return self.server

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.server.stop(), self.loop).result(5)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(5)
        self.loop.close()


def client(server: ScriptedServer) -> Transport:
    return Transport(Instance.parse(server.url), ClientCredentials("id", SECRET))


def test_f30_a_client_made_outside_a_loop_serves_one_run_after_another() -> None:
    with ServerThread() as server:
        transport = client(server)

        async def use() -> object:
            try:
                return await transport.send(GET, decode_json)
            finally:
                await transport.aclose()
                transport._closed = False

        assert [asyncio.run(use()), asyncio.run(use())] == [{"ok": 1}] * 2
        assert server.tokens == 1


def test_f30_a_client_left_open_in_a_finished_loop_works_in_the_next() -> None:
    with ServerThread() as server, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # the sockets of the finished loop
        transport = client(server)
        assert asyncio.run(transport.send(GET, decode_json)) == {"ok": 1}

        async def again() -> object:
            result = await transport.send(GET, decode_json)
            await transport.aclose()
            return result

        assert asyncio.run(again()) == {"ok": 1}
        gc.collect()


def test_f30_use_from_a_second_thread_is_refused_in_words() -> None:
    with ServerThread() as server:
        transport = client(server)
        seen: list[BaseException] = []

        def elsewhere() -> None:
            try:
                asyncio.run(transport.send(GET, decode_json))
            except RuntimeError as error:
                seen.append(error)

        async def here() -> None:
            await transport.send(GET, decode_json)
            await asyncio.to_thread(elsewhere)
            await transport.aclose()

        asyncio.run(here())
        assert "one client per loop or thread" in str(seen[0])


def test_f31_a_client_that_was_never_closed_is_named_with_the_place_where_it_was_made() -> None:
    with ServerThread() as server:

        async def forget() -> None:
            transport = client(server)
            await transport.send(GET, decode_json)
            problems: list[object] = []
            asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context))
            del transport
            with pytest.warns(ResourceWarning, match=r"made at .*test_lifecycle\.py:\d+ was never closed"):
                gc.collect()
            await asyncio.sleep(0.01)
            assert problems == []

        asyncio.run(forget())


async def test_a_client_that_never_sent_anything_needs_no_closing(server) -> None:
    transport = client(server)
    del transport
    gc.collect()
    assert server.accepted == 0
