"""One call from the queue to its decoded answer, with all the attempts that it takes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Generic, NoReturn, TypeVar

from attrs import define, evolve, field, frozen

from halo_async.auth.tokens import Token, Tokens
from halo_async.clock import Clock
from halo_async.errors import Attempt, DeadlineExceeded, DecodeError
from halo_async.settings import Instance, Timeouts
from halo_async.transport.denied import Denied
from halo_async.transport.failure import Failure
from halo_async.transport.limiter import Limiter
from halo_async.transport.origin import api_url, check_headers
from halo_async.transport.problem import Problem, final_error, from_answer, from_decoding, from_failure
from halo_async.transport.retry import Budget, Condition, Verb, allowed, verb_of
from halo_async.transport.status import is_success, request_id
from halo_async.transport.values import Outgoing, Request, Response
from halo_async.waiting import Random, backoff, jittered

T = TypeVar("T")
logger = logging.getLogger("halo_async.transport")
_call_ids = count(1)


@define
class Counters:
    """What `Transport.statistics` tells."""

    requests: int = 0
    retries: int = 0
    throttled: int = 0
    waited: float = 0.0


@frozen
class Shared:
    """What all calls of one client have in common."""

    instance: Instance
    clock: Clock
    random: Random = field(repr=False)
    limiter: Limiter
    tokens: Tokens
    timeouts: Timeouts
    deadline: float | None
    """Seconds for a call, from when it is first let in."""
    max_retry_wait: float
    send: Callable[[Outgoing], Awaitable[Response | Failure]] = field(repr=False)
    budget: Budget = field(factory=Budget)
    counters: Counters = field(factory=Counters)
    denied: Denied = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "denied", Denied(self.clock))


class Call(Generic[T]):
    """Made for one `Transport.send`, used once."""

    def __init__(self, shared: Shared, request: Request, decode: Callable[[Response], T]) -> None:
        check_headers(request.headers)
        self._shared = shared
        self._request = request
        self._decode = decode
        self._url = api_url(shared.instance, request)
        self._verb = verb_of(request.method, request.retry)
        self._id = next(_call_ids)
        self._number = 0
        self._history: list[Attempt] = []
        self._retries: dict[Condition, int] = {}
        self._paid = 0
        self._problem: Problem | None = None
        self._token: Token | None = None
        self._replayed = False
        self._maybe_done = False
        self._deadline = self._after(request.timeout)

    async def run(self) -> T:
        """Until there is an answer, or none to be had.

        :raises HaloError: whatever came of the last attempt.
        """
        while True:
            outcome = await self._attempt()
            if isinstance(outcome, Failure):
                await self._again(from_failure(outcome))
            elif is_success(outcome.status):
                try:
                    result = self._decode(outcome)
                except DecodeError as error:
                    problem = from_decoding(outcome, error.with_traceback(None))
                else:
                    self._came_through()
                    return result
                await self._again(problem)
            elif self._verb is Verb.DELETE and outcome.status == 404 and self._maybe_done:
                self._came_through()
                return self._decode(evolve(outcome, status=204, body=b"", content_type="", already_gone=True))
            elif outcome.status != 401 or not await self._renewed():
                await self._again(self._answered(outcome))

    # One attempt ------------------------------------------------------------------------------

    async def _attempt(self) -> Response | Failure:
        shared = self._shared
        await self._admitted()
        counted = False
        try:
            self._token = token = await self._current_token()
            self._number += 1
            shared.counters.requests += 1
            shared.counters.retries += self._number > 1
            counted = True
            began = shared.clock.monotonic()
            outcome = await shared.send(self._outgoing(token, self._total(began)))
            counted = not (isinstance(outcome, Failure) and outcome.condition is Condition.UNSENT)
        finally:
            shared.limiter.leave(counted=counted)
        self._note(outcome, shared.clock.monotonic() - began)
        return outcome

    def _outgoing(self, token: Token, total: float | None) -> Outgoing:
        request = self._request
        return Outgoing(
            request.method,
            self._url,
            headers=request.headers,
            authorization=token.access_token,
            body=request.body,
            form=request.form,
            total=total,
        )

    async def _admitted(self) -> None:
        limiter = self._shared.limiter
        try:
            waited = await limiter.enter(repeat=self._number > 0, deadline=self._deadline)
        except DeadlineExceeded as error:
            if self._problem is not None:
                self._fail(self._problem)
            raise DeadlineExceeded(f"{self._request.method} {self._request.path}: {error}") from None
        self._shared.counters.waited += waited
        if self._deadline is None:
            self._deadline = self._after(self._shared.deadline)

    async def _current_token(self) -> Token:
        if self._request.timeout is None or self._deadline is None:
            return await self._shared.tokens.current()
        try:
            async with asyncio.timeout(max(0.0, self._deadline - self._shared.clock.monotonic())):
                return await self._shared.tokens.current()
        except TimeoutError:
            message = f"{self._request.method} {self._request.path}: the login took all of the call's time"
            raise DeadlineExceeded(message) from None

    def _after(self, seconds: float | None) -> float | None:
        return None if seconds is None else self._shared.clock.monotonic() + seconds

    def _total(self, now: float) -> float | None:
        """The attempt's own limit, where the call's deadline comes before the usual one or replaces it."""
        if self._deadline is None:
            return None
        left = self._deadline - now
        return left if self._request.timeout is not None or left < self._shared.timeouts.attempt else None

    def _note(self, outcome: Response | Failure, seconds: float) -> None:
        said = outcome.outcome if isinstance(outcome, Failure) else str(outcome.status)
        self._history.append(Attempt(self._number, said, seconds))
        if self._request.on_attempt is not None:
            self._request.on_attempt(self._history[-1])
        if logger.isEnabledFor(logging.DEBUG):
            theirs = request_id(outcome.headers) if isinstance(outcome, Response) else None
            logger.debug(
                "#%d %s %s: %s in %.0f ms (attempt %d%s)",
                *(self._id, self._request.method, self._request.path, said, seconds * 1000, self._number),
                f", request id {theirs}" if theirs else "",
            )

    # What comes of it -------------------------------------------------------------------------

    def _came_through(self) -> None:
        self._shared.limiter.succeeded()
        self._shared.budget.give_back(self._paid or 1)
        self._shared.denied.discard(self._request.method, self._request.path)

    async def _renewed(self) -> bool:
        """After a 401: whether a newer token is there to try with, once a call."""
        assert self._token is not None
        method, path = self._request.method, self._request.path
        if self._replayed or (method, path) in self._shared.denied:
            self._shared.denied.add(method, path)
            return False
        self._replayed = True
        await self._shared.tokens.after(self._token.generation)
        return True

    def _answered(self, response: Response) -> Problem:
        scope = self._token.scope if self._token else ""
        return from_answer(self._request, response, now=self._shared.clock.time(), scope=scope)

    async def _again(self, problem: Problem) -> None:
        """Return when it is time for another attempt.

        :raises HaloError: when there is none to be made.
        """
        self._problem = problem
        earlier = self._retries.get(problem.condition, 0)
        asked = problem.asked is not None
        self._throttle(problem)
        if self._request.retry == "never" or (problem.asked or 0.0) > self._shared.max_retry_wait:
            self._fail(problem)
        if not allowed(problem.condition, self._verb, self._request.path, earlier=earlier, asked=asked):
            self._fail(problem)
        wait = self._wait(problem, earlier)
        if self._deadline is not None and self._shared.clock.monotonic() + wait >= self._deadline:
            self._fail(problem)
        self._pay(problem)
        self._retries[problem.condition] = earlier + 1
        self._maybe_done |= problem.condition not in (Condition.UNSENT, Condition.THROTTLED)
        await self._sleep(problem, wait)

    def _throttle(self, problem: Problem) -> None:
        shared = self._shared
        if problem.condition is not Condition.THROTTLED:
            return
        shared.counters.throttled += 1
        if (problem.asked or 0.0) <= shared.max_retry_wait:
            asked = problem.asked
            shared.limiter.throttled(None if asked is None else jittered(asked, shared.random))

    def _wait(self, problem: Problem, earlier: int) -> float:
        if problem.condition is Condition.THROTTLED:
            return self._shared.limiter.pause
        wait = backoff(earlier, self._shared.random)
        return max(wait, jittered(problem.asked, self._shared.random)) if problem.asked else wait

    def _pay(self, problem: Problem) -> None:
        cost = Budget.THROTTLED if problem.condition is Condition.THROTTLED else Budget.RETRY
        if not self._shared.budget.take(cost):
            self._fail(problem, exhausted=True)
        self._paid = cost

    async def _sleep(self, problem: Problem, wait: float) -> None:
        self._history[-1] = evolve(self._history[-1], waited=wait)
        logger.debug("#%d tried again in %.1f s after: %s", self._id, wait, problem.outcome)
        if problem.condition is not Condition.THROTTLED:  # else the queue holds everybody back
            self._shared.counters.waited += wait
            await self._shared.clock.sleep(wait)

    def _fail(self, problem: Problem, *, exhausted: bool = False) -> NoReturn:
        error = final_error(self._request, problem, self._verb, tuple(self._history), exhausted=exhausted)
        raise error from error.__cause__
