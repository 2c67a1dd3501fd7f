"""State of the export of one resource: its parts, its progress, and its report."""

from __future__ import annotations

import time
from threading import Event
from typing import TYPE_CHECKING, Any

import anyio
import attrs

from halo_async._operations.operation import Operation
from halo_async._utils.since import LAST, earlier
from halo_async.export.changed_parents import why_all
from halo_async.export.children import CHILDREN
from halo_async.export.cluster.resource_lanes import ResourceLanes
from halo_async.export.context import ExportContext
from halo_async.export.failure_reason import sentence
from halo_async.export.fetch import PageFetcher, RequestCounts
from halo_async.export.ledger import ExportLedger
from halo_async.export.names import resource_name
from halo_async.export.notes import Notes
from halo_async.export.options import CHANGED_SINCE, leaves_out_inactive
from halo_async.export.plan import ExportMode
from halo_async.export.progress import Progress, State
from halo_async.export.reader import ResourceReader
from halo_async.export.replay import PastExport
from halo_async.export.report import ResourceReport
from halo_async.export.sinks import SinkOutcome
from halo_async.export.sinks.files import PART

if TYPE_CHECKING:
    from halo_async.export.gathered_columns import GatheredColumns

WIDTH, HOSTED_WIDTH = 8, 2
"""Requests in flight for one resource: without a limit, and with one."""


