"""Reading of one resource: the plan, and another one if its conditions fail."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import attrs

from halo_async._utils.threads import fold_in_thread
from halo_async.errors import IncompleteError
from halo_async.export import keyset
from halo_async.export.children_reader import ChildrenReader
from halo_async.export.descending import DescendingReader
from halo_async.export.ledger import TAKEN, ExportLedger
from halo_async.export.page_order import PageOrderReader
from halo_async.export.plan import AT_THE_END, SORTED, ExportCondition, ExportMode, ExportPlan, OrderLostError
from halo_async.export.probe import ProbeResult, probe
from halo_async.export.seen_ids import IdCounts, SeenIds, ids_in, row_id
from halo_async.export.settlement import unordered_deficit
from halo_async.pagination.page_numbers import missing_rows_error
from halo_async.pagination.split_rows import RowPage

CUT = 50_000
"""Number of rows at which instances silently truncate reports (measured)."""


class ResourceReader(ChildrenReader):
    """Reader of a list into its ledger, from the beginning or from an earlier run's state."""

    async def run(self, ledger: ExportLedger) -> None:
        """Read the list.

        :raises PaginationError: rows are missing, or a page was repeated.
        :raises HaloError: a page could not be read.
        :raises OSError: the rows could not be written.
        """
        avoid: frozenset[ExportMode] = frozenset()
        self._fetcher.shown.expect(self._aside)
        first_time = True
        while True:
            try:
                if first_time and self.plan is not None:
                    await self._go_on(ledger, self.plan, None)
                else:
                    await self._start_reading(ledger, avoid)
            except OrderLostError as lost:
                self._fetcher.shown.begin_again()
                first_time, self._lanes = False, {}
                avoid |= self._exclude_modes(lost)
            else:
                break
        if self._most and not ledger.rows:
            raise missing_rows_error(ledger.rows, self._most)
        await self._merge_older(ledger)
        await self._write_missed(ledger)

    async def _merge_older(self, ledger: ExportLedger) -> None:
        """Keep what readings before the last one had and this one has not."""
        if not ledger.older:
            return
        self._has_others = True
        for id in await ledger.merge_older(row_id):
            if isinstance(self.tally, SeenIds):
                self.tally.add_older(id)

    async def _write_missed(self, ledger: ExportLedger) -> None:
        """Write the rows that were shown and came with no page that was written.

        :raises IncompleteError: an earlier run or another process saw one, and it came no more.
        """
        rows = await self._missed_rows(ledger, row_id)
        if rows:
            await ledger.add(self.tally.new(rows) if isinstance(self.tally, SeenIds) else rows)

    async def _read_list_elsewhere(self, ledger: ExportLedger, plan: ExportPlan) -> bool:
        """Have the list read by another process; return whether one did."""
        if self._lanes.get(0) == TAKEN:
            return True
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

    async def confirm_fewer(self, ledger: ExportLedger, before: int) -> None:
        """Ask once more whether a list has no more rows than were received, since there were far more `before`.

        :raises IncompleteError: it has.
        :raises HaloError: it could not be asked.
        """
        if self.plan is None or self.plan.mode is ExportMode.CHILDREN:
            return  # these were counted together, or requested twice
        received = ledger.rows
        paged = self._fetcher.operation.paged
        page = await (self._fetcher.page(1) if paged else self._fetcher.whole())
        counted = max(page.total or 0, len(page.rows))
        if counted > received:
            raise IncompleteError(
                f"Received {received:,} rows of a list that counts {counted:,} now and had {before:,} before, "
                "so the file was left unchanged. Export it again."
            )
        await self._write_missed(ledger)

    async def _start_reading(self, ledger: ExportLedger, avoid: frozenset[ExportMode]) -> None:
        at = self._note_request()
        finer = None if self._elsewhere is None else self._elsewhere.lanes_for
        probed = await probe(self._fetcher, self._concurrency, exact=self._exact, avoid=avoid, finer=finer)
        at, first = self._by_either_clock(at), probed.first
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
        self._fetcher.shown.is_known = self.tally.knows
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
            there = lambda: islice(ledger.spool.rows(), ledger.older, None)  # noqa: E731
            tally = await fold_in_thread(_tally, there) if state else SeenIds()
            self.tally = tally
            reader = PageOrderReader(
                self._fetcher, ledger, state, tally, plan.total, sorts=plan.holds(SORTED)
            )
            await reader.read(first)
            most = max(plan.total or 0, plan.length)
            if missing := await unordered_deficit(self._fetcher, max(reader.received, ledger.rows), most):
                raise missing
            if probed is not None and probed.shown is not None:
                await self._expect(probed.shown, tally)
            await self._merge_older(ledger)
            if tally.versions and reader.ids_identify_rows:
                await self._keep_latest(ledger, plan, reader.state, tally)

    async def _expect(self, shown: RowPage, tally: SeenIds) -> None:
        """Raise if rows that the list showed first were not received, and it shows them still."""
        missed = set(tally.not_seen(shown.rows, ids_in(shown)))
        if missed:
            now = await self._fetcher.newest()
            missed &= set(tally.not_seen(now.rows, ids_in(now)))
        if missed:
            raise IncompleteError(
                f"The pages of the list do not have all rows that it shows as the newest ({len(missed):,} are "
                "missing). Export it again."
            )

    async def _keep_latest(self, ledger: ExportLedger, plan: ExportPlan, state: Any, tally: SeenIds) -> None:
        if await ledger.keep(tally.is_latest, plan, self.asked_at or "", state):
            tally.versions = 0

    async def _descend(self, ledger: ExportLedger, plan: ExportPlan, probed: ProbeResult | None) -> None:
        reader = DescendingReader(self._fetcher, ledger, plan, self._lanes, probed)
        sure = await reader.read()
        if not sure:
            self._warn("Rows reappeared in the middle of the list during the export.")
            raise OrderLostError(AT_THE_END)
        if self._fetcher.filters:
            self._warn("Rows can start and stop matching a filter during the export. Some may be missing.")
            conditions = (*plan.conditions, ExportCondition(AT_THE_END, False))
            self.plan = attrs.evolve(plan, mode=ExportMode.UPWARD, conditions=conditions)
        if reader.missing is not None:
            raise reader.missing

    def _exclude_modes(self, lost: OrderLostError) -> frozenset[ExportMode]:
        """Return the modes excluded now that a condition has failed."""
        assert self.plan is not None
        name, mode = str(lost), self.plan.mode
        self._most = max(self._most, self.plan.total or 0, self.plan.length)
        self._warn(f"{name!r} did not hold when read as {mode.value}. The list was started again.")
        others = [item for item in self.plan.conditions if item.name != name]
        self.plan = attrs.evolve(self.plan, conditions=(*others, ExportCondition(name, False)))
        return frozenset({ExportMode.KEYSET, ExportMode.DESCENDING} if name == SORTED else {mode})


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
