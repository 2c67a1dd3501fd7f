"""Bringing a file up to date: the changed rows in, the deleted ones out, one row an id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from threading import Event

from attrs import frozen

from halo_async.export.fetch import Fetcher
from halo_async.export.sinks import Material, Stopped
from halo_async.export.sinks.files import finish, part_of
from halo_async.export.small import whole
from halo_async.export.spool import Codec, lines
from halo_async.export.tally import row_id
from halo_async.export.threads import beside

_BATCH = 1000
_Id = int | str | float | None


@frozen
class Merged:
    """What came of it."""

    rows: int
    changed: int
    deleted: int


async def bring_up_to_date(old: Path, changes: Material, fetcher: Fetcher) -> tuple[Merged, int | None]:
    """Merge the gathered changes into the file of the last run; also how many deleted rows left it.

    None where the instance has no list of the deleted.

    :raises HaloError: the deleted could not be asked for.
    :raises OSError: it cannot be written.
    """
    deleted = await _deleted(fetcher)
    if not changes.spool.exists():
        changes.spool.touch()  # merged already, and stopped before the journal said so: count what is there
    merged = await beside(changes.stop, merge, old, changes.spool, changes.codec, deleted or (), changes.stop)
    changes.spool.unlink()
    return merged, None if deleted is None else merged.deleted


async def _deleted(fetcher: Fetcher) -> list[int] | None:
    if "deleted" not in fetcher.operation.known:
        return None
    rows = await whole(fetcher.narrowed(("deleted", "true")))
    return [id for id in map(row_id, rows) if isinstance(id, int)]


def merge(old: Path, changes: Path, codec: Codec, deleted: Iterable[int], stop: Event) -> Merged:
    """Rewrite `old` with the rows of `changes`; those come at its end. The old file stays until the new is whole.

    The ids of the changes are held in memory, no row is.

    :raises OSError: it cannot be written.
    :raises Stopped: it was given up.
    """
    latest: dict[_Id, int] = {}
    for number, row in enumerate(lines(changes, codec)):
        latest[row_id(row)] = number
    gone = set(deleted) - latest.keys()
    counts = {"old": 0, "deleted": 0}

    def rows() -> Iterator[bytes]:
        for row in lines(old, codec):
            id = row_id(row)
            if id in gone:
                counts["deleted"] += 1
            elif id not in latest:
                counts["old"] += 1
                yield row
        for number, row in enumerate(lines(changes, codec)):
            if latest[row_id(row)] == number:
                yield row

    part = part_of(old.with_name(f".{old.name}.merged"))
    _write(part, rows(), codec, stop)
    finish(part, old)
    return Merged(counts["old"] + len(latest), len(latest), counts["deleted"])


def _write(path: Path, rows: Iterator[bytes], codec: Codec, stop: Event) -> None:
    with path.open("wb") as file:
        while batch := list(islice(rows, _BATCH)):
            if stop.is_set():
                raise Stopped
            file.write(codec.pack(b"\n".join(batch) + b"\n"))
