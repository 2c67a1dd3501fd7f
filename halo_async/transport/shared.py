"""What all calls of one client have in common."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable
from typing import Self

from halo_async.auth.tokens import FixedToken, Tokens
from halo_async.clock import Clock
from halo_async.settings import Instance, Timeouts
from halo_async.transport.denied import Denied
from halo_async.transport.failure import Failure
from halo_async.transport.limiter import Limiter
from halo_async.transport.retry import Budget
from halo_async.transport.values import Outgoing, Response
from halo_async.waiting import Random


class Counters:
    """What `Transport.statistics` tells."""

    __slots__ = ("requests", "retries", "throttled", "waited")

    def __init__(self) -> None:
        self.requests = 0
        self.retries = 0
        self.throttled = 0
        self.waited = 0.0


class Shared:
    """Made once by a `Transport`, handed to each of its calls."""

    def __init__(
        self,
        *,
        instance: Instance,
        clock: Clock,
        random: Random,
        limiter: Limiter,
        tokens: Tokens | FixedToken,
        timeouts: Timeouts,
        deadline: float | None,
        max_retry_wait: float,
        send: Callable[[Outgoing], Awaitable[Response | Failure]],
    ) -> None:
        """`deadline`: seconds for a call, from when it is first let in."""
        self.instance = instance
        self.clock = clock
        self.random = random
        self.limiter = limiter
        self.tokens = tokens
        self.timeouts = timeouts
        self.deadline = deadline
        self.max_retry_wait = max_retry_wait
        self.send = send
        self.budget = Budget()
        self.counters = Counters()
        self.denied = Denied(clock)

    def sending(self, send: Callable[[Outgoing], Awaitable[Response | Failure]]) -> Self:
        """The same in everything (queue, login, budget, counters) but in how one request is sent."""
        other = copy.copy(self)
        other.send = send
        return other
