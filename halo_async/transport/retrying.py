"""Retries of a call whose first attempt failed: whether and when. Loaded at the first failure."""

from __future__ import annotations

import logging
from typing import NoReturn

from halo_async._utils.backoff import backoff, jittered
from halo_async._utils.wait_notice import wait as wait_for
from halo_async.auth.tokens import Token
from halo_async.errors import Attempt
from halo_async.transport.context import CallContext
from halo_async.transport.error_responses import final_error
from halo_async.transport.retry_policy import Failure, FailureKind, IdempotencyClass, RetryBudget, retry_rule
from halo_async.transport.types import Request

logger = logging.getLogger("halo_async.transport")


class RetryState:
    """Retry state of one call."""

    def __init__(
        self,
        shared: CallContext,
        request: Request,
        verb: IdempotencyClass,
        history: list[Attempt],
        call_id: int,
    ) -> None:
        self._shared = shared
        self._request = request
        self._verb = verb
        self._history = history
        self._id = call_id
        self._retries: dict[FailureKind, int] = {}
        self._failure: Failure | None = None
        self._replayed = False
        self.paid = 0
        """Cost of the last retry to the budget."""
        self.maybe_done = False
        """True if an earlier attempt may have been executed unnoticed."""

    @property
    def failed(self) -> bool:
        """True if there is an attempt's error to raise."""
        return self._failure is not None

    async def refresh_token(self, token: Token) -> bool:
        """Return whether a newer token is available after a 401. Once per call.

        :raises AuthenticationError: a newer token was expected and cannot be obtained.
        """
        method, path = self._request.method, self._request.path
        old = self._shared.tokens.has_newer_than(token.generation)  # then its 401 is unrelated to permissions
        known = self._replayed or (not old and (method, path) in self._shared.denied)
        if known or not self._shared.tokens.renewable:
            self._shared.denied.add(method, path)
            return False
        self._replayed = True
        await self._shared.tokens.refreshed_after(token.generation)
        return True

    async def wait_for_next_attempt(self, failure: Failure, deadline: float | None) -> None:
        """Return when it is time for another attempt.

        :raises HaloError: no attempt is left.
        """
        self._failure = failure
        earlier = self._retries.get(failure.condition, 0)
        began_pause = self._throttle(failure)
        if not self._may_repeat(failure, earlier):
            self.fail()
        wait = self._compute_wait(failure, earlier)
        if deadline is not None and self._shared.clock.monotonic() + wait >= deadline:
            self.fail()
        self._pay(self._cost(failure, began_pause))
        self._retries[failure.condition] = earlier + 1
        self.maybe_done |= failure.condition not in (FailureKind.NOT_SENT, FailureKind.THROTTLED)
        await self._sleep(failure, wait)

    def fail(self, *, exhausted: bool = False) -> NoReturn:
        """Raise the error of the last attempt."""
        assert self._failure is not None
        error = final_error(
            self._request, self._failure, self._verb, tuple(self._history), exhausted=exhausted
        )
        raise error from error.__cause__

    def _may_repeat(self, failure: Failure, earlier: int) -> bool:
        if self._request.retry == "never" or (failure.asked or 0.0) > self._shared.max_retry_wait:
            return False
        asked = failure.asked is not None
        return retry_rule(failure.condition, self._verb, self._request.path, earlier=earlier, asked=asked)

    def _throttle(self, failure: Failure) -> bool:
        """Pause all requests after a 429; return whether this one started the pause."""
        if failure.condition is not FailureKind.THROTTLED:
            return False
        self._shared.counters.throttled += 1
        asked = failure.asked
        if asked is None:
            return self._shared.limiter.throttled(None)
        if asked > self._shared.max_retry_wait:
            return False
        return self._shared.limiter.throttled(jittered(asked, self._shared.random))

    def _compute_wait(self, failure: Failure, earlier: int) -> float:
        if failure.condition is FailureKind.THROTTLED:
            return self._shared.limiter.pause
        wait = backoff(earlier, self._shared.random)
        return max(wait, jittered(failure.asked, self._shared.random)) if failure.asked else wait

    def _pay(self, cost: int) -> None:
        if not self._shared.budget.take(cost):
            self.fail(exhausted=True)
        self.paid = cost

    def _cost(self, failure: Failure, began_pause: bool) -> int:
        """Return the cost of a retry. One 429 of a burst pays for all: they wait for the same moment."""
        if failure.condition is not FailureKind.THROTTLED:
            return RetryBudget.RETRY
        return RetryBudget.THROTTLED if began_pause else 0

    async def _sleep(self, failure: Failure, wait: float) -> None:
        self._history[-1] = self._history[-1]._replace(waited=wait)
        logger.debug("#%d retried in %.1f s after: %s", self._id, wait, failure.outcome)
        if failure.condition is not FailureKind.THROTTLED:  # else the queue pauses all requests
            self._shared.counters.waited += wait
            what = f"{self._request.method} {self._request.path}"
            await wait_for(self._shared.clock, wait, f"{what} is retried after: {failure.outcome}")
