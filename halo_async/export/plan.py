"""How a list is to be read: decided once by its first answers, and kept in the journal."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from attrs import asdict, frozen


class ExportMode(StrEnum):
    """How far the rows can be trusted to be all that were there throughout."""

    SINGLE = "single-response"
    """One answer held all."""
    KEYSET = "keyset"
    """Page 1 of `id > last`, again and again: exact, whatever happens meanwhile."""
    DESCENDING = "descending"
    """Pages by id, read backwards: exact while new ids come at the end and none come back."""
    UPWARD = "best-effort"
    """Pages in their order: rows that move meanwhile can be missed."""
    CHILDREN = "by-parent"
    """One call a parent."""


@frozen
class ExportCondition:
    """Something that a way of reading depends on, and what was seen of it."""

    name: str
    holds: bool


@frozen
class ExportLane:
    """A part of the list that is read on its own."""

    low: int | None = None
    """Keyset: rows with ids above this one; None: from the beginning."""
    high: int | None = None
    """Keyset: up to this one."""
    top: int = 0
    """Descending: the page it begins with."""


@frozen
class ExportPlan:
    """The way chosen, and why."""

    mode: ExportMode
    lanes: tuple[ExportLane, ...] = ()
    conditions: tuple[ExportCondition, ...] = ()
    total: int | None = None
    """`record_count` of the first page."""
    length: int = 0
    """Rows in a full page."""
    newest: int | None = None
    """The greatest id when the export began, where the list can be sorted."""
    parents: int = 0
    """How many there are to ask for."""

    @property
    def least(self) -> int:
        """The fewest requests that could bring as many rows."""
        if self.mode is ExportMode.CHILDREN:
            return self.parents
        if not self.total or not self.length:
            return 1
        return -(-self.total // self.length)

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
        """Plain values, for the journal."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> ExportPlan:
        """Back from the journal."""
        return cls(
            mode=ExportMode(value["mode"]),
            lanes=tuple(ExportLane(**lane) for lane in value["lanes"]),
            conditions=tuple(ExportCondition(**condition) for condition in value["conditions"]),
            total=value["total"],
            length=value["length"],
            newest=value["newest"],
            parents=value["parents"],
        )


class OrderLostError(Exception):
    """An answer broke what the plan depends on; the message names it. The list is begun anew in another way."""
