"""The rest of the quota as the instance tells it: others use it too."""

from __future__ import annotations

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_async import ClientCredentials, Halo, RateLimit
from halo_async._utils.clock import VirtualClock
from halo_async.emulator import Behaviour, Emulator
from halo_async.emulator.limit import RollingLimit
from halo_async.measurements import Measurements
from halo_async.transport.foreign_use import ForeignUse
from halo_async.transport.limiter import Limiter

LIMIT = RateLimit(60, 300)
TOLD = Measurements({"rate_limit_headers": ["x-ratelimit-limit", "x-ratelimit-remaining"]})


def instance() -> Emulator:
    clock = VirtualClock(1_800_000_000.0, auto_advance=True)
    return Emulator(tickets=300, rate_limit=LIMIT, clock=clock, behaviour=Behaviour(rate_limit_headers=True))


def client(emulator: Emulator, measurements: Measurements | None) -> Halo:
    login = ClientCredentials(emulator.client_id, emulator.client_secret)
    return Halo(emulator.url, login, rate_limit=LIMIT, clock=emulator.clock, measurements=measurements)


async def refusals_after_others(measurements: Measurements | None) -> tuple[int, float]:
    """Another application uses most of the quota, steadily; then this one reads. Return the 429s, and the seconds."""
    async with instance() as emulator:
        async with client(emulator, None) as other:
            for _ in range(42):
                await other.tickets.get(1)
                await emulator.clock.sleep(7.5)
        before, began = len(emulator.requests), emulator.clock.monotonic()
        async with client(emulator, measurements) as halo:
            for _ in range(50):
                await halo.tickets.get(1)
        refused = [entry for entry in list(emulator.requests)[before:] if entry.status == 429]
        return len(refused), emulator.clock.monotonic() - began


async def test_what_others_use_is_left_to_them_where_the_instance_tells_the_rest() -> None:
    refused, seconds = await refusals_after_others(TOLD)
    assert refused == 0
    assert seconds < 2 * LIMIT.seconds


async def test_without_the_measurement_the_instance_has_to_refuse() -> None:
    assert (await refusals_after_others(None))[0] > 0


async def test_the_wait_for_others_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        await refusals_after_others(TOLD)
    assert "of which others use a part" in caplog.text


@pytest.mark.parametrize("value", ["", "many", "-3", "٣", "1e3", "9" * 40])
async def test_a_header_that_is_no_number_is_not_heeded(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with instance() as emulator, client(emulator, TOLD) as halo:
        headers = {"X-RateLimit-Limit": "60", "X-RateLimit-Remaining": value}
        monkeypatch.setattr(RollingLimit, "headers", lambda *_: headers)
        await halo.tickets.get(1)
        assert halo.statistics().remaining == LIMIT.requests - 2


@given(st.integers(0, 80), st.integers(0, 60), st.floats(0, 400))
def test_others_never_hold_a_request_longer_than_a_window(told: int, own: int, later: float) -> None:
    clock = VirtualClock()
    limiter = Limiter(LIMIT, clock, lambda: 0.5)
    for _ in range(own):
        assert limiter.try_acquire()
        limiter.release()
    limiter.told_remaining(told)
    assert 0 <= (limiter.remaining or 0) <= max(0, min(LIMIT.requests - own, told))
    clock.advance(later)
    assert 0.0 <= limiter.seconds_for(1) <= LIMIT.seconds
    clock.advance(LIMIT.seconds)
    assert limiter.try_acquire()


@given(st.integers(1, 300), st.floats(1, 1000), st.floats(0, 1000))
def test_an_estimate_fades_evenly_and_knows_when(told: int, seconds: float, slots: float) -> None:
    others = ForeignUse(seconds)
    others.told(told, 0.0)
    moment = others.seconds_until(slots, 0.0)
    assert 0.0 <= moment <= seconds
    assert others.slots(moment) <= slots + 1e-6
    assert others.slots(seconds) == 0.0
