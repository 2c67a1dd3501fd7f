"""Reading of a list that is requested by the ids of its parents: of all of them, or of those that changed."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import attrs

from halo_async._utils.threads import fold_in_thread, run_in_thread
from halo_async.errors import IncompleteError
from halo_async.export import children
from halo_async.export.changed_parents import ChangedParents, LastRun
from halo_async.export.children import Child
from halo_async.export.fetch import PageFetcher
from halo_async.export.ledger import ExportLedger
from halo_async.export.older_rows import Identify
from halo_async.export.own_rows import OwnRows, StrayRowError, called, none_of_others, without_others
from halo_async.export.plan import ExportMode, ExportPlan
from halo_async.export.protocols import LanesElsewhere
from halo_async.export.replay import PastExport
from halo_async.export.seen_ids import IdCounts, SeenIds
from halo_async.export.shown_rows import RowKey

PARENTS_A_LANE = 8
"""Minimum parents per lane, if there are more lanes than requests in flight."""
READINGS = 3
"""Readings of the rows of changed parents, at most, before those of all are read."""


class ChildrenReader:
    """Reader of the rows of parents, with the plan and the warnings of any reading."""

    def __init__(
        self,
        fetcher: PageFetcher,
        past: PastExport,
        *,
        concurrency: int,
        exact: bool,
        elsewhere: LanesElsewhere | None = None,
    ) -> None:
        """`concurrency`: requests in flight; fewer if there are few pages, unless `exact`.

        `elsewhere`: reads lanes before this process reads the rest.
        """
        self.plan = past.plan
        self.asked_at = past.asked_at
        self.warnings: list[str] = []
        self.tally: SeenIds | IdCounts | None = None
        """The counts, if ids are not known to be unique."""
        self.is_confirmed = False
        """True if the instance counts as many rows as the rows of the changed parents lead to."""
        self.unexplained = ""
        """The reason why asking for the changed parents was not enough."""
        self._fetcher = fetcher
        self._lanes = past.lanes
        self._aside = past.aside
        self._has_others = bool(past.rows) or elsewhere is not None
        """True if rows are in the file that this reading did not bring there."""
        self._concurrency = concurrency
        self._exact = exact
        self._elsewhere = elsewhere
        self._most = 0
        """The greatest total of a plan that was given up, or the most rows that one of its pages had."""

    async def by_parent(self, ledger: ExportLedger, child: Child, path: Path, *, every: bool) -> None:
        """Read the rows of every parent whose id is in a file.

        Their number is compared with what the instance counts for all parents together. Where it does not count,
        or they differ, each parent's rows are requested twice.

        :param every: whether these are all the parents that there are.
        :raises IncompleteError: the parents were not received, or the rows of one cannot be read to their end.
        """
        try:
            parents = await run_in_thread(children.read_parents, path)
        except FileNotFoundError:
            raise IncompleteError(
                f"The parent list {child.parent!r} could not be read, so its child rows cannot be requested."
            ) from None
        known = frozenset(parents)
        if self.plan is not None and (self.plan.changed or self.plan.parents != len(parents)):
            self.plan, self._lanes = None, {}  # its places are those of other parents
        self._fetcher.shown.expect(self._aside)
        if self.plan is None:
            at = self._note_request()
            counts = every and not child.shared
            total = await children.count_all(self._fetcher, child, known) if counts else None
            lanes = self._parent_lanes(len(parents))
            self.plan = ExportPlan(ExportMode.CHILDREN, length=lanes, total=total, parents=len(parents))
            await ledger.begin(self.plan, at)
        own = without_others(child.key, known)
        await self._read_children(ledger, child, parents, own)
        total = self.plan.total
        if total is not None and ledger.rows == total:
            # As many rows can have been lost as were added meanwhile.
            total = await children.count_all(self._fetcher, child, known)
        if total is not None and ledger.rows != total:
            self._warn(
                f"Received {ledger.rows:,} rows of {total:,}. Every parent was requested again, twice."
            )
            self.plan, self._lanes = attrs.evolve(self.plan, total=None), {}
            await ledger.begin(self.plan, self._note_request())
            await self._read_children(ledger, child, parents, own)
        await self._complete_children(ledger, child)

    async def _complete_children(self, ledger: ExportLedger, child: Child) -> None:
        """Write the rows that were shown, of these parents, and came with no response of their own."""
        identify = called(child.key)
        self._has_others = True  # only those that waited were compared with what was written
        await ledger.merge_older(identify)
        if rows := await self._missed_rows(ledger, identify):
            await ledger.add(rows)

    async def _missed_rows(self, ledger: ExportLedger, identify: Identify) -> list[bytes]:
        """Return the rows that were shown and are not in the file.

        :raises IncompleteError: an earlier run or another process saw one, and it came no more.
        """
        shown = self._fetcher.shown
        missed = shown.missed()
        if missed and self._has_others and shown.is_known is None:
            await fold_in_thread(partial(_drop_written, missed, identify), ledger.spool.rows)
        rows = [row for row in missed.values() if row is not None]
        if len(rows) < len(missed):
            raise IncompleteError(
                f"Rows that the list showed before did not come again ({len(missed) - len(rows):,}). Export it again."
            )
        shown.forget()
        return rows

    async def by_changed_parents(self, ledger: ExportLedger, child: Child, last: LastRun) -> bool:
        """Read the rows of the parents that changed since the last run; return whether these are all that changed.

        With the rows that stay, they must be as many as the instance counts for all parents together, before or after
        they were read. Else the parents are asked for once more, and the rows of each are requested twice: they can
        then be in between as well. Where the instance does not count, that is done at once, and nothing tells.

        :raises IncompleteError: the rows of a parent cannot be read to their end.
        """
        between = (
            self.plan is None
        )  # a plan of an earlier run is old: rows of more parents may have been added
        for left in range(READINGS - 1, -1, -1):
            if self.plan is None:
                twice = left < READINGS - 1
                await self._begin_changed(ledger, child, await run_in_thread(last.parents), twice=twice)
            assert self.plan is not None
            parents = (await run_in_thread(last.parents)).first(self.plan.parents)
            try:
                await self._read_children(ledger, child, parents.ids, none_of_others(child.key, named=True))
            except StrayRowError:
                self.unexplained = "rows of another parent than the requested one were received"
                return False
            if self.plan.total is None:
                await self._complete_children(ledger, child)
                return True
            kept = await last.kept(parents)
            counted = await children.count_all(self._fetcher, child, frozenset(parents.ids))
            if kept is None:
                self.unexplained = "the file does not have the parents of its rows"
                return False
            least, most = sorted((self.plan.total if between else counted or 0, counted or 0))
            # Of rows that were requested once, as many can have been lost as were added meanwhile.
            is_sure = least == most or self.plan.twice
            if counted is not None and is_sure and least <= kept + ledger.rows <= most:
                self.is_confirmed = True
                await self._complete_children(ledger, child)
                return True
            self.unexplained = (
                f"with those that changed there are {kept + ledger.rows:,} rows, and the instance counts "
                f"{self.plan.total if counted is None else counted:,}"
            )
            if left:
                await last.ask_again()
                self.plan, self._lanes, between = None, {}, True
        return False

    async def _begin_changed(
        self, ledger: ExportLedger, child: Child, parents: ChangedParents, *, twice: bool
    ) -> None:
        at = self._note_request()
        total = await children.count_all(self._fetcher, child, frozenset(parents.ids))
        self.plan = ExportPlan(
            ExportMode.CHILDREN,
            length=self._concurrency,
            total=total,
            parents=len(parents.ids),
            changed=True,
            twice=twice,
        )
        await ledger.begin(self.plan, at)

    async def _read_children(
        self, ledger: ExportLedger, child: Child, parents: array[int], own: OwnRows
    ) -> None:
        assert self.plan is not None
        step, twice = self.plan.length, self.plan.twice or self.plan.total is None
        if not self.plan.changed:
            await self._read_elsewhere(ledger, self.plan, children.unfinished(parents, step, self._lanes))
        await children.read_children(
            self._fetcher,
            ledger,
            child,
            parents,
            step,
            self._lanes,
            at_once=self._concurrency,
            twice=twice,
            own=own,
        )

    def _parent_lanes(self, parents: int) -> int:
        if self._elsewhere is None:
            return self._concurrency
        return max(self._concurrency, self._elsewhere.lanes_for(parents // PARENTS_A_LANE))

    async def _read_elsewhere(self, ledger: ExportLedger, plan: ExportPlan, left: Mapping[int, bytes]) -> int:
        """Have lanes read by other processes, if there are some; return the most rows that these were told of."""
        if self._elsewhere is None or not left:
            return 0
        return await self._elsewhere.read(ledger, plan, self.asked_at or "", self._lanes, left)

    def _note_request(self) -> str:
        """Record and return the time of the first request."""
        self._fetcher.date = None
        self.asked_at = datetime.now(UTC).isoformat(timespec="seconds")
        return self.asked_at

    def _by_either_clock(self, at: str) -> str:
        """Record and return the earlier of a time by this machine's clock and that of the response to the request.

        Rows are dated by the instance: where this machine is ahead, its time is behind changes that are yet to come.
        """
        date = self._fetcher.date
        if date is not None:
            by_instance = datetime.fromtimestamp(max(0.0, date), UTC).isoformat(timespec="seconds")
            self.asked_at = at = min(at, by_instance)
        return at

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def _drop_written(missed: dict[RowKey, bytes | None], identify: Identify, rows: Iterable[bytes]) -> None:
    for row in rows:
        missed.pop(identify(row), None)  # type: ignore[arg-type]
