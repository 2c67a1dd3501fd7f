"""From which moment on changes are wanted, for each resource."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from halo_async.declaration import Operation
from halo_async.export.names import resource_name
from halo_async.export.options import CHANGED_SINCE, LAST, Options, earlier
from halo_async.export.report import Report

OVERLAP = 600.0
"""Seconds asked for twice: clocks differ, and a change may have been under way."""


def moments(
    operations: Iterable[Operation],
    options: Options,
    before: Report | None,
    there: Callable[[str], bool] = lambda name: True,
) -> dict[str, str]:
    """By resource; one that is missing is exported whole: it was never before, or cannot be asked for changes.

    :param there: whether the rows of the last run still are.
    """
    if options.since is None:
        return {}
    able = [resource_name(item) for item in operations if CHANGED_SINCE in item.known]
    if options.since != LAST:
        return dict.fromkeys(able, options.since)
    stamps = before.stamps if before is not None else {}
    return {name: earlier(stamps[name], OVERLAP) for name in able if name in stamps and there(name)}
