"""What a running export tells whoever watches it."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from attrs import frozen


class State(StrEnum):
    """How far the export of one resource is."""

    WAITING = "waiting"
    RUNNING = "running"
    MAKING = "making"
    """All rows are there, and the file is made of them."""
    DONE = "done"
    INCOMPLETE = "incomplete"
    """The instance gave fewer rows than it said there were."""
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        """Whether nothing more will happen."""
        return self not in (State.WAITING, State.RUNNING, State.MAKING)


@frozen
class Progress:
    """One resource, at one moment. Given after every page and at the end."""

    resource: str
    state: State
    rows: int
    """Written so far."""
    total: int | None
    """What the instance says there is; None before the first page, and where it says nothing."""
    requests: int
    bytes: int
    """Received, decompressed."""
    seconds: float
    remaining: int | None
    """Calls that the quota has room for just now; None without a limit."""
    before: int = 0
    """How many of the rows an earlier run had written."""
    parents: int | None = None
    """How many calls a list needs that is asked for by parent; None for the others, and before that is known."""
    parents_before: int = 0
    """How many of its calls an earlier run had made."""
    requests_left: int | None = None
    """About how many requests it still needs for its rows; None before that is known."""
    quota_seconds: float = 0.0
    """Seconds that the quota makes these take, those of the other resources that come in between included."""


OnProgress = Callable[[Progress], None]
