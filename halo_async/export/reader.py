"""Reading of one resource: the plan, and another one if its conditions fail."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.threads import fold_in_thread, run_in_thread
from halo_async.errors import IncompleteError
from halo_async.export import children, keyset
from halo_async.export.changed_parents import ChangedParents, LastRun
from halo_async.export.children import Child, StrayRowError
from halo_async.export.descending import DescendingReader
from halo_async.export.fetch import PageFetcher
from halo_async.export.ledger import ExportLedger
from halo_async.export.page_order import PageOrderReader
from halo_async.export.plan import ExportCondition, ExportMode, ExportPlan, OrderLostError
from halo_async.export.probe import ProbeResult, probe
from halo_async.export.protocols import LanesElsewhere
from halo_async.export.replay import PastExport
from halo_async.export.seen_ids import IdCounts, SeenIds
from halo_async.export.settlement import unordered_deficit
from halo_async.pagination.page_numbers import missing_rows_error
from halo_async.pagination.split_rows import RowPage

CUT = 50_000
"""Number of rows at which instances silently truncate reports (measured)."""


PARENTS_A_LANE = 8
"""Minimum parents per lane, if there are more lanes than requests in flight."""
READINGS = 3
"""Readings of the rows of changed parents, at most, before those of all are read."""


class ResourceReader:
    """Reader of a list into its ledger, from the beginning or from an earlier run's state."""

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
        self._concurrency = concurrency
        self._exact = exact
        self._elsewhere = elsewhere
        self._most = 0
        """The greatest total of a plan that was given up, or the most rows that one of its pages had."""

    async def run(self, ledger: ExportLedger) -> None:
        """Read the list.

        :raises PaginationError: rows are missing, or a page was repeated.
        :raises HaloError: a page could not be read.
        :raises OSError: the rows could not be written.
        """
        avoid: frozenset[ExportMode] = frozenset()
        first_time = True
        while True:
            try:
                if first_time and self.plan is not None:
                    await self._go_on(ledger, self.plan, None)
                else:
                    await self._begin(ledger, avoid)
            except OrderLostError as lost:
                first_time, self._lanes = False, {}
                avoid |= self._lost(lost)
            else:
                break
        if self._most and not ledger.rows:
            raise missing_rows_error(ledger.rows, self._most)

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
        if self.plan is None:
            at = self._ask()
            total = await children.count_all(self._fetcher) if every and not child.shared else None
            lanes = self._parent_lanes(len(parents))
            self.plan = ExportPlan(ExportMode.CHILDREN, length=lanes, total=total, parents=len(parents))
            await ledger.begin(self.plan, at)
        await self._read_children(ledger, child, parents)
        total = self.plan.total
        if total is not None and ledger.rows == total:
            # As many rows can have been lost as were added meanwhile.
            total = await children.count_all(self._fetcher)
        if total is not None and ledger.rows != total:
            self._warn(
                f"Received {ledger.rows:,} rows of {total:,}. Every parent was requested again, twice."
            )
            self.plan, self._lanes = attrs.evolve(self.plan, total=None), {}
            await ledger.begin(self.plan, self._ask())
            await self._read_children(ledger, child, parents)

    async def by_changed_parents(self, ledger: ExportLedger, child: Child, last: LastRun) -> bool:
        """Read the rows of the parents that changed since the last run; return whether these are all that changed.

        With the rows that stay, they must be as many as the instance counts for all parents together, before or after
        they were read, or in between. Else the parents are asked for once more. Where the instance does not count,
        each parent's rows are requested twice, and nothing tells.

        :raises IncompleteError: the rows of a parent cannot be read to their end.
        """
        between = (
            self.plan is None
        )  # a plan of an earlier run is old: rows of more parents may have been added
        for left in range(READINGS - 1, -1, -1):
            if self.plan is None:
                await self._begin_changed(ledger, await run_in_thread(last.parents))
            assert self.plan is not None
            parents = (await run_in_thread(last.parents)).first(self.plan.parents)
            try:
                await self._read_children(ledger, child, parents.ids, child.key)
            except StrayRowError:
                self.unexplained = "rows came that are not of the parent that was asked for"
                return False
            if self.plan.total is None:
                return True
            kept, counted = await last.kept(parents), await children.count_all(self._fetcher)
            if kept is None:
                self.unexplained = "the file does not tell whose its rows are"
                return False
            least, most = sorted((self.plan.total if between else counted or 0, counted or 0))
            if counted is not None and least <= kept + ledger.rows <= most:
                self.is_confirmed = True
                return True
            self.unexplained = (
                f"with those that changed there are {kept + ledger.rows:,} rows, and the instance counts "
                f"{self.plan.total if counted is None else counted:,}"
            )
            if left:
                await last.ask_again()
                self.plan, self._lanes, between = None, {}, True
        return False

    async def _begin_changed(self, ledger: ExportLedger, parents: ChangedParents) -> None:
        at, total = self._ask(), await children.count_all(self._fetcher)
        self.plan = ExportPlan(
            ExportMode.CHILDREN,
            length=self._concurrency,
            total=total,
            parents=len(parents.ids),
            changed=True,
        )
        await ledger.begin(self.plan, at)

    async def _read_children(
        self, ledger: ExportLedger, child: Child, parents: array[int], key: str | None = None
    ) -> None:
        assert self.plan is not None
        step, twice = self.plan.length, self.plan.total is None
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
            key=key,
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

    async def _read_list_elsewhere(self, ledger: ExportLedger, plan: ExportPlan) -> bool:
        """Have the list read by another process; return whether one did."""
        if self._elsewhere is None or self._lanes:
            return False
        result = await self._elsewhere.read_list(ledger, plan, self.asked_at or "")
        if result is None:
            return False
        self.plan, self.asked_at = result.plan, result.asked_at
        self.tally = None if result.tally is None else IdCounts(*result.tally)
        for warning in result.warnings:
            self._warn(warning)
        return True

    def forget_plan(self) -> None:
        """Plan anew: what was read does not count."""
        self.plan, self._lanes = None, {}

    async def confirm_fewer(self, received: int, before: int) -> None:
        """Ask once more whether a list has no more rows than were received, since there were far more `before`.

        :raises IncompleteError: it has.
        :raises HaloError: it could not be asked.
        """
        if self.plan is None or self.plan.mode is ExportMode.CHILDREN:
            return  # these were counted together, or requested twice
        paged = self._fetcher.operation.paged
        page = await (self._fetcher.page(1) if paged else self._fetcher.whole())
        counted = max(page.total or 0, len(page.rows))
        if counted > received:
            raise IncompleteError(
                f"Received {received:,} rows of a list that counts {counted:,} now and had {before:,} before, "
                "so the file was left unchanged. Export it again."
            )

    def _ask(self) -> str:
        """Record and return the time of the first request."""
        self.asked_at = datetime.now(UTC).isoformat(timespec="seconds")
        return self.asked_at

    async def _begin(self, ledger: ExportLedger, avoid: frozenset[ExportMode]) -> None:
        at = self._ask()
        finer = None if self._elsewhere is None else self._elsewhere.lanes_for
        probed = await probe(self._fetcher, self._concurrency, exact=self._exact, avoid=avoid, finer=finer)
        first = probed.first
        plan = self.plan = self._with_what_was_lost(probed.plan)
        if plan.mode is ExportMode.SINGLE and first is not None:
            await self._single(ledger, plan, first, at)
            return
        await ledger.begin(plan, at)
        await self._go_on(ledger, plan, probed)

    def _with_what_was_lost(self, plan: ExportPlan) -> ExportPlan:
        lost = {item.name for item in (self.plan.conditions if self.plan else ()) if not item.holds}
        seen = tuple(
            attrs.evolve(item, holds=item.holds and item.name not in lost) for item in plan.conditions
        )
        names = {item.name for item in seen}
        return attrs.evolve(
            plan, conditions=(*seen, *(ExportCondition(name, False) for name in lost - names))
        )

    async def _single(self, ledger: ExportLedger, plan: ExportPlan, first: RowPage, at: str) -> None:
        """Write a complete response, whose rows may be identical."""
        self.tally = SeenIds()
        rows = self.tally.new(first.rows)
        await ledger.begin(plan, at, rows, len(first.rows) - len(rows))
        if len(first.rows) == CUT:
            self._warn(f"Received exactly {CUT:,} rows. Instances silently truncate long responses there.")
        _audit(plan, len(first.rows))

    async def _go_on(self, ledger: ExportLedger, plan: ExportPlan, probed: ProbeResult | None) -> None:
        first = None if probed is None else probed.first
        if plan.mode is ExportMode.SINGLE:
            _audit(plan, ledger.rows + ledger.repeats)
        elif plan.mode is ExportMode.KEYSET:
            left = dict.fromkeys(keyset.unfinished(plan, self._lanes), b"")
            total = await self._read_elsewhere(ledger, plan, left)
            await keyset.read_lanes(
                self._fetcher, ledger, plan, self._lanes, first, at_once=self._concurrency, total=total
            )
        elif await self._read_list_elsewhere(ledger, plan):
            pass
        elif plan.mode is ExportMode.DESCENDING:
            await self._descend(ledger, plan, probed)
        else:
            state = self._lanes.get(0)
            tally = await fold_in_thread(_tally, ledger.spool.rows) if state else SeenIds()
            self.tally = tally
            reader = PageOrderReader(self._fetcher, ledger, state, tally, plan.total)
            await reader.read(first)
            most = max(plan.total or 0, plan.length)
            if missing := await unordered_deficit(self._fetcher, max(reader.received, ledger.rows), most):
                raise missing
            if tally.versions and reader.ids_identify_rows:
                await self._keep_latest(ledger, plan, reader.state, tally)

    async def _keep_latest(self, ledger: ExportLedger, plan: ExportPlan, state: Any, tally: SeenIds) -> None:
        if await ledger.keep(tally.is_latest, plan, self.asked_at or "", state):
            tally.versions = 0

    async def _descend(self, ledger: ExportLedger, plan: ExportPlan, probed: ProbeResult | None) -> None:
        reader = DescendingReader(self._fetcher, ledger, plan, self._lanes, probed)
        sure = await reader.read()
        if not sure:
            self._warn("Rows reappeared in the middle of the list during the export. Some may be missing.")
        if self._fetcher.filters:
            self._warn("Rows can start and stop matching a filter during the export. Some may be missing.")
        if not sure or self._fetcher.filters:
            conditions = (*plan.conditions, ExportCondition("ids enter only at the end", False))
            self.plan = attrs.evolve(plan, mode=ExportMode.UPWARD, conditions=conditions)
        if reader.missing is not None:
            raise reader.missing

    def _lost(self, lost: OrderLostError) -> frozenset[ExportMode]:
        """Return the modes excluded now that a condition has failed."""
        assert self.plan is not None
        name, mode = str(lost), self.plan.mode
        self._most = max(self._most, self.plan.total or 0, self.plan.length)
        self._warn(f"{name!r} did not hold when read as {mode.value}. The list was started again.")
        others = [item for item in self.plan.conditions if item.name != name]
        self.plan = attrs.evolve(self.plan, conditions=(*others, ExportCondition(name, False)))
        return frozenset(
            {ExportMode.KEYSET, ExportMode.DESCENDING} if name == "order=id honoured" else {mode}
        )

    def _warn(self, text: str) -> None:
        if text not in self.warnings:
            self.warnings.append(text)


def _tally(rows: Iterable[bytes]) -> SeenIds:
    """Count the rows of an earlier run."""
    tally = SeenIds()
    for row in rows:
        tally.new([row])
    return tally


def _audit(plan: ExportPlan, rows: int) -> None:
    """Raise if one response had fewer rows than it counted."""
    if plan.total is not None and plan.total > rows:
        raise missing_rows_error(rows, plan.total)
