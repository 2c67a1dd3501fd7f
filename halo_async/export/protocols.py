"""Protocols between the export and what is above or beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from halo_async.export.plan import ExportPlan
from halo_async.pagination.split_rows import RowReader
from halo_async.transport.statistics import Statistics
from halo_async.transport.transport import Transport

if TYPE_CHECKING:
    from halo_async.export.ledger import ExportLedger


class ExportClient(Protocol):
    """A client whose lists are exported, such as `halo_async.Halo`: it is above this room."""

    @property
    def transport(self) -> Transport:
        """Sends the requests of the client."""
        ...

    def statistics(self) -> Statistics:
        """Return requests, retries and waits up to now."""
        ...


class PageCommitter(Protocol):
    """Receiver of the rows: a ledger."""

    async def commit(
        self,
        lane: int,
        state: Any,
        rows: Sequence[bytes],
        repeats: int = 0,
        *,
        read_by: RowReader | None = None,
    ) -> None:
        """See `ExportLedger.commit`."""
        ...


@attrs.frozen
class ListResult:
    """Result of a list that was read as a whole by another process."""

    plan: ExportPlan
    asked_at: str
    repeats: int
    warnings: tuple[str, ...]
    tally: tuple[int, bool, int] | None
    """Distinct ids, whether they ascend, and rows with the id of an earlier one, if they were counted."""

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> ListResult:
        """Return the result from plain values."""
        tally = value["tally"]
        return cls(
            ExportPlan.from_json(value["plan"]),
            value["asked_at"],
            value["repeats"],
            tuple(value["warnings"]),
            None if tally is None else (tally[0], tally[1], tally[2]),
        )


class LanesElsewhere(Protocol):
    """Reader of lanes in other processes."""

    def lanes_for(self, most: int) -> int:
        """Return the number of lanes that a list should have; 0 if it makes no difference here.

        :param most: more would have too little in them.
        """
        ...

    async def read(
        self,
        ledger: ExportLedger,
        plan: ExportPlan,
        asked_at: str,
        states: dict[int, Any],
        left: Mapping[int, bytes],
    ) -> int:
        """Read lanes, put their rows into the ledger, and their states into `states`.

        Without any process, those alone are done that other processes completed before.

        :param left: the lanes that are not at their end, each with the ids of its parents, if it has some.
        :returns: the most rows that the list was said to have; 0 if no lane was told.
        :raises OrderLostError: a response was not what was asked for.
        :raises HaloError: a page could not be received, or the other processes are lost.
        :raises OSError: rows could not be written.
        """
        ...

    async def read_list(self, ledger: ExportLedger, plan: ExportPlan, asked_at: str) -> ListResult | None:
        """Read a list whose lanes need each other; None where there is no process that does.

        :raises HaloError: a page could not be received, or the other process is lost.
        :raises OSError: rows could not be written.
        """
        ...
