"""Record of a lane: how far one attempt came, and in which parts its rows are.

It is written after its parts, whole or not at all, and checks itself. One that is complete commits the lane; from any
other, another attempt goes on.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Any

import attrs

SUFFIX = ".json"
ASIDE = "aside"
"""Name of the ids of rows that were shown and are in no part."""


@attrs.frozen
class LanePart:
    """One file of rows."""

    name: str
    """Relative to the folder of the lane."""
    size: int
    crc: int
    rows: int


@attrs.frozen
class LaneRecord:
    """State of one lane."""

    state: Any = None
    """State of the lane after the rows of the parts, in the format of its mode."""
    complete: bool = False
    parts: tuple[LanePart, ...] = ()
    rows: int = 0
    """Number of rows in the parts."""
    repeats: int = 0
    counts: tuple[int, ...] = (0, 0, 0, 0)
    """Requests, retries, responses with 429, and bytes."""
    total: int = 0
    """The most rows that the whole list was said to have."""
    extra: dict[str, Any] = attrs.field(factory=dict)
    """Results of a list that is read as a whole, and rows that have to come with others."""

    def as_bytes(self) -> bytes:
        """Return the record with its checksum."""
        body = json.dumps(attrs.asdict(self), separators=(",", ":"))
        return json.dumps({"crc": zlib.crc32(body.encode()), "record": body}).encode()

    @classmethod
    def parse(cls, data: bytes) -> LaneRecord | None:
        """Return the record; None if it is damaged.

        :param data: what `as_bytes` returned.
        """
        try:
            outer = json.loads(data)
            body = outer["record"]
            if zlib.crc32(body.encode()) != outer["crc"]:
                return None
            value = json.loads(body)
            parts = tuple(LanePart(**part) for part in value.pop("parts"))
            found = cls(**{**value, "parts": parts, "counts": tuple(value["counts"])})
        except (ValueError, KeyError, TypeError):
            return None
        return found if sum(part.rows for part in parts) == found.rows else None


def furthest(records: Iterable[LaneRecord | None]) -> LaneRecord | None:
    """Return the record that came furthest, a complete one before all others."""
    found = [record for record in records if record is not None]
    return max(found, key=lambda record: (record.complete, record.rows, sum(record.counts)), default=None)


def by_lane(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the names of records by the folder of their lane."""
    found: dict[str, list[str]] = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        if file.endswith(SUFFIX):
            found.setdefault(folder, []).append(name)
    return found
