"""Since when each part of a document exists, and until when: the extension ``x-halo-releases``.

At a document it lists the releases behind it, oldest to newest. At an operation or a schema it has ``since`` where
that is not the oldest release, ``until``, the last release with it, where that is not the newest, and ``added`` and
``removed``: the same for its parameters or fields, the release with their names. ``was`` has what releases say
otherwise, as merge patches.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from halo_generator.traversal import Json

KEY = "x-halo-releases"


@attrs.frozen
class Lifetime:
    """The first release that has a part, and the last; empty for the oldest and the newest."""

    since: str = ""
    until: str = ""

    def __str__(self) -> str:
        """Return it in words for a reader: ``since 2025-03``, ``2025-03 only``, or an empty string."""
        if self.since and self.since == self.until:
            return f"{self.since} only"
        parts = [f"since {self.since}"] * bool(self.since) + [f"until {self.until}"] * bool(self.until)
        return ", ".join(parts)


ALWAYS = Lifetime()


def lifetime(present: Sequence[str], releases: Sequence[str]) -> Lifetime:
    """Return the lifetime of a part by the releases that have it."""
    since, until = present[0], present[-1]
    return Lifetime(since if since != releases[0] else "", until if until != releases[-1] else "")


def members(whole: Lifetime, parts: Mapping[str, Lifetime]) -> Json:
    """Return the extension of an operation or schema: its lifetime, and that of its parts where it differs."""
    found: Json = {key: value for key, value in attrs.asdict(whole).items() if value}
    added, removed = defaultdict(list), defaultdict(list)
    for name, part in sorted(parts.items()):
        if part.since and part.since != whole.since:
            added[part.since].append(name)
        if part.until and part.until != whole.until:
            removed[part.until].append(name)
    found |= {"added": dict(sorted(added.items()))} if added else {}
    return found | ({"removed": dict(sorted(removed.items()))} if removed else {})


def of(holder: Json) -> Lifetime:
    """Return the lifetime of an operation or schema of a document."""
    told = _read_history(holder)
    return Lifetime(_check_release(told.get("since")), _check_release(told.get("until")))


def of_members(holder: Json) -> dict[str, Lifetime]:
    """Return the lifetimes of the parameters or fields that differ from that of their operation or schema."""
    told = _read_history(holder)
    since = {name: release for release, names in _iterate_lists(told.get("added")) for name in names}
    until = {name: release for release, names in _iterate_lists(told.get("removed")) for name in names}
    return {
        name: Lifetime(since.get(name, ""), until.get(name, ""))
        for name in sorted(since.keys() | until.keys())
    }


def rename(holder: Json, was: str, now: str) -> None:
    """Note the lifetime of a parameter under its new name."""
    if KEY not in holder:
        return
    told = holder[KEY] = valid(holder[KEY]) or {}
    for key in ("added", "removed"):
        for names in told.get(key, {}).values():
            names[:] = sorted(now if name == was else name for name in names)


def valid(told: Any) -> Json | None:
    """Return the extension of an operation or schema as far as it has the form that it should have."""
    holder = {KEY: told}
    own, parts = of(holder), of_members(holder)
    found = members(own, parts)
    if isinstance(told, dict) and isinstance(told.get("was"), dict):
        found["was"] = told["was"]
    return found or None


def _read_history(holder: Json) -> Json:
    told = holder.get(KEY)
    return told if isinstance(told, dict) else {}


def _iterate_lists(told: Any) -> Iterable[tuple[str, list[str]]]:
    for release, names in told.items() if isinstance(told, dict) else ():
        if _check_release(release) and isinstance(names, list):
            yield release, [name for name in names if isinstance(name, str)]


def _check_release(told: Any) -> str:
    return told if isinstance(told, str) and len(told) == 7 and told[:4].isdigit() and told[4] == "-" else ""
