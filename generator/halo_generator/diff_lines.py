"""Changes as lines: one for each that a user's code uses, one for many that have the same place otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import attrs

from halo_generator.diff_change import Change, Use
from halo_generator.diff_groups import counted, is_used
from halo_generator.report import printable

FEW = 8
"""Most names in a folded line."""
_PLACES = 5


@attrs.frozen
class Line:
    """A line: what it is about, what became of it, and where a user's code uses it."""

    about: str
    text: str
    uses: tuple[Use, ...] = ()

    def plain(self) -> str:
        """Return it without the places."""
        return f"{self.about}: {self.text}"


def lines_of(changes: Sequence[Change], *, everything: bool = False) -> list[Line]:
    """Return the lines of some changes; ``everything``: a line for each change."""
    if everything:
        return [Line(place(change), told(change), change.uses) for change in changes]
    return [
        *(Line(place(change), told(change), change.uses) for change in changes if is_used(change)),
        *_unsure([change for change in changes if change.uses and not is_used(change)]),
        *_fold_changes([change for change in changes if not change.uses]),
    ]


def _unsure(changes: Sequence[Change]) -> Iterator[Line]:
    """Yield one line for the fields of one name: only that matches, and which record it is of is not known."""
    piles: dict[object, list[Change]] = {}
    for change in changes:
        same = (change.kind, change.also, change.uses) if change.kind.startswith("field ") else change
        piles.setdefault(same, []).append(change)
    for pile in piles.values():
        first = pile[0]
        if len(pile) == 1:
            yield Line(place(first), told(first), first.uses)
        else:
            owners = few([change.python for change in pile])
            what = "gone" if first.kind.endswith("removed") else "another type"
            yield Line(f"{first.also} of {owners}", f"{what}{_when(first)}", first.uses)


def _fold_changes(changes: Sequence[Change]) -> Iterator[Line]:
    piles: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        piles.setdefault(_pile(change), []).append(change)
    for (about, text), pile in sorted(piles.items(), key=lambda item: item[0]):
        if len(pile) == 1:
            yield Line(place(pile[0]), told(pile[0]))
        else:
            names = {_own_name(change) for change in pile}
            listed = sorted(names, key=lambda name: (name.startswith("_"), name))  # what is read most first
            yield Line(about, text.format(few(listed)))


def _pile(change: Change) -> tuple[str, str]:
    """Return what changes have in common that stand in one line."""
    part, _, what = change.kind.partition(" ")
    when = _when(change)
    if part == "operation" and what in ("added", "removed"):
        return change.python.rpartition(".")[0], f"{{}}{when}"
    if part == "record" and what in ("added", "removed"):
        return "records", f"{{}}{when}"
    if what in ("added", "removed") and not (what == "added" and change.breaking):
        return change.python, f"{{}} are {'new' if what == 'added' else 'gone'}{when}"
    if what == "values":
        return change.also, f"{_describe_values(change).replace('{', '{{').replace('}', '}}')} ({{}}){when}"
    return place(change), change.kind


def _own_name(change: Change) -> str:
    part, _, what = change.kind.partition(" ")
    if part == "operation":
        return change.python.rpartition(".")[2]
    return change.python if part == "record" or what == "values" else change.also


def few(names: Sequence[str], most: int = FEW) -> str:
    """Return some names, and how many more there are."""
    if len(names) <= most + 1:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most:,} more"


def place(change: Change) -> str:
    """Return what a change is about as code has it: ``tickets.list(agent_id=)``, ``Ticket.summary``."""
    part = change.kind.partition(" ")[0]
    owner, member = change.python or printable(change.where), change.also or printable(change.name)
    if part == "parameter":
        return f"{owner}({member}=)"
    return f"{owner}.{member}" if part == "field" else owner


def told(change: Change) -> str:
    """Return what became of it."""
    part, _, what = change.kind.partition(" ")
    return printable(f"{_describe_change(change, part, what)}{_when(change)}")


def _describe_change(change: Change, part: str, what: str) -> str:
    if what == "removed":
        return f"gone, was {change.was}" if change.was else "gone"
    if what == "added":
        required = "new and required" if change.breaking else "new"
        return f"{required}: {change.now}" if change.now else required
    if what == "renamed":
        return f"is now {change.now}"
    if what == "required":
        return f"is now {change.now}"
    if what == "values":
        return _describe_values(change)
    subject = {"body": "body ", "response": "status " if what == "status" else ""}.get(part, "")
    lacks = f", without {few(change.lost)}" if change.lost else ""
    return f"{subject}{change.was} -> {change.now}{lacks}"


def _describe_values(change: Change) -> str:
    gone, came = (few(found.split(", "), most=12) for found in (change.was, change.now))
    parts = [f"no longer {gone}"] * bool(gone) + [f"new values {came}"] * bool(came)
    return printable("; ".join(parts))


def _when(change: Change) -> str:
    gone = change.kind.endswith("removed")
    if gone and change.until:
        return f" (until {change.until})"
    if gone and change.since:
        return f" (since {change.since})"
    return f" (since {change.since})" if change.since and change.kind.endswith("added") else ""


def places(uses: Sequence[Use], most: int = _PLACES) -> str:
    """Return the places of uses, certain ones first: ``src/app.py:3, src/app.py:9; may be used: src/x.py:4``."""
    sure = [f"{use.file}:{use.line}" for use in uses if use.sure]
    unsure = [f"{use.file}:{use.line}" for use in uses if not use.sure]
    told = [few(sure, most)] * bool(sure) + [f"may be used: {few(unsure, most)}"] * bool(unsure)
    return "; ".join(told)


def numbers(changes: Sequence[Change]) -> str:
    """Return how many of each kind there are: ``3 operations, 12 fields``."""
    kinds = Counter(change.kind.partition(" ")[0] for change in changes)
    order = ("operation", "parameter", "field", "record", "response", "body")
    return ", ".join(counted(kinds[kind], kind) for kind in order if kind in kinds)
