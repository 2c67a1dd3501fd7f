from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async.records.record import Record, absent, field_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime as DateTime

    from .order_line import OrderLine


class Order(Record):
    """An order."""

    id: int = absent
    self_: str | None = field_named("self")
    _novalidate: bool | None = None
    summary: str | None = None
    total: float | None = None
    tags: Sequence[str] | None = None
    extra: Any = None
    api_token: str | None = None
    datetime: DateTime | None = None
    created: DateTime = absent
    holidays: Sequence[DateTime] | None = None
    first_line: OrderLine | None = None
    lines: Sequence[OrderLine] | None = None
    grid: Sequence[Sequence[OrderLine]] | None = None
    by_code: Mapping[str, OrderLine] | None = None
    main_line: OrderLine = field_named("3rd_line")
    shipped: DateTime | None = field_named("shipped-at")
