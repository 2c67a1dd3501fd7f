from __future__ import annotations

from halo_async.records.record import absent

from .order import Order


class RushOrder(Order):
    """A user's own subclass of a record."""

    courier: str | None = None
    fee: int = absent
