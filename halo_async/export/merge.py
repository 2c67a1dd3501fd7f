"""Update of an earlier run's rows: merge the changed rows, delete the deleted ones, one row per id."""

from __future__ import annotations

import attrs

from halo_async._utils.threads import run_until_stopped
from halo_async.export.changed_parents import ChangedParents
from halo_async.export.fetch import PageFetcher
from halo_async.export.in_memory import same_whole_twice
from halo_async.export.options import CHANGED_SINCE
from halo_async.export.seen_ids import row_id
from halo_async.export.sinks import ExportSink, Id, MergeResult, SinkInput, SinkOutcome
from halo_async.export.spool import lines


async def deleted_rows(fetcher: PageFetcher, before: int) -> list[int] | None:
    """Return the ids that the instance lists as deleted; None where it has no such list, or shows such rows.

    :param before: how many rows there are.
    :raises PaginationError: the list cannot be read to its end.
    :raises HaloError: it could not be asked for.
    """
    deleted = await _deleted(fetcher)
    if not deleted:
        return deleted
    whole = tuple(pair for pair in fetcher.filters if pair[0] != CHANGED_SINCE)
    lists = [fetcher] if len(deleted) * 2 <= before else [fetcher, attrs.evolve(fetcher, filters=whole)]
    for each in lists:
        if await _shows_some(each, frozenset(deleted)):
            return None
    return deleted


async def bring_up_to_date(
    sink: ExportSink, changes: SinkInput, deleted: list[int] | None
) -> tuple[MergeResult, SinkOutcome]:
    """Merge the gathered changes into what is there, and leave out the deleted.

    :raises OSError: it cannot be written.
    """
    return await run_until_stopped(changes.stop, _merge, sink, changes, deleted or [])


async def replace_children(
    sink: ExportSink, changes: SinkInput, key: str, parents: ChangedParents
) -> tuple[MergeResult, SinkOutcome]:
    """Put the gathered rows in the place of all rows of the same parents; those of deleted parents leave.

    :param key: the field with a parent's id.
    :raises OSError: it cannot be written.
    """
    return await run_until_stopped(changes.stop, _replace, sink, attrs.evolve(changes, key=key), parents)


def _replace(
    sink: ExportSink, changes: SinkInput, parents: ChangedParents
) -> tuple[MergeResult, SinkOutcome]:
    if changes.spool.exists():
        done = sink.merge(attrs.evolve(changes, replaced=frozenset(parents.ids)), parents.deleted)
    else:  # done already, and stopped before the journal entry: nothing is left to replace them with
        changes.spool.touch()
        done = sink.merge(changes, ())
    changes.spool.unlink(missing_ok=True)
    return done


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
    if "deleted" not in fetcher.operation.argument_names:
        return None
    rows = await same_whole_twice(fetcher.narrowed(("deleted", "true")))
    return [id for id in map(row_id, rows) if isinstance(id, int)]


async def _shows_some(fetcher: PageFetcher, deleted: frozenset[int]) -> bool:
    """Return whether a list shows rows that it reports as deleted: then it ignores that question.

    A row that changed since the changes were received would be taken for a deleted one.
    """
    page = await fetcher.page(1)
    return any(row_id(row) in deleted for row in page.rows)
