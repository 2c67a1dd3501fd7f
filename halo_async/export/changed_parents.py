"""Parents that changed since the last run: an incremental run asks for the rows of these alone."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import attrs

from halo_async.export.children import Child, parents_file
from halo_async.export.fetch import PageFetcher
from halo_async.export.options import ExportOptions
from halo_async.export.page_order import PageOrderReader
from halo_async.export.seen_ids import SeenIds, row_id
from halo_async.export.sinks import Id
from halo_async.export.sinks.files import finish
from halo_async.pagination.split_rows import RowReader

NOT_MOVED = "all: a change of these rows need not change the date of their parent"
FILTERED = "all: the parents are filtered"
NO_KEY = "all: the file does not have the ids of the rows and of their parents"
ASKED_FOR = "all: asked for by all_parents"
NEW = "all: the last run left no rows of this list or of its parents, or a time that is still to come"


@attrs.frozen
class ChangedParents:
    """Ids of parents."""

    ids: array[int]
    """Those that changed, in the order in which they were received."""
    deleted: frozenset[int]

    def first(self, count: int) -> ChangedParents:
        """Return the first so many, and the deleted."""
        return ChangedParents(self.ids[:count], self.deleted)

    @property
    def replaced(self) -> frozenset[int]:
        """Parents whose rows leave the file."""
        return self.deleted.union(self.ids)


def changed_file(folder: Path, name: str) -> Path:
    """Return the path of the file that stores a child's changed parents during the export."""
    return parents_file(folder, name).with_suffix(".changed-parents")


def write_changed(path: Path, ids: Iterable[object], deleted: Iterable[int] = ()) -> None:
    """Store ids of parents; those deleted are negative.

    :raises OSError: they cannot be written.
    """
    known = [id for id in ids if isinstance(id, int) and 0 < id < 2**63]
    gone = [-id for id in deleted if 0 < id < 2**63]
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        array("q", gone + known).tofile(file)
    finish(part, path)


def read_changed(path: Path) -> ChangedParents:
    """Return the ids that were stored.

    :raises OSError: the file does not exist.
    """
    numbers = array("q")
    numbers.frombytes(path.read_bytes())
    ids = array("q", dict.fromkeys(number for number in numbers if number > 0))
    gone = frozenset(-number for number in numbers if number < 0)
    return ChangedParents(ids, gone.difference(ids))


def why_all(name: str, child: Child, options: ExportOptions, stamps: dict[str, str]) -> str | None:
    """Return why all parents are asked for; None if only the changed ones are.

    :param stamps: by resource: the time since which changes are requested.
    """
    if options.all_parents:
        return ASKED_FOR
    if child.key is None or child.parent not in stamps:
        return NOT_MOVED if child.key is None else NEW
    if options.filters.get(child.parent):
        return FILTERED
    if options.hides(name):
        return NO_KEY
    return None if name in stamps else NEW


class LastRun(Protocol):
    """The file of a child that is brought up to date, and the parents that changed since."""

    def parents(self) -> ChangedParents:
        """Return the parents that are known to have changed.

        :raises OSError: they were not stored.
        """
        ...

    async def kept(self, parents: ChangedParents) -> int | None:
        """Return how many rows of other parents the file has; None if that cannot be told.

        :raises OSError: it cannot be read.
        """
        ...

    async def ask_again(self) -> None:
        """Ask which parents changed, and store those that are new behind the others.

        :raises HaloError: they could not be had.
        """
        ...


class _Ids:
    """Ids of rows as they are received."""

    def __init__(self) -> None:
        self.found: list[Id] = []

    async def commit(
        self,
        lane: int,
        state: Any,
        rows: Sequence[bytes],
        repeats: int = 0,
        *,
        read_by: RowReader | None = None,
    ) -> None:
        self.found += map(row_id, rows)


async def listed_ids(fetcher: PageFetcher) -> list[Id]:
    """Return the ids of a list's rows.

    :raises PaginationError: it cannot be read to its end.
    :raises HaloError: a page could not be received.
    """
    held = _Ids()
    reader = PageOrderReader(fetcher.narrowed(), held, None, SeenIds())
    await reader.read()
    await reader.write_missed()
    return held.found


def kept_of(replaced: frozenset[int], rows: int) -> Callable[[Iterable[Id]], int | None]:
    """Return a function from the parents of a file's rows to how many rows stay; None if that cannot be told.

    :param rows: how many rows the file has.
    """

    def count(parents: Iterable[Id]) -> int | None:
        found = kept = 0
        for parent in parents:
            if type(parent) is not int:
                return None
            found += 1
            kept += parent not in replaced
        return kept if found == rows else None

    return count
