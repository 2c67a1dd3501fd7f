"""Progress of a running export."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import attrs


class State(StrEnum):
    """State of one resource's export."""

    WAITING = "waiting"
    RUNNING = "running"
    MAKING = "making"
    """All rows are received, and the file is being made."""
    DONE = "done"
    INCOMPLETE = "incomplete"
    """The instance returned fewer rows than it counted."""
    FAILED = "failed"
    INTERRUPTED = "interrupted"

    @property
    def over(self) -> bool:
        """True if the resource has ended."""
        return self not in (State.WAITING, State.RUNNING, State.MAKING)


@attrs.frozen
class Progress:
    """Progress of one resource, reported after every page and at the end."""

    resource: str
    state: State
    rows: int
    """Written so far."""
    total: int | None
    """Number of rows according to the instance; None before the first page, or if not given."""
    requests: int
    bytes: int
    """Received, decompressed."""
    seconds: float
    remaining: int | None
    """Requests left in the current quota; None without a limit."""
    before: int = 0
    """Number of the rows written by an earlier run."""
    parents: int | None = None
    """Number of requests for a list read per parent; None for the others, and until it is known."""
    parents_before: int = 0
    """Number of its requests sent by an earlier run."""
    requests_left: int | None = None
    """About how many requests it still needs for its rows; None before that is known."""
    quota_seconds: float = 0.0
    """Seconds that the quota makes these take, those of the other resources that come in between included."""


OnProgress = Callable[[Progress], None]
