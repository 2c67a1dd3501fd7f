"""Result of one row of a bulk write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

import attrs

from halo_async.records.record import Record

if TYPE_CHECKING:
    from halo_async.errors import HaloError
    from halo_async.transport.prepared_request import PreparedRequest

R = TypeVar("R", bound=Record)
Outcome = Literal["written", "refused", "unknown", "prepared"]


@attrs.frozen(eq=False)
class RowResult(Generic[R]):
    """One row and its outcome."""

    index: int
    """Index of the row in the input, from 0."""
    row: Any = attrs.field(repr=False)
    """Row as it was passed."""
    outcome: Outcome
    """`written`; `refused`: it was certainly not written; `unknown`: it may or may not have been written;
    `prepared`: a dry run."""
    id: int | str | None = None
    """Id of the record: its own, or the one assigned by Halo; None if unknown, also of rows that were written."""
    record: R | None = attrs.field(default=None, repr=False)
    """Record in Halo's response for this row; None without one, and for a row written by an earlier run."""
    error: HaloError | None = None
    """Reason why it was not written, or why that is unknown. `error.fields` are those of this row alone."""
    prepared: PreparedRequest | None = attrs.field(default=None, repr=False)
    """In a dry run, the request that would have contained the row."""
    repeatable: bool = False
    """True if the row can be written again without creating a duplicate: it has an id, or was refused."""
    earlier: bool = False
    """True if this is the journal's result of an earlier run; nothing was sent for it in this one."""
    possible_ids: tuple[int | str, ...] = ()
    """If `id` is None, the ids in the response of which one may be its own. Of a row that was written, one is: the
    response did not tell these rows apart, so look at the records."""

    @property
    def ok(self) -> bool:
        """True if it was written, or would have been."""
        return self.outcome in ("written", "prepared")
