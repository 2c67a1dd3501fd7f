"""Set of ids in a table: the seeded less the deleted, then the new. Untouched, it costs nothing."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator


class Ids:
    """Ascending set of ids, initially 1 to ``seeded``; the id at any rank is found in logarithmic time."""

    def __init__(self, seeded: int) -> None:
        self.seeded = seeded
        self.newest = seeded
        self._removed: list[int] = []
        self._added: list[int] = []

    def __len__(self) -> int:
        return self.seeded - len(self._removed) + len(self._added)

    def __contains__(self, id: int) -> bool:
        if 1 <= id <= self.seeded:
            return not _has(self._removed, id)
        return _has(self._added, id)

    def __iter__(self) -> Iterator[int]:
        removed = set(self._removed)
        yield from (id for id in range(1, self.seeded + 1) if id not in removed)
        yield from self._added

    def __reversed__(self) -> Iterator[int]:
        removed = set(self._removed)
        yield from reversed(self._added)
        yield from (id for id in range(self.seeded, 0, -1) if id not in removed)

    def rank(self, id: int) -> int:
        """Return the number of smaller ids."""
        seeded = min(max(0, id - 1), self.seeded)
        return seeded - bisect_left(self._removed, id) + bisect_left(self._added, id)

    def at(self, rank: int) -> int:
        """Return the id with this many smaller ones before it."""
        left = self.seeded - len(self._removed)
        if rank >= left:
            return self._added[rank - left]
        # A removed id r with i removed ones before it has r - i - 1 ids left before it.
        skipped = bisect_right(
            range(len(self._removed)), rank + 1, key=lambda index: self._removed[index] - index
        )
        return rank + 1 + skipped

    def new(self) -> int:
        """Add the next id: one above every id ever used."""
        self.newest += 1
        self._added.append(self.newest)
        return self.newest

    def remove(self, id: int) -> None:
        """Remove an id.

        :raises KeyError: the id is not in the set.
        """
        if id not in self:
            raise KeyError(id)
        if id <= self.seeded:
            insort(self._removed, id)
        else:
            del self._added[bisect_left(self._added, id)]

    def restore(self, id: int) -> None:
        """Reinsert a removed id in its old position."""
        if id in self or not 1 <= id <= self.newest:
            raise KeyError(id)
        if id <= self.seeded:
            del self._removed[bisect_left(self._removed, id)]
        else:
            insort(self._added, id)

    def without(self, ids: set[int]) -> Ids:
        """Return a copy without some of the ids."""
        copy = Ids(self.seeded)
        copy.newest = self.newest
        copy._removed = sorted({*self._removed, *(id for id in ids if id <= self.seeded)})
        copy._added = [id for id in self._added if id not in ids]
        return copy


def _has(ordered: list[int], id: int) -> bool:
    at = bisect_left(ordered, id)
    return at < len(ordered) and ordered[at] == id
