"""Time since which changes are requested, for each resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime

from halo_async._operations.operation import Operation
from halo_async._utils.dates import format_date
from halo_async._utils.since import LAST, earlier
from halo_async.export.changed_parents import why_all
from halo_async.export.children import CHILDREN
from halo_async.export.names import resource_name
from halo_async.export.options import CHANGED_SINCE, ExportOptions
from halo_async.export.report import Report, ResourceReport

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
    operations = list(operations)
    if options.since is None:
        return {}
    able = [
        name
        for name, item in ((resource_name(item), item) for item in operations)
        if CHANGED_SINCE in item.argument_names
    ]
    if options.since != LAST:
        return dict.fromkeys(able, options.since)
    late = still_to_come(before)
    stamps = {} if before is None else {name: at for name, at in before.stamps.items() if name not in late}
    found = {
        name: earlier(stamps[name], OVERLAP)
        for name in able
        if name in stamps and there(name) and not options.hides(name)
    }
    return _with_children(found, operations, options, stamps, there)


def still_to_come(before: Report | None) -> frozenset[str]:
    """Return the resources whose moment is in the future: a clock was wrong, and when the last run was is not known."""
    now = format_date(datetime.now(UTC), timespec="seconds")
    stamps = {} if before is None else before.stamps
    return frozenset(name for name, at in stamps.items() if earlier(at, OVERLAP) > now)


def _with_children(
    found: dict[str, str],
    operations: Iterable[Operation],
    options: ExportOptions,
    stamps: Mapping[str, str],
    there: Callable[[str], bool],
) -> dict[str, str]:
    """The times, and those of children whose changed parents are asked for: both since the earlier of the two."""
    children = [name for name in map(resource_name, operations) if name in CHILDREN]
    asked = {
        name: earlier(stamps[name], OVERLAP)
        for name in children
        if name in stamps
        and why_all(name, CHILDREN[name], options, {**found, name: stamps[name]}) is None
        and there(name)
    }
    for name, since in asked.items():
        parent = CHILDREN[name].parent
        found[parent] = min(found[parent], since)
    return {**found, **{name: found[CHILDREN[name].parent] for name in asked}}


def next_moments(items: Iterable[ResourceReport], before: Mapping[str, str]) -> dict[str, str]:
    """Return from which moments on the next run asks for changes: of children, that of the parents asked for.

    A child's rows that are added while it is read date their parent behind that moment.
    """
    stamps = dict(before)
    for item in items:
        if not item.complete or item.asked_at is None:
            continue
        child = CHILDREN.get(item.resource)
        if child is None or child.key is None:
            stamps[item.resource] = next_moment(item, stamps.get(item.resource))
        elif child.parent in stamps:
            stamps[item.resource] = stamps[child.parent]
    return stamps


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
