"""Retry policy as a table, and the retry budget that limits the load during an outage."""

from __future__ import annotations

from enum import Enum, auto

import msgspec

from halo_async.errors import HaloError


class FailureKind(Enum):
    """Outcome of an attempt, as far as retrying is concerned."""

    NOT_SENT = auto()
    """Name resolution or connection failed: the server received nothing."""
    UNTRUSTED = auto()
    """The certificate is not valid."""
    NO_RESPONSE = auto()
    """Sent, but no complete response was received."""
    BUSY = auto()
    """408, 425, 502."""
    UNAVAILABLE = auto()
    """503."""
    SERVER_ERROR = auto()
    """500: Halo takes about 7 s to return it each time."""
    GATEWAY = auto()
    """504: the gateway timed out after about 60 s."""
    THROTTLED = auto()
    """429: rejected before anything was executed."""
    UNDECODABLE = auto()
    """2xx, but truncated, undecodable or of the wrong type."""
    TOO_LARGE = auto()
    """Larger than the client is willing to hold."""
    FINAL = auto()
    """Any other response: a retry would return the same."""


class IdempotencyClass(Enum):
    """Idempotency of a request."""

    READ = 0
    DELETE = 1
    WRITE = 2


class RetryRule(msgspec.Struct, frozen=True):
    """Maximum retries of one condition within one call."""

    retries: int
    only_if_asked: bool = False
    """Only if the response has a Retry-After."""


NEVER = RetryRule(0)
ONCE = RetryRule(1)
TWICE = RetryRule(2)
FOUR_TIMES = RetryRule(4)
SIX_TIMES = RetryRule(6)
UNBOUNDED = RetryRule(1_000_000)
"""Limited only by the deadline and the budget."""

POLICY: dict[FailureKind, tuple[RetryRule, RetryRule, RetryRule]] = {
    #                      READ       DELETE     WRITE
    FailureKind.NOT_SENT: (FOUR_TIMES, FOUR_TIMES, FOUR_TIMES),
    FailureKind.UNTRUSTED: (NEVER, NEVER, NEVER),
    FailureKind.NO_RESPONSE: (FOUR_TIMES, FOUR_TIMES, NEVER),
    FailureKind.BUSY: (SIX_TIMES, SIX_TIMES, NEVER),
    FailureKind.UNAVAILABLE: (SIX_TIMES, SIX_TIMES, RetryRule(SIX_TIMES.retries, only_if_asked=True)),
    FailureKind.SERVER_ERROR: (TWICE, NEVER, NEVER),
    FailureKind.GATEWAY: (ONCE, NEVER, NEVER),
    FailureKind.THROTTLED: (UNBOUNDED, UNBOUNDED, UNBOUNDED),
    FailureKind.UNDECODABLE: (TWICE, NEVER, NEVER),
    FailureKind.TOO_LARGE: (NEVER, NEVER, NEVER),
    FailureKind.FINAL: (NEVER, NEVER, NEVER),
}

_BY_STATUS = {
    408: FailureKind.BUSY,
    425: FailureKind.BUSY,
    429: FailureKind.THROTTLED,
    500: FailureKind.SERVER_ERROR,
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
    """Return the condition for the status of an error response."""
    return _BY_STATUS.get(status, FailureKind.FINAL)


def idempotency_of(method: str, retry: str) -> IdempotencyClass:
    """Return the idempotency of a request; `retry="always"` declares that repeating it is harmless."""
    return IdempotencyClass.READ if retry == "always" else _VERBS.get(method, IdempotencyClass.WRITE)


def retry_rule(
    condition: FailureKind, verb: IdempotencyClass, path: str, *, earlier: int, asked: bool
) -> bool:
    """Return whether the policy allows a retry.

    `earlier`: number of earlier retries of this call after the same condition;
    `asked`: whether the response had a Retry-After.
    """
    rule = POLICY[condition][verb.value]
    if condition is FailureKind.GATEWAY and _is_report(path):
        return False  # the gateway timed out after a minute, and would again
    return earlier < rule.retries and (asked or not rule.only_if_asked)


def _is_report(path: str) -> bool:
    return path.lower().lstrip("/").split("/", 1)[0] == "report"


class RetryBudget:
    """Retry budget shared by all calls of a client: a total outage exhausts it quickly."""

    CAPACITY = 500
    RETRY = 14
    THROTTLED = 5

    def __init__(self) -> None:
        self._left = self.CAPACITY

    def take(self, cost: int) -> bool:
        """Pay for a retry; return False if the budget is exhausted."""
        if cost > self._left:
            return False
        self._left -= cost
        return True

    def give_back(self, amount: int) -> None:
        """Refund after a success: the cost of its last retry, or 1 without any."""
        self._left = min(self.CAPACITY, self._left + amount)


# A failed attempt, as a value: raising is the caller's business.
#
# An exception that travels through frames which hold a token shows it in every traceback with
# locals. So the frames that hold one return this, and the error is raised where none is in sight.


class Failure(msgspec.Struct, frozen=True, eq=False):
    """Failed attempt: the error, and its category for the retry policy."""

    condition: FailureKind
    error: HaloError
    """Ready to be raised, with its cause set and free of secrets."""
    outcome: str
    """Short description for the history."""
    asked: float | None = None
    """Seconds requested by Retry-After."""
