"""Way to read a list: decided once from its first responses, and stored in the journal."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import attrs

SORTED = "order=id honoured"
"""Name of the condition that a list is in the order of its ids, and in the opposite one, if asked for it."""

AT_THE_END = "ids enter only at the end"
"""Name of the condition that no row comes back, or in, among those that are not the newest."""


class ExportMode(StrEnum):
    """Degree of certainty that the rows are all that existed throughout."""

    SINGLE = "single-response"
    """One response contains all rows."""
    KEYSET = "keyset"
    """Repeated page 1 of `id > last`: exact despite concurrent changes."""
    DESCENDING = "descending"
    """Pages by id, read backwards: exact if new ids are added at the end and none reappear."""
    UPWARD = "best-effort"
    """Pages in their order: rows that move during the export can be missed."""
    CHILDREN = "by-parent"
    """One request per parent."""


@attrs.frozen
class ExportCondition:
    """A precondition of a mode, and what was observed of it."""

    name: str
    holds: bool


@attrs.frozen
class ExportLane:
    """A part of the list that is read separately."""

    low: int | None = None
    """Keyset: rows with ids above this one; None: from the beginning."""
    high: int | None = None
    """Keyset: up to this one."""
    top: int = 0
    """Descending: the page at which it begins."""


@attrs.frozen
class ExportPlan:
    """The chosen mode, and the reason."""

    mode: ExportMode
    lanes: tuple[ExportLane, ...] = ()
    conditions: tuple[ExportCondition, ...] = ()
    total: int | None = None
    """`record_count` of the first page."""
    length: int = 0
    """Rows in a full page."""
    newest: int | None = None
    """The greatest id when the export began, if the list supports sorting."""
    parents: int = 0
    """Number of parents to request."""
    changed: bool = False
    """True if these are only the parents that changed since the last run."""
    twice: bool = False
    """True if two responses have to agree on the rows of each parent, although all are counted."""

    def holds(self, name: str) -> bool:
        """Return whether a condition was seen to hold, and was not lost."""
        return ExportCondition(name, True) in self.conditions

    def least(self, longest: int = 0) -> int:
        """Minimum number of requests for as many rows.

        :param longest: rows of the longest page, which can be longer than the first one.
        """
        if self.mode is ExportMode.CHILDREN:
            return self.parents
        if not self.total or not self.length:
            return 1
        return -(-self.total // max(self.length, longest))

    def left(self, rows: int, requests: int) -> int | None:
        """About how many requests are still needed when so many rows are there; None where nothing is counted.

        :param requests: those made so far.
        """
        if self.mode is ExportMode.CHILDREN:
            return max(0, self.parents - requests)
        if self.total is None or not self.length:
            return None
        return max(0, -(-(self.total - rows) // self.length))

    def as_json(self) -> dict[str, Any]:
        """Return plain values for the journal."""
        return attrs.asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ExportPlan:
        """Return the plan from the journal's values."""
        return cls(
            mode=ExportMode(value["mode"]),
            lanes=tuple(ExportLane(**lane) for lane in value["lanes"]),
            conditions=tuple(ExportCondition(**condition) for condition in value["conditions"]),
            total=value["total"],
            length=value["length"],
            newest=value["newest"],
            parents=value["parents"],
            changed=value.get("changed", False),
            twice=value.get("twice", False),
        )


class OrderLostError(Exception):
    """A response violates a condition of the plan, named in the message. Another mode is tried."""
