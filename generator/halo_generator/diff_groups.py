"""Changes by what they mean for a user's code, the most important first, with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from halo_generator.diff_change import Change

GROUPS: Mapping[str, str] = {
    "calls": "Calls that are gone",
    "parts": "Parameters, fields and records that are gone or have another type",
    "responses": "Responses that changed",
    "required": "Now required",
    "new": "New in resources that you use",
    "compatible": "Changed, but nothing breaks",
    "elsewhere": "New elsewhere",
}
"""The groups with their titles, most important first."""


@attrs.frozen
class Usage:
    """Facts about a user's code: how many files were read, and what could not be read.

    ``area``: the resources and the record classes that it uses.
    """

    files: int
    area: frozenset[str]
    unread: Sequence[str] = ()


@attrs.frozen
class DiffReport:
    """The changes to show; ``usage`` is None where no code was looked at.

    ``renamed``: records that have only another name, the old class with the new one. ``ended``: what only earlier
    releases of Halo have, and the old document because it describes several; no change unless code uses it.
    """

    changes: Sequence[Change]
    renamed: Mapping[str, str] = attrs.field(factory=dict)
    usage: Usage | None = None
    ended: Sequence[Change] = ()

    @property
    def breaking(self) -> list[Change]:
        """The changes that break code; where code was looked at, those that break something that it uses."""
        found = [change for change in self.changes if change.breaking]
        return found if self.usage is None else [change for change in found if is_used(change)]

    def group_of(self, change: Change) -> str:
        """Return the name of the group that a change belongs to."""
        return group_of(change, frozenset() if self.usage is None else self.usage.area)

    def grouped(self) -> dict[str, list[Change]]:
        """Return the changes of each group that has any, in order, used ones first."""
        found: dict[str, list[Change]] = {name: [] for name in GROUPS}
        for change in sorted(
            self.changes, key=lambda change: (not is_used(change), -len(change.uses), change)
        ):
            found[self.group_of(change)].append(change)
        return {name: members for name, members in found.items() if members}

    def title(self, name: str) -> str:
        """Return the title of a group."""
        return "New" if name == "elsewhere" and self.usage is None else GROUPS[name]

    def summary(self) -> str:
        """Return the numbers in words."""
        if not self.changes:
            return "no changes"
        breaking = sum(change.breaking for change in self.changes)
        compatible = len(self.changes) - breaking
        whole = counted(len(self.changes), "change")
        if self.usage is None:
            return f"{whole}: {breaking:,} breaking, {compatible:,} compatible"
        used = len(self.breaking)
        return f"{whole}: {used:,} break your code, {breaking - used:,} break other things, {compatible:,} compatible"


def group_of(change: Change, area: frozenset[str] = frozenset()) -> str:
    """Return the name of the group that a change belongs to, for code that uses the resources and records ``area``."""
    part, _, what = change.kind.partition(" ")
    if what == "added" and not change.breaking:
        return "new" if _is_near(change, area) else "elsewhere"
    if part == "operation":
        return "calls"
    if change.breaking and (what in ("required", "added") or (part == "body" and change.was == "none")):
        return "required"
    if part == "response" and (change.breaking or what != "retyped"):
        return "responses"
    if change.breaking:
        return "parts"
    return "new" if what == "values" and not change.was and _is_near(change, area) else "compatible"


def _is_near(change: Change, area: frozenset[str]) -> bool:
    return bool(change.resources & area) or change.python in area or is_used(change)


def has_ended(change: Change) -> bool:
    """Return whether a change is the absence of what an earlier release of Halo was the last to have."""
    return change.kind.endswith(" removed") and bool(change.until)


def is_used(change: Change) -> bool:
    """Return whether a change touches something that is used for certain."""
    return any(use.sure for use in change.uses)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: ``1 change``, ``2 changes``."""
    many = f"{noun.removesuffix('y')}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number:,} {noun if number == 1 else many}"
