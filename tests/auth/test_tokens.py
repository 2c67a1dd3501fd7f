from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.auth.token_response import TokenResponse
from halo_async.auth.tokens import LoginFailed, Tokens
from halo_async.errors import AuthenticationError, LoginUnavailableError


class Logins:
    """Counts logins; each takes a second and gives what the script says."""

    def __init__(self, clock: VirtualClock, lifetime: float = 3600.0) -> None:
        self.clock = clock
        self.lifetime = lifetime
        self.count = 0
        self.fail: Callable[[], LoginFailed] | None = None
        self.hold: Awaitable[object] | None = None

    async def __call__(self) -> TokenResponse:
        self.count += 1
        await (self.hold or self.clock.sleep(1.0))
        if self.fail is not None:
            raise self.fail()
        return TokenResponse(f"token-{self.count}", self.lifetime)


def outage() -> LoginFailed:
    return LoginFailed(LoginUnavailableError("the login returned 503"), False, 4)


def refusal() -> LoginFailed:
    return LoginFailed(AuthenticationError("the secret is wrong"), True, 1)


@pytest.fixture
def logins(clock) -> Logins:
    return Logins(clock)


@pytest.fixture
async def tokens(logins, clock):
    tokens = Tokens(logins, clock)
    yield tokens
    await tokens.aclose()
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def settle() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


async def test_f15_two_hundred_waiters_make_one_login(tokens, logins) -> None:
    got = await asyncio.gather(*(tokens.get() for _ in range(200)))
    assert logins.count == 1
    assert {token.generation for token in got} == {1}


async def test_f16_a_cancelled_first_waiter_takes_nobody_elses_token_away(tokens, logins) -> None:
    waiters = [asyncio.create_task(tokens.get()) for _ in range(200)]
    await asyncio.sleep(0)
    waiters[0].cancel()
    got = await asyncio.gather(*waiters, return_exceptions=True)
    assert isinstance(got[0], asyncio.CancelledError)
    assert [token.generation for token in got[1:]] == [1] * 199
    assert logins.count == 1


async def test_f16_when_every_waiter_is_cancelled_the_login_still_serves_the_next(tokens, logins) -> None:
    waiters = [asyncio.create_task(tokens.get()) for _ in range(5)]
    await asyncio.sleep(0)
    for waiter in waiters:
        waiter.cancel()
    await asyncio.gather(*waiters, return_exceptions=True)
    assert (await tokens.get()).generation == 1
    assert logins.count == 1


async def test_a_token_is_kept_while_it_is_good(tokens, logins, clock) -> None:
    await tokens.get()
    clock.advance(3000)
    assert (await tokens.get()).generation == 1
    assert logins.count == 1


async def test_a_token_is_renewed_early_while_the_old_one_serves(tokens, logins, clock) -> None:
    await tokens.get()
    clock.advance(3600 - 300)
    assert (await tokens.get()).generation == 1
    await settle()
    assert (await tokens.get()).generation == 2


async def test_near_its_end_a_token_is_not_used_any_more(tokens, logins, clock) -> None:
    await tokens.get()
    clock.advance(3600 - 10)
    assert (await tokens.get()).generation == 2


async def test_a_lifetime_counts_from_the_requests_start(tokens, logins, clock) -> None:
    token = await tokens.get()
    assert clock.monotonic() == 1.0
    assert token.left(clock) == 3599.0


@pytest.mark.parametrize("lifetime", [3.0, 15.0, 60.0])
async def test_short_lived_tokens_are_not_renewed_at_every_call(clock, lifetime) -> None:
    logins = Logins(clock, lifetime=lifetime + 1.0)
    tokens = Tokens(logins, clock)
    for _ in range(50):
        await tokens.get()
        await settle()
    assert logins.count <= 2
    await tokens.aclose()


async def test_f17_a_late_401_of_an_older_token_fetches_nothing(tokens, logins) -> None:
    old = await tokens.get()
    newer = await tokens.refreshed_after(old.generation)
    assert await tokens.refreshed_after(old.generation) is newer
    assert logins.count == 2


async def test_f15_two_hundred_401s_make_one_login(tokens, logins) -> None:
    old = await tokens.get()
    got = await asyncio.gather(*(tokens.refreshed_after(old.generation) for _ in range(200)))
    assert {token.generation for token in got} == {2}
    assert logins.count == 2


async def test_f22_a_wall_clock_that_jumps_ahead_costs_one_login(tokens, logins, clock) -> None:
    await tokens.get()
    clock.set_wall(clock.time() + 3600)
    for _ in range(10):
        await tokens.get()
        await settle()
    assert logins.count == 2


async def test_f22_a_wall_clock_that_is_set_back_keeps_no_dead_token(tokens, logins, clock) -> None:
    await tokens.get()
    clock.set_wall(clock.time() - 3600)
    assert (await tokens.get()).generation == 1
    clock.advance(3595)
    assert (await tokens.get()).generation == 2


async def test_f22_a_machine_that_slept_gets_a_new_token(tokens, logins, clock) -> None:
    await tokens.get()
    clock.set_wall(clock.time() + 8 * 3600)  # only the wall clock saw the night
    assert (await tokens.get()).generation == 2


async def test_f19_a_failure_is_shared_and_remembered(tokens, logins, clock) -> None:
    logins.fail = outage
    got = await asyncio.gather(*(tokens.get() for _ in range(200)), return_exceptions=True)
    assert {type(error) for error in got} == {LoginUnavailableError}
    assert len(set(map(id, got))) == 200  # each its own: a shared one would gather 200 tracebacks
    assert logins.count == 1
    clock.advance(19.9)
    with pytest.raises(LoginUnavailableError):
        await tokens.get()
    assert logins.count == 1


async def test_f19_an_outage_costs_at_most_one_request_in_five_seconds(tokens, logins, clock) -> None:
    logins.fail = outage
    began = clock.monotonic()
    while clock.monotonic() - began < 600:
        with pytest.raises(LoginUnavailableError):
            await tokens.get()
        clock.advance(0.5)
    assert logins.count * 4 <= 600 / 5 + 4  # four requests a failed login


async def test_f19_in_the_advisory_window_the_old_token_serves_and_one_warning_is_given(
    tokens, logins, clock, caplog
) -> None:
    await tokens.get()
    clock.advance(3600 - 300)
    logins.fail = outage
    with caplog.at_level(logging.WARNING, "halo_async"):
        for _ in range(20):
            assert (await tokens.get()).generation == 1
            await settle()
            clock.advance(5)
    assert len(caplog.records) == 1
    logins.fail = None
    clock.advance(30)
    await tokens.get()
    await settle()
    assert (await tokens.get()).generation == 2


async def test_f20_a_refusal_is_believed_for_a_while(tokens, logins, clock) -> None:
    logins.fail = refusal
    for _ in range(10):
        with pytest.raises(AuthenticationError, match="secret is wrong"):
            await tokens.get()
        clock.advance(20)
    assert logins.count == 1


async def test_closing_during_a_login_tells_the_waiters(tokens, logins) -> None:
    logins.hold = asyncio.Event().wait()
    waiter = asyncio.create_task(tokens.get())
    await settle()
    await tokens.aclose()
    with pytest.raises(AuthenticationError, match="closed"):
        await waiter


def test_f30_a_token_serves_a_second_event_loop(clock) -> None:
    logins = Logins(clock)
    tokens = Tokens(logins, clock)
    assert asyncio.run(tokens.get()).generation == 1
    assert asyncio.run(tokens.refreshed_after(1)).generation == 2
    asyncio.run(tokens.aclose())
