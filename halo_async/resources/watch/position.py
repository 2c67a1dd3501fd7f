"""Position of a watch: from which moment on it asks, and what it told of that time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from halo_async.resources.watch.versions import ToldVersions


@attrs.define
class WatchPosition:
    """Progress of a watch. Times are those of the instance, in seconds since 1970."""

    floor: float
    """Time before which nothing is asked for: the beginning of the watch."""
    at: float | None = None
    """Beginning of the last complete look; None before the first."""
    highest: int | None = None
    """Greatest id that there was before; a row with a greater one is new. None if it cannot be told."""
    caught_up: bool = False
    """False while rows may have been created before the watch began, or changed before."""
    told: ToldVersions = attrs.field(factory=ToldVersions)
    newest: int = 0
    """Greatest id told by the last look: the next value of `highest`, unless rows below it are yet to come."""

    def since(self, overlap: float) -> float:
        """Return the moment to ask from: clocks of the instance differ, and a change may show late."""
        return self.floor if self.at is None else max(self.floor, self.at - overlap)

    def go_back(self, at: float, overlap: float) -> None:
        """Ask from an earlier moment on, since the clock of the instance went back."""
        self.at = at
        self.floor = min(self.floor, at - overlap)

    def end_look(self, began: float, newest: int) -> None:
        """Move to the beginning of a complete look, of which everything was told."""
        self.at = began
        self.caught_up = True
        if self.highest is not None:
            self.highest = max(self.highest, self.newest)
        self.newest = max(self.newest, newest)

    def entry(self) -> dict[str, Any]:
        """Return the position as JSON, without the versions."""
        return attrs.asdict(self, filter=lambda field, _: field.name != "told")

    @classmethod
    def of(cls, entry: Mapping[str, Any], told: Mapping[str, str]) -> WatchPosition:
        """Return the position of an entry and the versions told."""
        names = {field.name for field in attrs.fields(cls)} - {"told"}
        return cls(**{name: entry[name] for name in names & entry.keys()}, told=ToldVersions(told))
