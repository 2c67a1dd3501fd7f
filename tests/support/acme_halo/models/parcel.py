from __future__ import annotations

from typing import TYPE_CHECKING

from halo_async.records.record import Record, absent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime as DateTime


class Parcel(Record):
    """A parcel."""

    id: int = absent
    label: str | None = None
    weight: float | None = None
    sent: DateTime | None = None
    inside: Sequence[Parcel] | None = None


class ParcelSummary(Record):
    """A parcel in a list."""

    id: int = absent
    label: str | None = None
