"""Estimate of an export's requests and its time under the quota, by one small request per list."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from halo_async._operations.operation import Operation
from halo_async._utils.since import LAST
from halo_async._utils.task_groups import run_all
from halo_async.errors import ApiError
from halo_async.export.changed_parents import why_all
from halo_async.export.children import CHILDREN
from halo_async.export.fetch import PageFetcher
from halo_async.export.names import resource_name
from halo_async.export.options import ExportOptions
from halo_async.export.protocols import ExportClient
from halo_async.export.report import Report
from halo_async.export.watermarks import next_watermarks, rows_before

PAGE = 100
COUNTS = 2
"""Requests that count the rows of all parents."""
EXTRA = 3
"""Requests beyond those for the rows: to probe the list, and for its end."""


@attrs.frozen
class Estimate:
    """One list of a dry run."""

    resource: str
    path: str
    rows: int | None
    """Number of rows according to the instance; None if it does not count them before all are requested."""
    requests: int | None
    """Approximate number of requests; None if unknown."""
    refused: str | None = None
    """The instance's error, if it refused."""
    parents_asked: str | None = None
    """The parents that an incremental run would ask for, and the reason."""


def seconds(halo: ExportClient, found: Iterable[Estimate]) -> float:
    """Return how long the quota makes all of them take, as a running export reckons."""
    return halo.transport.seconds_for(sum(item.requests or 0 for item in found))


async def estimate(
    halo: ExportClient, operations: Iterable[Operation], options: ExportOptions, before: Report | None = None
) -> list[Estimate]:
    """Request one row of every paged list and read its total.

    :param before: the export that `since="last"` continues.

    :raises HaloError: the instance cannot be reached, or the login was refused.
    """
    operations = list(operations)
    since = next_watermarks(operations, options, before)
    found: dict[str, Estimate] = {}

    async def ask(operation: Operation) -> None:
        name = resource_name(operation)
        found[name] = await _estimate_list(halo, operation, _choose_filters(options, since, name))

    await run_all(ask(item) for item in operations if resource_name(item) not in CHILDREN)
    for operation in operations:
        name = resource_name(operation)
        if name in CHILDREN:
            found[name] = _of_children(
                name, operation, found[CHILDREN[name].parent].rows, options, since, before
            )
    return [found[resource_name(operation)] for operation in operations]


def _of_children(
    name: str,
    operation: Operation,
    rows: int | None,
    options: ExportOptions,
    since: dict[str, str],
    before: Report | None,
) -> Estimate:
    """:param rows: those of the parent that would be requested."""
    if options.since != LAST:
        return Estimate(name, operation.path, None, rows)
    why = why_all(name, CHILDREN[name], options, since)
    if why is None:
        return Estimate(
            name,
            operation.path,
            None,
            None if rows is None else rows + COUNTS,
            parents_asked=f"changed since {since[name]}, or all where these do not explain the number of all rows",
        )
    return Estimate(
        name,
        operation.path,
        None,
        rows_before(before).get(CHILDREN[name].parent, rows),
        parents_asked=why,
    )


def _choose_filters(options: ExportOptions, since: dict[str, str], name: str) -> tuple[tuple[str, str], ...]:
    own = options.filters.get(name, ())
    return (*own, ("lastupdatefromdate", since[name])) if name in since else own


async def _estimate_list(
    halo: ExportClient, operation: Operation, filters: tuple[tuple[str, str], ...]
) -> Estimate:
    name = resource_name(operation)
    if operation.paging is not None:
        return Estimate(name, operation.path, None, None)
    if not operation.paged:
        return Estimate(name, operation.path, None, 1)
    try:
        measurements = halo.transport.options.measurements
        page = await PageFetcher(operation, halo.transport, filters, measurements=measurements).page(
            1, size=1
        )
    except ApiError as error:
        return Estimate(name, operation.path, None, None, str(error))
    rows = page.total if page.total is not None else len(page.rows)
    pages = -(-rows // PAGE)
    return Estimate(name, operation.path, rows, 1 if pages <= 1 else pages + EXTRA)
