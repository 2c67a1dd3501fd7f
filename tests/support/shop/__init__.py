"""A record package as a user would generate one: the tests' own models."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .order import Order as Order
    from .order_line import OrderLine as OrderLine
    from .rush_order import RushOrder as RushOrder

TABLE = {"Order": "order", "OrderLine": "order_line", "RushOrder": "rush_order"}
__getattr__, __dir__ = attach(__name__, TABLE)
