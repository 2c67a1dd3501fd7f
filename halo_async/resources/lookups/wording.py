"""Messages for unknown and ambiguous names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async._utils.names import closest_names, did_you_mean
from halo_async.errors import AmbiguousNameError, UnknownNameError
from halo_async.records.repr import shorten
from halo_async.resources.lookups.candidates import LookupCandidate
from halo_async.resources.lookups.kinds import LookupKind

LISTED = 20
"""Maximum number of names in a message."""
NEAR = 5
INACTIVE = "The list leaves out inactive rows. Pass include_inactive=True to include them."


def unknown(
    kind: LookupKind,
    name: str,
    known: Sequence[LookupCandidate],
    filters: Mapping[str, Any],
    *,
    inactive_left_out: bool = False,
) -> UnknownNameError:
    """For a name that nothing has: the nearest names, or all where they are few, and how many there are.

    :param inactive_left_out: the list has switches for inactive rows that were not used.
    """
    names = [each for candidate in known for each in candidate.names[:1]]
    if not names:
        given = ", ".join(f"{each}={shorten(value)}" for each, value in sorted(filters.items()))
        left = f" with {given}" if given else ""
        hint = f" {INACTIVE}" if inactive_left_out else ""
        return UnknownNameError(f"No {kind.name} is called {shorten(name)}. The list{left} is empty.{hint}")
    few = len(names) <= LISTED
    listed = (
        names if few else closest_names(name, [each for candidate in known for each in candidate.names], NEAR)
    )
    told = (
        f" {'They are' if few else 'The closest names are'} {', '.join(map(repr, listed))}." if listed else ""
    )
    said = f"No {kind.name} of {len(names)} is called {shorten(name)}{did_you_mean(name, names) or '.'}{told}"
    if inactive_left_out:
        said += f" {INACTIVE}"
    return UnknownNameError(said)


def ambiguous(kind: LookupKind, name: str, found: Sequence[LookupCandidate]) -> AmbiguousNameError:
    """Return the error for a name that matches several."""
    shown = "; ".join(map(_format_candidate, found[:LISTED]))
    more = f"; and {len(found) - LISTED} more" if len(found) > LISTED else ""
    return AmbiguousNameError(
        f"{len(found)} of kind {kind.name} are called {shorten(name)}: {shown}{more}. "
        "Give the id, or a filter of the list that leaves one."
    )


def _format_candidate(candidate: LookupCandidate) -> str:
    traits = "".join(f", {name} {value!r}" for name, value in candidate.traits)
    called = f" {candidate.names[0]!r}" if candidate.names else ""
    return f"id {candidate.id}{called}{traits}"
