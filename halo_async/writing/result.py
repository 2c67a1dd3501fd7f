"""What came of one row of a bulk write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from attr import field, frozen

from halo_async.records.record import Record

if TYPE_CHECKING:
    from halo_async.errors import HaloError
    from halo_async.transport.prepared_request import PreparedRequest

R = TypeVar("R", bound=Record)
Outcome = Literal["written", "refused", "unknown", "prepared"]


@frozen(eq=False)
class RowResult(Generic[R]):
    """One row and its fate."""

    index: int
    """Which row of the input, from 0."""
    row: Any = field(repr=False)
    """The row as it was given."""
    outcome: Outcome
    """`written`; `refused`: it is certain that nothing of it was written; `unknown`: it may have been, or not;
    `prepared`: a dry run."""
    id: int | str | None = None
    """The id of the record: its own, or the one that Halo gave it; None where none is known."""
    record: R | None = field(default=None, repr=False)
    """Halo's answer for this row; None where it gave none, and for a row written by an earlier run."""
    error: HaloError | None = None
    """Why it was not written, or why that is not known. `error.fields` are those of this row alone."""
    prepared: PreparedRequest | None = field(default=None, repr=False)
    """In a dry run the request that the row would have been part of."""
    repeatable: bool = False
    """Whether the row can be written again without making a duplicate: it has an id, or was refused."""
    earlier: bool = False
    """Whether this is what the journal says of an earlier run; nothing was sent for it in this one."""

    @property
    def ok(self) -> bool:
        """Whether it was written, or would have been."""
        return self.outcome in ("written", "prepared")
