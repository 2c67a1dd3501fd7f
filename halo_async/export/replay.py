"""State of an export, restored from its journal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import attrs

from halo_async.export.journal import Entry, ExportJournal
from halo_async.export.plan import ExportPlan
from halo_async.export.spool import checksum


@attrs.define
class PastExport:
    """State of one resource."""

    plan: ExportPlan | None = None
    lanes: dict[int, Any] = attrs.field(factory=dict)
    """Last state of each lane, in the format of the mode."""
    offset: int = 0
    """Valid length of the file."""
    rows: int = 0
    repeats: int = 0
    counts: list[int] = attrs.field(factory=lambda: [0, 0, 0, 0])
    asked_at: str | None = None
    """Time of its first request."""
    fetched: bool = False
    """All rows are in the spool."""
    done: dict[str, Any] | None = None
    """Its report, once complete."""
    broken: bool = False
    aside: list[int | str | float] = attrs.field(factory=list)
    """Ids of rows that were shown when they could not be written yet."""
    older: int = 0
    """Rows at the beginning of the file that readings before this one had."""

    def as_entry(self) -> Entry:
        """Return the state as one entry, which replaces the earlier ones; it holds, whatever broke them."""
        plan = None if self.plan is None else self.plan.as_json()
        lanes = [[lane, state] for lane, state in self.lanes.items()]
        return {**attrs.asdict(self, recurse=False), "plan": plan, "lanes": lanes, "broken": False}

    @classmethod
    def from_entry(cls, entry: Entry) -> PastExport:
        """Return the state from such an entry."""
        plan = None if entry["plan"] is None else ExportPlan.from_json(entry["plan"])
        return cls(**{**entry, "plan": plan, "lanes": dict(entry["lanes"])})

    def add(self, entry: Entry) -> None:
        """Apply one more entry of this resource."""
        if "plan" in entry:
            self.plan = ExportPlan.from_json(entry["plan"])
            self.lanes, self.offset = {}, 0
            self.older = entry.get("older", 0)
            self.asked_at = entry["at"]
        if "again" in entry:
            self.plan, self.lanes, self.offset, self.rows, self.repeats = None, {}, 0, 0, 0
            self.fetched, self.aside, self.older = False, [], 0
        if "lane" in entry:
            self.lanes[entry["lane"]] = entry["state"]
        self.lanes.update((lane, state) for lane, state in entry.get("lanes", ()))
        if "end" in entry:
            self.offset, self.rows, self.repeats = entry["end"], entry["rows"], entry["repeats"]
        self.aside += entry.get("aside", ())
        self.counts = entry.get("counts", self.counts)
        self.fetched = entry.get("fetched", self.fetched)
        self.done = entry.get("done", self.done)


def replay(journal: ExportJournal, spools: dict[str, Path]) -> dict[str, PastExport]:
    """Return the completed work, by resource.

    Entries after the last `sync` are checked against the files: those of a resource are valid up to the
    first whose bytes do not match.
    """
    sure = max((entry["sync"] for entry in journal.entries() if "sync" in entry), default=0)
    past: dict[str, PastExport] = {}
    for number, entry in enumerate(journal.entries()):
        name = entry.get("resource")
        if name is None:
            continue
        if "past" in entry:
            past[name] = PastExport.from_entry(entry["past"])
            continue
        state = past.setdefault(name, PastExport())
        if number >= sure and not state.broken:
            state.broken = not _fits_spool(entry, state, spools[name])
        if not state.broken:
            state.add(entry)
    return past


def _fits_spool(entry: Entry, state: PastExport, spool: Path) -> bool:
    if "end" not in entry:
        return True
    start = entry.get("start", 0) if "plan" in entry else state.offset
    return checksum(spool, start, int(entry["end"])) == int(entry["crc"])
