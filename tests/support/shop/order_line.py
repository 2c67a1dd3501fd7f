from __future__ import annotations

from typing import TYPE_CHECKING

from halo_async.records.record import Record, absent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime as DateTime

    from .order import Order


class OrderLine(Record):
    """A line of an order, which knows its order."""

    id: int = absent
    note: str | None = None
    due: DateTime | None = None
    order: Order | None = None
    parts: Sequence[OrderLine] | None = None
