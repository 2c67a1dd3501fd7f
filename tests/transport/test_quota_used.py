"""What the login and the quota cost on an instance that counts as Halo does."""

from __future__ import annotations

import asyncio

import pytest

from halo_async import ClientCredentials, Halo, RateLimit
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Emulator

LIMIT = RateLimit(300, 300)
PAGES = 1000


def most_in_a_window(times: list[float]) -> int:
    return max(sum(start <= time < start + LIMIT.seconds for time in times) for start in times)


@pytest.mark.parametrize("ahead", [0, 8], ids=["one after another", "eight ahead"])
async def test_f25_a_thousand_pages_use_the_quota_up_and_meet_no_429(ahead: int) -> None:
    clock = VirtualClock(auto_advance=True)
    async with Emulator(tickets=PAGES, clock=clock, rate_limit=LIMIT) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, clock=clock, rate_limit=LIMIT) as halo:
            pages = halo.tickets.list(page_size=1)
            rows = [ticket.id async for ticket in (pages.prefetch(ahead) if ahead else pages)]
            told = halo.statistics()
        asked = [request.at for request in emulator.requests("GET /Tickets")]
        assert len(set(rows)) == len(rows) == len(asked) == PAGES
        assert (told.throttled, told.retries, told.tokens) == (0, 0, 1)
        assert 900 <= clock.monotonic() <= 900 / 0.97
        assert most_in_a_window(asked) == LIMIT.requests


@pytest.mark.parametrize("cancelled", [0, 1], ids=["F15", "F16"])
async def test_two_hundred_401s_of_an_instance_make_one_login(cancelled: int) -> None:
    """All tokens are withdrawn, two hundred calls find out, and the first of them may be cancelled."""
    async with Emulator(tickets=200, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, rate_limit=None) as halo:
            emulator.revoke_tokens()
            emulator.requests.clear()
            calls = [asyncio.create_task(halo.tickets.get(number)) for number in range(1, 201)]
            while not emulator.requests("POST /auth/token"):
                await asyncio.sleep(0)
            for call in calls[:cancelled]:
                call.cancel()
            got = await asyncio.gather(*calls, return_exceptions=True)
        assert [type(one) for one in got[:cancelled]] == [asyncio.CancelledError] * cancelled
        assert [ticket.id for ticket in got[cancelled:]] == list(range(1, 201))[cancelled:]
        assert len(emulator.requests("POST /auth/token")) == 1
