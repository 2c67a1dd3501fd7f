"""What is tried again: the policy as a table, and the budget that keeps an outage cheap."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple

from halo_async.errors import HaloError


class FailureKind(Enum):
    """What can come of an attempt, as far as trying again goes."""

    UNSENT = auto()
    """No name, no connection: the server saw nothing."""
    UNTRUSTED = auto()
    """The certificate is not valid."""
    LOST = auto()
    """Sent, and no whole answer came."""
    BUSY = auto()
    """408, 425, 502."""
    UNAVAILABLE = auto()
    """503."""
    BROKEN = auto()
    """500: takes Halo about 7 s each time."""
    GATEWAY = auto()
    """504: the gateway gave up after about 60 s."""
    THROTTLED = auto()
    """429: rejected before anything was done."""
    GARBLED = auto()
    """2xx, but cut, undecodable or of the wrong kind."""
    TOO_LARGE = auto()
    """More than the client is willing to hold."""
    FINAL = auto()
    """Any other answer: it would be the same again."""


class IdempotencyClass(Enum):
    """How harmful doing it twice would be."""

    READ = 0
    DELETE = 1
    WRITE = 2


class RetryRule(NamedTuple):
    """How often one condition is tried again within one call."""

    retries: int
    only_if_asked: bool = False
    """Only when the answer carries a Retry-After."""


NEVER = RetryRule(0)
ONCE = RetryRule(1)
TWICE = RetryRule(2)
SOME = RetryRule(4)
MANY = RetryRule(6)
UNBOUNDED = RetryRule(1_000_000)
"""Bounded by the deadline and the budget alone."""

POLICY: dict[FailureKind, tuple[RetryRule, RetryRule, RetryRule]] = {
    #                      READ       DELETE     WRITE
    FailureKind.UNSENT: (SOME, SOME, SOME),
    FailureKind.UNTRUSTED: (NEVER, NEVER, NEVER),
    FailureKind.LOST: (SOME, SOME, NEVER),
    FailureKind.BUSY: (MANY, MANY, NEVER),
    FailureKind.UNAVAILABLE: (MANY, MANY, RetryRule(MANY.retries, only_if_asked=True)),
    FailureKind.BROKEN: (TWICE, NEVER, NEVER),
    FailureKind.GATEWAY: (ONCE, NEVER, NEVER),
    FailureKind.THROTTLED: (UNBOUNDED, UNBOUNDED, UNBOUNDED),
    FailureKind.GARBLED: (TWICE, NEVER, NEVER),
    FailureKind.TOO_LARGE: (NEVER, NEVER, NEVER),
    FailureKind.FINAL: (NEVER, NEVER, NEVER),
}

_BY_STATUS = {
    408: FailureKind.BUSY,
    425: FailureKind.BUSY,
    429: FailureKind.THROTTLED,
    500: FailureKind.BROKEN,
    502: FailureKind.BUSY,
    503: FailureKind.UNAVAILABLE,
    504: FailureKind.GATEWAY,
}
_VERBS = {
    "GET": IdempotencyClass.READ,
    "HEAD": IdempotencyClass.READ,
    "OPTIONS": IdempotencyClass.READ,
    "DELETE": IdempotencyClass.DELETE,
}


def failure_kind_of(status: int) -> FailureKind:
    """The condition that an answer which is no success stands for."""
    return _BY_STATUS.get(status, FailureKind.FINAL)


def idempotency_of(method: str, retry: str) -> IdempotencyClass:
    """How a call counts; `retry="always"` says that doing it twice does no harm."""
    return IdempotencyClass.READ if retry == "always" else _VERBS.get(method, IdempotencyClass.WRITE)


def retry_rule(
    condition: FailureKind, verb: IdempotencyClass, path: str, *, earlier: int, asked: bool
) -> bool:
    """Whether the policy lets a call be tried again.

    `earlier`: how often this call was already tried again after the same condition;
    `asked`: whether the answer carried a Retry-After.
    """
    rule = POLICY[condition][verb.value]
    if condition is FailureKind.GATEWAY and _is_report(path):
        return False  # the gateway cut it after a minute, and would again
    return earlier < rule.retries and (asked or not rule.only_if_asked)


def _is_report(path: str) -> bool:
    return path.lower().lstrip("/").split("/", 1)[0] == "report"


class RetryBudget:
    """How many repeats a client can afford, shared by all its calls: a total outage stops them soon."""

    CAPACITY = 500
    RETRY = 14
    THROTTLED = 5

    def __init__(self) -> None:
        self._left = self.CAPACITY

    def take(self, cost: int) -> bool:
        """Pay for a repeat; False if there is not enough left."""
        if cost > self._left:
            return False
        self._left -= cost
        return True

    def give_back(self, amount: int) -> None:
        """What a call that came through returns: its last repeat's cost, or 1 without any."""
        self._left = min(self.CAPACITY, self._left + amount)


# An attempt that was no success, as a value: raising is the caller's business.
#
# An exception that travels through frames which hold a token shows it in every traceback with
# locals. So the frames that hold one return this, and the error is raised where none is in sight.


class Failure(NamedTuple):
    """What went wrong, and how it counts for the retry policy."""

    condition: FailureKind
    error: HaloError
    """Ready to be raised, its cause set and free of secrets."""
    outcome: str
    """In a few words, for the history."""
    asked: float | None = None
    """Seconds that a Retry-After asked for."""
