from __future__ import annotations

import asyncio
import random
from collections import deque

import pytest

from halo_async._utils.clock import VirtualClock
from halo_async.errors import DeadlineExceededError
from halo_async.settings import RateLimit
from halo_async.transport.limiter import WIDEST, Limiter


def limiter(clock: VirtualClock, requests: int = 300, seconds: float = 300) -> Limiter:
    return Limiter(RateLimit(requests, seconds), clock, lambda: 0.5)


async def settle(turns: int = 60) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


class Quota:
    """A server that counts as Halo does: by arrival, in a rolling window."""

    def __init__(self, clock: VirtualClock, requests: int = 300, seconds: float = 300) -> None:
        self.clock, self.requests, self.seconds = clock, requests, seconds
        self.seen: deque[float] = deque()
        self.arrivals: list[float] = []
        self.refused = 0

    def arrive(self) -> bool:
        now = self.clock.monotonic()
        while self.seen and self.seen[0] <= now - self.seconds:
            self.seen.popleft()
        if len(self.seen) >= self.requests:
            self.refused += 1
            return False
        self.seen.append(now)
        self.arrivals.append(now)
        return True

    def most_in_any_window(self) -> int:
        window: deque[float] = deque()
        most = 0
        for arrival in self.arrivals:
            window.append(arrival)
            while window[0] <= arrival - self.seconds:
                window.popleft()
            most = max(most, len(window))
        return most


async def call(limiter: Limiter, quota: Quota, latency: float) -> None:
    """One call that is repeated until it is let in, as the transport does."""
    repeat = False
    while True:
        await limiter.acquire(repeat=repeat)
        try:
            await quota.clock.sleep(latency / 2)
            allowed = quota.arrive()
            await quota.clock.sleep(latency / 2)
        finally:
            limiter.release()
        if allowed:
            limiter.succeeded()
            return
        limiter.throttled(None)
        repeat = True


@pytest.mark.parametrize("width", [1, 4, 20, 300])
async def test_f25_a_thousand_calls_use_the_quota_and_never_exceed_it(clock, width) -> None:
    limits, quota = limiter(clock), Quota(clock)
    todo = iter(range(1000))

    async def worker() -> None:
        for _ in todo:
            await call(limits, quota, latency=0.2)

    await asyncio.gather(*(worker() for _ in range(width)))

    assert quota.refused == 0
    assert quota.most_in_any_window() <= 300
    assert clock.monotonic() <= 900 / 0.97 + 100 * 0.2 + (1000 * 0.2 if width == 1 else 0)


async def test_a_token_bucket_would_let_more_calls_through_than_this(clock) -> None:
    limits, quota = limiter(clock, 30, 3), Quota(clock, 30, 3)
    await asyncio.gather(*(call(limits, quota, latency=0.01) for _ in range(200)))
    assert quota.most_in_any_window() == 30
    assert quota.refused == 0


async def test_calls_are_let_in_in_the_order_in_which_they_came(clock) -> None:
    limits, entered = limiter(clock, 3, 10), []

    async def one(number: int) -> None:
        await limits.acquire()
        entered.append(number)
        await clock.sleep(random.random())
        limits.release()

    await asyncio.gather(*(one(number) for number in range(40)))
    assert entered == list(range(40))


async def test_a_newcomer_does_not_overtake_the_queue(clock) -> None:
    limits, entered = limiter(clock, 1, 10), []
    await limits.acquire()

    async def one(name: str) -> None:
        await limits.acquire()
        entered.append(name)

    waiting = asyncio.create_task(one("early"))
    await settle(3)
    limits.release()
    clock.advance(10)  # there is room now, and the queue has not run yet
    late = asyncio.create_task(one("late"))
    await settle()
    assert entered[0] == "early"
    for task in (waiting, late):
        task.cancel()
    await asyncio.gather(waiting, late, return_exceptions=True)


async def test_repeats_go_before_new_calls(clock) -> None:
    limits, entered = limiter(clock, 1, 10), []
    await limits.acquire()

    async def one(name: str, repeat: bool) -> None:
        await limits.acquire(repeat=repeat)
        entered.append(name)
        limits.release()

    tasks = [asyncio.create_task(one("new", False))]
    await settle(2)
    tasks.append(asyncio.create_task(one("again", True)))
    await settle(2)
    limits.release()
    await asyncio.gather(*tasks)
    assert entered == ["again", "new"]


async def test_f28_a_cancelled_waiter_leaves_no_hole_in_the_queue(clock) -> None:
    limits = limiter(clock, 2, 10)
    await limits.acquire()
    await limits.acquire()
    waiting = [asyncio.create_task(limits.acquire()) for _ in range(10)]
    await settle(3)
    for task in waiting[::2]:
        task.cancel()
    await settle(3)
    limits.release()
    limits.release()
    await settle(300)
    assert [task.done() for task in waiting[1::2]][:2] == [True, True]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)


async def test_f29_after_cancellation_churn_every_call_still_works(clock) -> None:
    limits, quota = limiter(clock, 50, 10), Quota(clock, 50, 10)
    dice = random.Random(7)
    for _ in range(150):
        tasks = [asyncio.create_task(call(limits, quota, 0.05)) for _ in range(20)]
        await settle(dice.randrange(12))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*(call(limits, quota, 0.05) for _ in range(20)))
    assert limits._in_flight == 0
    assert limits._waiting.length == 0
    assert quota.most_in_any_window() <= 50


