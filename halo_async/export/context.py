"""Shared context of an export's resources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import attrs
from anyio import CapacityLimiter

from halo_async._utils.threads import fold_in_thread
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.options import ExportOptions
from halo_async.export.progress_callback import ProgressWatcher
from halo_async.export.protocols import ExportClient
from halo_async.export.sinks import ExportSink
from halo_async.export.spool import Spool

if TYPE_CHECKING:
    from halo_async.export.cluster.export_cluster import ExportCluster

AT_ONCE = 16
"""Number of resources read or written at the same time."""
FOLLOWED = 2
"""Number of files made while their resources are read: more would take as much memory each, and no less time."""


@attrs.frozen
class ExportContext:
    """Shared context of an export's jobs."""

    halo: ExportClient
    folder: Path
    options: ExportOptions
    sink: ExportSink
    syncer: JournalSyncer
    watcher: ProgressWatcher
    limited: bool
    """True if the instance has a limit."""
    stamps: dict[str, str]
    """By resource: the time since which changes are requested."""
    to_come: frozenset[str] = frozenset()
    """Resources whose moment of the last run is still to come by this machine's clock."""
    rows_before: Mapping[str, int] = attrs.field(factory=dict)
    """By resource: how many rows the file has that is brought up to date, where the last report says so."""
    cluster: ExportCluster | None = None
    """Reads lanes in other processes."""
    make_spool: Callable[[Path, int], Spool] | None = None
    followers: CapacityLimiter = attrs.field(factory=lambda: CapacityLimiter(FOLLOWED))
    """Acquired by each job whose file is made while it is read."""
    turns: CapacityLimiter = attrs.field(factory=lambda: CapacityLimiter(AT_ONCE))
    """Acquired by each job while it is running."""
    requests_left: dict[str, int] = attrs.field(factory=dict)
    """By resource: about how many requests it still needs."""

    def quota_seconds(self, name: str, left: int | None) -> float:
        """Return the seconds that the quota requires for the rest of a resource: resources take turns."""
        self.requests_left[name] = left or 0
        if not left or not self.limited:
            return 0.0
        among_others = sum(min(left, other) for other in self.requests_left.values())
        return self.halo.transport.seconds_for(among_others)

    async def rows_of_file(self, name: str) -> int:
        """Return how many rows the file of a resource has; 0 where there is none.

        :raises OSError: it cannot be read.
        """
        if name in self.rows_before:
            return self.rows_before[name]
        if not self.sink.there(self.folder, name):
            return 0
        return await fold_in_thread(_count_items, lambda: self.sink.ids(self.folder, name))


def _count_items(items: Iterable[object]) -> int:
    return sum(1 for _ in items)
