"""One change of a row."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

import attrs

R = TypeVar("R")
ChangeKind = Literal["created", "updated"]


@attrs.frozen
class RowChange(Generic[R]):
    """A row that was created or updated, as it is now."""

    resource: str
    """Name of the list, such as `tickets`."""
    id: int | str | None
    """Id of the row; None if it has none."""
    kind: ChangeKind | None
    """`created` or `updated`; None where that cannot be known, such as for changes from before the watch began."""
    changed_at: datetime | None
    """Time of the change in UTC, where the rows of the list have it; else None."""
    row: R = attrs.field(repr=False)
    """The row, such as a `models.TicketSummary`."""


@attrs.frozen
class PendingChange:
    """A change to be told, with what marks it as handled."""

    key: str
    version: str
    change: RowChange[Any]
