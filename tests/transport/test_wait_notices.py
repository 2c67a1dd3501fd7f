"""Every wait of more than two seconds is logged once, with its reason and its end; on the virtual clock."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from pathlib import Path
from unittest.mock import AsyncMock, Mock

import pytest

import halo_async
from halo_async._utils.clock import VirtualClock
from halo_async._utils.wait_notice import NOTICED, duration, notice
from halo_async.auth.tokens import LoginFailed
from halo_async.settings import RateLimit
from halo_async.transport import Request
from halo_async.transport.decode import decode_json
from halo_async.transport.limiter import Limiter
from tests.support.scripted_server import SECRET, respond

PACKAGE = Path(halo_async.__file__).parent
GET = Request("GET", "/Tickets", query=(("search", "canary"),))


@pytest.fixture
def waits(caplog) -> list[str]:
    """What is logged of waits, by whoever logs it."""
    caplog.set_level(logging.INFO, "halo_async.waits")

    def said() -> list[str]:
        return [record.getMessage() for record in caplog.records if record.name == "halo_async.waits"]

    return said


def until(seconds: float, clock: VirtualClock) -> str:
    return time.strftime("%H:%M:%S", time.localtime(clock.time() + seconds))


async def one_call(limits: Limiter) -> None:
    await limits.acquire()
    limits.release()


async def test_a_used_up_window_is_announced_once_for_all_that_wait_for_it(clock, waits) -> None:
    limits = Limiter(RateLimit(10, 300), clock, lambda: 0.5)
    ends = until(300, clock)
    await asyncio.gather(*(one_call(limits) for _ in range(20)))
    assert waits() == [f"waiting 5 min, until {ends}: the quota of 10 requests in 300 s is used up"]


async def test_a_call_that_is_cancelled_while_it_waits_leaves_one_notice(clock, waits) -> None:
    limits = Limiter(RateLimit(1, 300), clock, lambda: 0.5)
    await one_call(limits)
    first, second = (asyncio.create_task(one_call(limits)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    await second
    assert len(waits()) == 1


async def test_waits_of_two_seconds_or_less_are_not_worth_a_word(clock, waits) -> None:
    limits = Limiter(RateLimit(2, NOTICED), clock, lambda: 0.5)
    await asyncio.gather(*(one_call(limits) for _ in range(9)))
    notice(clock, NOTICED, "no reason")
    assert waits() == []


async def test_each_window_that_has_to_pass_is_a_wait_of_its_own(clock, waits) -> None:
    limits = Limiter(RateLimit(1, 60), clock, lambda: 0.5)
    await asyncio.gather(*(one_call(limits) for _ in range(4)))
    assert len(waits()) == 3


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Retry_After": "30"}, "the instance asks for it (429 with Retry-After)"),
        ({}, "the instance says that its quota is used up (429)"),
    ],
    ids=["Retry-After", "without"],
)
async def test_a_pause_that_an_instance_asks_for_is_announced_with_its_end(
    server, make, waits, headers, reason
) -> None:
    server.on("/api/Tickets", respond(429, **headers), respond(200, {}))
    transport = make(rate_limit=RateLimit(300, 30))
    await transport.send(GET, decode_json)
    (line,) = waits()
    assert re.fullmatch(rf"waiting 3\d s, until \d\d:\d\d:\d\d: {re.escape(reason)}", line)
    assert "canary" not in line


async def test_a_retry_that_waits_long_says_what_went_wrong(server, make, waits) -> None:
    server.on("/api/Tickets", respond(503, Retry_After="7"), respond(200, {}))
    await make().send(GET, decode_json)
    (line,) = waits()
    assert line.startswith("waiting 7 s, until ")
    assert line.endswith(": GET /Tickets is retried after: 503")


async def test_a_login_that_waits_long_says_so_and_shows_no_secret(server, make, waits) -> None:
    server.on("/auth/token", respond(503, Retry_After="20"), respond(200, {"access_token": "t"}))
    await make().token()
    (line,) = waits()
    assert line.startswith("waiting 2")
    assert "the login is retried. " in line
    assert SECRET not in line


async def test_a_login_that_takes_long_is_announced_once_for_all_that_wait_for_it(
    server, make, waits, monkeypatch
) -> None:
    monkeypatch.setattr("halo_async.auth.tokens.NOTICED", 0.0)
    logged_in = asyncio.Event()

    async def slow(*args: object) -> object:
        await logged_in.wait()
        return await login()

    transport = make()
    login, transport._tokens._login = transport._tokens._login, slow
    calls = [asyncio.create_task(transport.token()) for _ in range(5)]
    await asyncio.sleep(0.02)
    logged_in.set()
    await asyncio.gather(*calls)
    assert waits() == [
        "waiting: a login is in progress; calls continue as soon as the login service responds"
    ]


async def test_a_queue_for_requests_under_way_is_announced_once(clock, waits, monkeypatch) -> None:
    monkeypatch.setattr("halo_async.transport.queue_place.NOTICED", 0.0)
    limits = Limiter(None, clock, lambda: 0.5)
    limits._width = 2.0
    for _ in range(2):
        await limits.acquire()
    queued = [asyncio.create_task(limits.acquire()) for _ in range(5)]
    await asyncio.sleep(0.02)
    assert waits() == [
        "waiting: 2 requests in progress, as many as the instance accepts; the wait ends with the first response"
    ]
    for call in queued:
        limits.release()
        await asyncio.sleep(0.005)
        await call
    assert len(waits()) == 1


async def test_the_record_has_seconds_and_reason_for_programs(clock, caplog) -> None:
    caplog.set_level(logging.INFO, "halo_async.waits")
    notice(clock, 12.5, "the reason")
    (record,) = caplog.records
    assert (record.seconds, record.reason, record.levelno) == (12.5, "the reason", logging.INFO)


def test_a_wait_of_days_names_the_day_that_it_ends(caplog) -> None:
    caplog.set_level(logging.INFO, "halo_async.waits")
    clock = VirtualClock()
    notice(clock, 100_000, "the reason")
    day = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(clock.time() + 100_000))
    assert caplog.messages == [f"waiting 27 h 47 min, until {day}: the reason"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3, "3 s"), (89.4, "89 s"), (90, "1 min 30 s"), (298, "4 min 58 s"), (300, "5 min"), (1200, "20 min")],
)
def test_durations_are_told_in_units(seconds: float, text: str) -> None:
    assert duration(seconds) == text


async def test_waiting_for_another_process_that_renews_the_login_is_announced_once(
    clock, waits, tmp_path
) -> None:
    from halo_async.auth.persistent_login import PersistentLogin

    grant = Mock(longest=30.0, refresh_token=None)
    store = Mock(load=AsyncMock(return_value=None), save=AsyncMock())
    login = PersistentLogin(Mock(), grant, store, AsyncMock(return_value="key"), clock)
    login._take_lock = AsyncMock(return_value=None)  # type: ignore[method-assign]
    with pytest.raises(LoginFailed):
        await login()
    (line,) = waits()
    assert line.startswith("waiting: another process is refreshing this login, until ")
    assert line.endswith(" at the latest")


def test_every_sleep_of_the_client_goes_through_a_notice() -> None:
    """A wait that is added without one would be silent."""
    sleeps = {
        str(path.relative_to(PACKAGE)): line.strip()
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in path.read_text().splitlines()
        if "clock.sleep(" in line and "emulator" not in path.parts
    }
    assert sleeps == {
        "auth/persistent_login.py": "await self._clock.sleep(_LOOK_AGAIN)",  # the whole of it is announced
        "auth/login.py": "await self._clock.sleep(GRACE)",  # a deadline
        "coordination/tokens.py": "await self._clock.sleep(RETRY)",  # a warning says so
        "coordination/window.py": "await self._clock.sleep(period)",  # nobody waits for it
        # The caller chose how often to look.
        "resources/watch/trigger.py": "waiting = [start(clock.sleep(seconds)), start(trigger.wait(count))]",
        "resources/watch/watching.py": "await self._clock.sleep(seconds)",
        "fleet/running.py": "await clock.sleep(seconds)",  # a deadline
        "transport/limiter.py": "await self._clock.sleep(wait)",  # announced above
        "_utils/wait_notice.py": "await clock.sleep(seconds)",
    }
