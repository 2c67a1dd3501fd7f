"""State shared by all calls of one client."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable
from typing import Self
from urllib.parse import urlsplit

from halo_async._utils.backoff import Random
from halo_async._utils.loop_turns import LoopTurns
from halo_async.auth.tokens import FixedToken, Token, Tokens
from halo_async.errors import DeadlineExceededError
from halo_async.settings import Instance
from halo_async.transport.client_options import ClientOptions
from halo_async.transport.limiter import Limiter
from halo_async.transport.permission_cache import DeniedPaths
from halo_async.transport.retry_policy import Failure, RetryBudget
from halo_async.transport.types import HttpRequest, Response


class RequestCounters:
    """Counters behind `Transport.statistics`, and the cause of a login that does not complete."""

    __slots__ = ("login_trouble", "requests", "retries", "throttled", "waited")

    def __init__(self) -> None:
        self.requests = 0
        self.retries = 0
        self.throttled = 0
        self.waited = 0.0
        self.login_trouble = ""


class CallContext:
    """State created once by a `Transport` and passed to each of its calls."""

    def __init__(
        self,
        *,
        instance: Instance,
        options: ClientOptions,
        random: Random,
        limiter: Limiter,
        tokens: Tokens | FixedToken,
        send: Callable[[HttpRequest], Awaitable[Response | Failure]],
    ) -> None:
        self.instance = instance
        self.clock = options.clock
        self.random = random
        self.limiter = limiter
        self.tokens = tokens
        self.timeouts = options.timeouts
        self.deadline = options.deadline
        """Seconds for a call, from when it is first admitted."""
        self.max_retry_wait = options.max_retry_wait
        self.remaining_header = (
            None if options.measurements is None else options.measurements.remaining_header
        )
        """Response header with the rest of the quota, where it was measured that there is one."""
        self.send = send
        self.budget = RetryBudget()
        self.counters = RequestCounters()
        self.denied = DeniedPaths(options.clock)
        self.decoding = LoopTurns()

    async def logged_in(self) -> Token:
        """A token within the deadline: connecting, TLS and discovery are part of getting one.

        The time that a person has at a browser is added: whoever gave him an hour means it.

        :raises AuthenticationError: there is none to be had.
        :raises DeadlineExceededError: the deadline was over before; the message has the last trouble.
        """
        deadline = None if self.deadline is None else self.deadline + self.tokens.person_has
        try:
            async with asyncio.timeout(deadline):
                return await self.tokens.get()
        except TimeoutError:
            message = (
                f"The login to {self.instance.origin} did not complete within {deadline:g} s (deadline)."
            )
            raise DeadlineExceededError(message + self.told_trouble()) from None

    def note_login(self, outcome: Response | Failure, url: str) -> None:
        """Store the outcome of a login request that prevents the login from completing."""
        if isinstance(outcome, Failure):
            self.counters.login_trouble = str(outcome.error)
        else:
            said = f"{urlsplit(url).netloc} returned {outcome.status}."
            self.counters.login_trouble = said if outcome.status >= 400 else ""

    def told_trouble(self) -> str:
        """Return the reason to report for a login that did not complete in time."""
        return f" {self.counters.login_trouble}" if self.counters.login_trouble else ""

    def sending(self, send: Callable[[HttpRequest], Awaitable[Response | Failure]]) -> Self:
        """Return a copy that shares queue, login, budget and counters, but sends a request with `send`."""
        other = copy.copy(self)
        other.send = send
        return other


# What a client has done so far. A module of its own, since few ask and every class costs time to load.
