"""Update of an earlier run's rows: merge the changed rows, delete the deleted ones, one row per id."""

from __future__ import annotations

import attrs

from halo_async._utils.threads import run_until_stopped
from halo_async.export.fetch import PageFetcher
from halo_async.export.in_memory import same_whole_twice
from halo_async.export.options import CHANGED_SINCE
from halo_async.export.seen_ids import row_id
from halo_async.export.sinks import ExportSink, Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.spool import lines


async def bring_up_to_date(
    sink: ExportSink, changes: SinkInput, fetcher: PageFetcher, before: int
) -> tuple[MergeResult, SinkOutcome, int | None]:
    """Merge the gathered changes into what is there; also how many deleted rows left it.

    None where the instance has no list of the deleted.

    :param before: how many rows there are.
    :raises PaginationError: the list of the deleted cannot be read to its end.
    :raises HaloError: the deleted could not be asked for.
    :raises OSError: it cannot be written.
    """
    deleted = await _deleted(fetcher)
    if deleted and len(deleted) * 2 > before and await _are_shown(fetcher, frozenset(deleted)):
        deleted = None
    merged, outcome = await run_until_stopped(changes.stop, _merge, sink, changes, deleted or [])
    return merged, outcome, None if deleted is None else merged.deleted


def _merge(sink: ExportSink, changes: SinkInput, deleted: list[int]) -> tuple[MergeResult, SinkOutcome]:
    if not changes.spool.exists():
        changes.spool.touch()  # merged already, and stopped before the journal entry: count the rows
    latest: dict[Id, int] = {}
    for number, row in enumerate(lines(changes.spool, changes.codec)):
        id = row_id(row)
        if id is not None:  # rows without an id are all different
            latest[id] = number
    changes = attrs.evolve(changes, latest=latest, replaced=latest.keys())
    done = sink.merge(changes, frozenset(deleted) - latest.keys())
    changes.spool.unlink(missing_ok=True)
    return done


async def _deleted(fetcher: PageFetcher) -> list[int] | None:
    if "deleted" not in fetcher.operation.known:
        return None
    rows = await same_whole_twice(fetcher.narrowed(("deleted", "true")))
    return [id for id in map(row_id, rows) if isinstance(id, int)]


async def _are_shown(fetcher: PageFetcher, deleted: frozenset[int]) -> bool:
    """Return whether the list shows rows that it reports as deleted: then it ignores that filter."""
    filters = tuple(pair for pair in fetcher.filters if pair[0] != CHANGED_SINCE)
    page = await attrs.evolve(fetcher, filters=filters).page(1)
    return any(row_id(row) in deleted for row in page.rows)
