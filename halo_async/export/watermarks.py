"""Time since which changes are requested, for each resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from halo_async._operations.operation import Operation
from halo_async.export.names import resource_name
from halo_async.export.options import CHANGED_SINCE, ExportOptions
from halo_async.export.report import Report, ResourceReport
from halo_async.export.since import LAST, earlier

OVERLAP = 600.0
"""Seconds requested twice: clocks differ, and a change may have been in progress."""
BEGINNING = "1970-01-01T00:00:00+00:00"
"""The moment of a list that had no row yet: the next run asks for everything."""


def next_watermarks(
    operations: Iterable[Operation],
    options: ExportOptions,
    before: Report | None,
    there: Callable[[str], bool] = lambda name: True,
) -> dict[str, str]:
    """Return times by resource; a missing one is exported whole: new, or without change requests.

    :param there: returns whether the rows of the last run still exist.
    """
    if options.since is None:
        return {}
    able = [resource_name(item) for item in operations if CHANGED_SINCE in item.known]
    if options.since != LAST:
        return dict.fromkeys(able, options.since)
    stamps = before.stamps if before is not None else {}
    return {name: earlier(stamps[name], OVERLAP) for name in able if name in stamps and there(name)}


def next_moment(item: ResourceReport, before: str | None) -> str:
    """From which moment on the next run asks for changes.

    It moves only behind rows that were received: after a run without any it stays, since asking for the same changes
    once more costs little, and changes that such a run did not receive would never be asked for again.
    """
    received = item.rows if item.changed is None else item.changed
    if received and item.asked_at is not None:
        return item.asked_at
    return before or item.since or BEGINNING


def rows_before(before: Report | None) -> dict[str, int]:
    """Return how many rows the files of the last run have, by resource."""
    resources = () if before is None else before.resources
    return {item.resource: item.rows for item in resources if item.complete}