async def test_f23_a_429_with_a_time_holds_everybody_back(clock) -> None:
    limits = limiter(clock)
    assert limits.throttled(3.0)
    entered = []

    async def one() -> None:
        await limits.acquire()
        entered.append(clock.monotonic())
        limits.release()

    await asyncio.gather(*(one() for _ in range(5)))
    assert min(entered) >= 3.0


async def test_f23_after_a_pause_calls_come_back_gradually(clock) -> None:
    limits = limiter(clock)
    for _ in range(40):
        await limits.acquire()
    limits.throttled(3.0)
    for _ in range(40):
        limits.release()
    admitted = [asyncio.create_task(limits.acquire()) for _ in range(60)]
    await settle(2)
    clock.advance(3.0)
    await settle(200)
    assert sum(task.done() for task in admitted) == 20  # half of what was in flight
    for task in admitted:
        task.cancel()
    await asyncio.gather(*admitted, return_exceptions=True)


async def test_f25_without_a_time_the_oldest_call_has_to_leave_the_window(clock) -> None:
    limits = limiter(clock)
    for _ in range(10):
        await limits.acquire()
        limits.release()
        clock.advance(7)
    assert limits.throttled(None)
    assert limits.pause == 300 - 70


async def test_without_a_limit_the_waits_grow_from_two_seconds(clock) -> None:
    limits = Limiter(None, clock, lambda: 1.0)
    pauses = []
    for _ in range(7):
        limits.throttled(None)
        pauses.append(limits.pause)
        clock.advance(limits.pause)
    assert pauses == [2, 4, 8, 16, 32, 60, 60]
    limits.succeeded()
    limits.throttled(None)
    assert limits.pause == 2


async def test_a_burst_of_429s_counts_as_one(clock) -> None:
    limits = Limiter(None, clock, lambda: 1.0)
    assert [limits.throttled(None) for _ in range(50)] == [True] + [False] * 49
    assert limits.pause == 2


@pytest.mark.parametrize("others", [100, 200, 290])
async def test_f26_a_shared_quota_is_coped_with_and_won_back(clock, others) -> None:
    limits, quota = limiter(clock), Quota(clock)
    stop, theirs_refused = asyncio.Event(), 0

    async def neighbour() -> None:
        nonlocal theirs_refused
        while not stop.is_set():
            theirs_refused += not quota.arrive()
            await clock.sleep(300 / others)

    async def mine(number: int) -> int:
        before = len(quota.arrivals)
        await asyncio.gather(*(call(limits, quota, 0.2) for _ in range(number)))
        return len(quota.arrivals) - before

    for _ in range(others):
        quota.arrive()
    busy = asyncio.create_task(neighbour())
    await mine(600)
    stop.set()
    await busy
    narrowed = limits._quota
    assert narrowed < 300
    assert quota.refused - theirs_refused <= 150  # a hundred are in flight when the first one comes
    await mine(1500)
    assert limits._quota > narrowed


async def test_without_a_limit_only_the_width_holds_back(clock) -> None:
    limits = Limiter(None, clock, random.random)
    tasks = [asyncio.create_task(limits.acquire()) for _ in range(WIDEST + 50)]
    await settle(300)
    assert sum(task.done() for task in tasks) == WIDEST
    assert limits.remaining is None
    for _ in range(50):
        limits.release()
    await settle(300)
    assert all(task.done() for task in tasks)


async def test_what_is_left_of_the_window_is_told(clock) -> None:
    limits = limiter(clock, 10, 60)
    for _ in range(4):
        await limits.acquire()
        limits.release()
    assert limits.remaining == 6
    clock.advance(60)
    assert limits.remaining == 10


async def test_a_call_that_the_server_cannot_have_seen_costs_nothing(clock) -> None:
    limits = limiter(clock, 10, 60)
    await limits.acquire()
    limits.release(counted=False)
    assert limits.remaining == 10


async def test_a_deadline_that_cannot_be_kept_is_told_at_once(clock) -> None:
    limits = limiter(clock, 1, 60)
    await limits.acquire()
    limits.release()
    with pytest.raises(DeadlineExceededError):
        await limits.acquire(deadline=clock.monotonic() + 30)
    assert clock.monotonic() == 0.0
    await limits.acquire(deadline=clock.monotonic() + 61)


async def test_a_deadline_is_kept_in_the_middle_of_the_queue_too() -> None:
    from halo_async._utils.clock import SystemClock

    clock = SystemClock()
    limits = Limiter(RateLimit(1, 60), clock, lambda: 0.5)
    await limits.acquire()
    limits.release()
    head = asyncio.create_task(limits.acquire())
    await settle(2)
    with pytest.raises(DeadlineExceededError):
        await limits.acquire(deadline=clock.monotonic() + 0.01)
    head.cancel()
    await asyncio.gather(head, return_exceptions=True)


def test_f30_what_was_used_of_the_window_outlives_the_loop(clock) -> None:
    limits = limiter(clock, 3, 60)

    async def two() -> None:
        for _ in range(2):
            await limits.acquire()
            limits.release()

    asyncio.run(two())
    asyncio.run(two())
    assert clock.monotonic() == 60.0
