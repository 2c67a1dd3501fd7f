"""What is tried again: the policy as a table, and the budget that keeps an outage cheap."""

from __future__ import annotations

from enum import Enum, auto
from typing import NamedTuple


class Condition(Enum):
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


class Verb(Enum):
    """How harmful doing it twice would be."""

    READ = 0
    DELETE = 1
    WRITE = 2


class Rule(NamedTuple):
    """How often one condition is tried again within one call."""

    retries: int
    only_if_asked: bool = False
    """Only when the answer carries a Retry-After."""


NEVER = Rule(0)
ONCE = Rule(1)
TWICE = Rule(2)
SOME = Rule(4)
MANY = Rule(6)
UNBOUNDED = Rule(1_000_000)
"""Bounded by the deadline and the budget alone."""

POLICY: dict[Condition, tuple[Rule, Rule, Rule]] = {
    #                      READ       DELETE     WRITE
    Condition.UNSENT: (SOME, SOME, SOME),
    Condition.UNTRUSTED: (NEVER, NEVER, NEVER),
    Condition.LOST: (SOME, SOME, NEVER),
    Condition.BUSY: (MANY, MANY, NEVER),
    Condition.UNAVAILABLE: (MANY, MANY, Rule(MANY.retries, only_if_asked=True)),
    Condition.BROKEN: (TWICE, NEVER, NEVER),
    Condition.GATEWAY: (ONCE, NEVER, NEVER),
    Condition.THROTTLED: (UNBOUNDED, UNBOUNDED, UNBOUNDED),
    Condition.GARBLED: (TWICE, NEVER, NEVER),
    Condition.TOO_LARGE: (NEVER, NEVER, NEVER),
    Condition.FINAL: (NEVER, NEVER, NEVER),
}

_BY_STATUS = {
    408: Condition.BUSY,
    425: Condition.BUSY,
    429: Condition.THROTTLED,
    500: Condition.BROKEN,
    502: Condition.BUSY,
    503: Condition.UNAVAILABLE,
    504: Condition.GATEWAY,
}
_VERBS = {"GET": Verb.READ, "HEAD": Verb.READ, "OPTIONS": Verb.READ, "DELETE": Verb.DELETE}


def condition_of(status: int) -> Condition:
    """The condition that an answer which is no success stands for."""
    return _BY_STATUS.get(status, Condition.FINAL)


def verb_of(method: str, retry: str) -> Verb:
    """How a call counts; `retry="always"` says that doing it twice does no harm."""
    return Verb.READ if retry == "always" else _VERBS.get(method, Verb.WRITE)


def allowed(condition: Condition, verb: Verb, path: str, *, earlier: int, asked: bool) -> bool:
    """Whether the policy lets a call be tried again.

    `earlier`: how often this call was already tried again after the same condition;
    `asked`: whether the answer carried a Retry-After.
    """
    rule = POLICY[condition][verb.value]
    if condition is Condition.GATEWAY and _is_report(path):
        return False  # the gateway cut it after a minute, and would again
    return earlier < rule.retries and (asked or not rule.only_if_asked)


def _is_report(path: str) -> bool:
    return path.lower().lstrip("/").split("/", 1)[0] == "report"


class Budget:
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