class ResourceState:
    """The state of one resource's export, from which progress and report are told."""

    def __init__(self, operation: Operation, setting: ExportContext, past: PastExport) -> None:
        self.name = resource_name(operation)
        self.fetched = anyio.Event()
        """Set when all its rows are received, or it has ended."""
        self.dependents: list[str] = []
        """Lists that are requested by the ids of these rows."""
        self._operation = operation
        self._setting = setting
        self._past = past
        self._child = CHILDREN.get(self.name)
        self._since = setting.stamps.get(self.name)
        self._counts = RequestCounts(*past.counts)
        measurements = setting.halo.transport.options.measurements
        self._fetcher = PageFetcher(
            operation,
            setting.halo.transport,
            self._choose_filters(),
            self._counts,
            measurements=measurements,
            columns=setting.options.needed_columns(self.name),
        )
        self._gathered: GatheredColumns | None = None
        self._ledger: ExportLedger | None = None
        self._spool = setting.folder / f"{self.name}.jsonl{setting.options.suffix}{PART}"
        usual = HOSTED_WIDTH if setting.limited else WIDTH
        self._concurrency = setting.options.concurrency or usual
        self._lanes = self._on_cluster()
        self._reading = self._new_reading()
        self._outcome: SinkOutcome | None = None
        self._merged: dict[str, Any] = {}
        self._stop = Event()
        self._notes = Notes()
        self._state = State.WAITING
        self.error: Exception | None = None
        """The error that stopped it."""
        self._began = self._ended = time.monotonic()
        self._old, self._asked_before = past.rows, past.counts[0]

    def _new_reading(self) -> ResourceReader:
        exact = self._setting.options.concurrency is not None
        return ResourceReader(
            self._fetcher, self._past, concurrency=self._concurrency, exact=exact, elsewhere=self._lanes
        )

    def _on_cluster(self) -> ResourceLanes | None:
        cluster = self._setting.cluster
        if cluster is None:
            return None
        codec = self._setting.options.codec
        return ResourceLanes(cluster, self._fetcher, codec, self._tell_watcher, self._concurrency)

    @property
    def _merging(self) -> bool:
        """True if the rows are merged into the file of the last run, not put in its place."""
        if self._since is None or self._setting.options.since != LAST:
            return False
        plan = self._reading.plan
        return self._child is None or plan is None or plan.changed

    def _choose_filters(self) -> tuple[tuple[str, str], ...]:
        own = self._setting.options.filters.get(self.name, ())
        if self._since is None or self._child is not None:
            return own
        measurements = self._setting.halo.transport.options.measurements
        behind = 0 if measurements is None else measurements.behind_utc  # a row's date can be as much earlier
        return (*own, (CHANGED_SINCE, earlier(self._since, behind * 60) if behind else self._since))

    @property
    def is_done(self) -> bool:
        """True if its file is finished."""
        return self._state is State.DONE

    # Telling --------------------------------------------------------------------------------------

    def _set_state(self, state: State, error: Exception | None = None) -> None:
        self._state, self.error, self._ended = state, error, time.monotonic()
        self._tell_watcher()

    def _seconds(self) -> float:
        return (self._ended if self._state.over else time.monotonic()) - self._began

    def _tell_watcher(self) -> None:
        self._setting.watcher.tell(self.progress)

    def progress(self) -> Progress:
        """Return its progress."""
        rows = self._past.rows if self._ledger is None else self._ledger.rows
        more, counts = (0, RequestCounts()) if self._lanes is None else self._lanes.live
        counts.add(self._counts.as_list())
        rows += more
        left = self._requests_left(rows, counts.requests)
        return Progress(
            resource=self.name,
            state=self._state,
            rows=rows,
            total=None if self._reading.plan is None else self._reading.plan.total,
            requests=counts.requests,
            bytes=counts.bytes,
            seconds=self._seconds(),
            remaining=self._remaining(),
            before=self._old,
            parents=self._parents(),
            parents_before=self._asked_before,
            requests_left=left,
            quota_seconds=self._setting.quota_seconds(self.name, left),
        )

    def _remaining(self) -> int | None:
        workers = None if self._lanes is None else self._lanes.remaining
        return self._setting.halo.statistics().remaining if workers is None else workers

    def _requests_left(self, rows: int, requests: int) -> int | None:
        if self._state.over or self._state is State.MAKING:
            return 0
        plan = self._reading.plan
        return None if plan is None else plan.left(rows, requests)

    def _parents(self) -> int | None:
        return plan.parents if (plan := self._reading.plan) and plan.mode is ExportMode.CHILDREN else None

    def report(self) -> ResourceReport:
        """Return its result."""
        if self._past.done is not None:
            return ResourceReport.from_json(self._past.done)
        return attrs.evolve(self._read_report(), **self._describe_output(), **self._merged)

    def _read_report(self) -> ResourceReport:
        ledger, counts, reading = self._ledger, self._counts, self._reading
        plan, tally = reading.plan, reading.tally
        rows = 0 if ledger is None else ledger.rows
        return ResourceReport(
            resource=self.name,
            path=self._operation.path,
            file="" if ledger is None else self._spool.name,
            state=self._state if self._state.over else State.INTERRUPTED,
            rows=rows,
            distinct_ids=rows if tally is None else tally.distinct_ids,
            duplicates_removed=0 if ledger is None else ledger.repeats,
            record_count=None if plan is None else plan.total,
            requests=counts.requests,
            retries=counts.retries,
            answers_429=counts.responses_429,
            bytes=counts.bytes,
            seconds=round(self._seconds(), 3),
            consistency=(ExportMode.UPWARD if plan is None else plan.mode).value,
            ids_ascending=self._ascending(),
            error=None if self.error is None else sentence(self.error),
            error_type=None if self.error is None else type(self.error).__name__,
            least_requests=self._least_requests(),
            conditions=() if plan is None else plan.conditions,
            warnings=(*reading.warnings, *self._unasked(), *self._versions(), *self._notes.sentences()),
            since=self._since,
            inactive_left_out=leaves_out_inactive(
                self._operation,
                self._setting.options.filters.get(self.name, ()),
                self._setting.halo.transport.options.measurements,
            ),
            asked_at=reading.asked_at,
            parents=self._parents(),
            parents_asked=self._parents_asked(),
        )

    def _least_requests(self) -> int:
        plan = self._reading.plan
        least = 1 if plan is None else plan.least(self._fetcher.shape.longest)
        # Rows that were counted at first can have been deleted, and workers can have had longer pages.
        return min(least, self._counts.requests) if self._state is State.DONE else least

    def _unasked(self) -> list[str]:
        """Return the note that changes were requested but the whole list was read."""
        if self._setting.options.since == LAST and self._setting.options.hides(self.name):
            return [
                "The columns do not include those by which changes are merged, such as id. It was exported whole."
            ]
        if self.name in self._setting.to_come:
            return [
                "The time of the last run is still to come by the clock of this machine. The list was exported whole."
            ]
        if self._setting.options.since in (None, LAST) or self._since is not None:
            return []
        if self._child is not None and self._child.parent in self._setting.stamps:
            return []
        return ["This list cannot be filtered by change. It was exported whole."]

    def _parents_asked(self) -> str | None:
        """Return which parents an incremental run asks for, and why."""
        setting, reading = self._setting, self._reading
        if self._child is None or setting.options.since is None:
            return None
        if setting.options.since != LAST:
            return f"changed since {setting.options.since}" if self._child.parent in setting.stamps else None
        why = why_all(self.name, self._child, setting.options, setting.stamps)
        if why is not None or reading.plan is None:
            return why
        if not reading.plan.changed:
            return f"all: {reading.unexplained}" if reading.unexplained else "all"
        if reading.is_confirmed:
            return f"changed since {self._since}; the rows are as many as the instance counts"
        if reading.plan.total is None:
            return f"changed since {self._since}; the instance does not count all rows"
        return f"changed since {self._since}"

    def _versions(self) -> list[str]:
        """Return the note that rows are in the file more than once, since they changed while it was written."""
        plan, tally = self._reading.plan, self._reading.tally
        if self._merging or plan is None or plan.mode is not ExportMode.UPWARD:
            return []
        if tally is None or not tally.versions:
            return []
        return [
            f"Rows with the id of an earlier one: {tally.versions:,}. Those that changed during the export are in "
            "the file in each version, the latest last."
        ]

    def _describe_output(self) -> dict[str, Any]:
        made = self._outcome
        if made is None:
            return {}
        return {
            "file": made.file,
            "columns": made.columns,
            "columns_added": made.added,
            "columns_widened": made.widened,
        }

    def _ascending(self) -> bool | None:
        if not self._fetcher.ordered:
            return None
        tally = self._reading.tally
        return True if tally is None else tally.ascending
