"""Rows that responses showed and that are not written: each was there, so an export that is complete has it.

A response is asked for twice, a page did not go on from the one before it, one server behind an address has rows that
another has not: whatever the reason, a row that no page brought to the file is known here until it is written.

The rows of a page are written as a rule, so that pages are kept for a moment only. What is left of them is kept by id
until the rows that came with other pages are known: one to eight bytes for each row that was written, where nothing
else counts them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from halo_async.export.seen_ids import RowId, ids_in
from halo_async.export.written_ids import WrittenIds, mark
from halo_async.pagination.split_rows import RowPage

PAGES = 20
"""Pages that are kept as they are, at most."""
ROWS = 1000
"""Rows that wait before those that are written are looked for."""

RowKey = int | str | float
"""Name of a row: its id, or what it is called where ids are not unique."""


@attrs.define
class ShownRows:
    """Rows that were shown, until they are written."""

    is_known: Callable[[RowId], bool] | None = None
    """Returns whether a row with an id is written, where the reader knows; else the ids are kept here."""
    above: ShownRows | None = None
    """Gets every page, too: rows of this reading alone are not written by that."""
    identify: Callable[[bytes], RowKey] | None = None
    """Returns what identifies a row, where ids do not; a false value without an id."""
    _pages: list[RowPage] = attrs.field(factory=list, init=False)
    _waiting: dict[RowKey, bytes | None] = attrs.field(factory=dict, init=False)
    """None for rows of which only the id is known: an earlier run or another process saw them."""
    _unrecorded: dict[RowKey, None] = attrs.field(factory=dict, init=False)
    """Those that the journal does not have."""
    _written: WrittenIds = attrs.field(factory=WrittenIds, init=False)
    _taken: set[RowId] = attrs.field(factory=set, init=False)
    _most: int = attrs.field(default=ROWS, init=False)

    def show(self, page: RowPage) -> None:
        """Take what a response showed."""
        if page.rows:
            self._pages.append(page)
            if len(self._pages) > PAGES:
                self._unfold()
        if self.above is not None:
            self.above.show(page)

    def expect(self, rows: Mapping[RowKey, bytes | None] | Iterable[RowKey]) -> None:
        """Take rows, or the ids of rows, that somebody else was shown."""
        found = rows if isinstance(rows, Mapping) else dict.fromkeys(rows)
        # A row that is known stays, where an id alone came later.
        self._wait({key: row or self._waiting.get(key) for key, row in found.items()})

    def write(self, page: RowPage, ids: Sequence[RowId]) -> None:
        """Take what is written of a page, by id."""
        for place, shown in enumerate(self._pages):
            if shown is page:
                del self._pages[place]
                if len(ids) < len(page.rows):
                    self._wait(self._named(page))
                break
        if self._waiting:
            self._forget(ids)
        if self.is_known is None:
            self._written.extend(ids)

    def take(self, keys: Iterable[RowId]) -> None:
        """Take what identifies rows that are written, apart from pages. Those that waited do not wait again."""
        found = [key for key in keys if key in self._waiting]
        self._forget(found)
        self._taken.update(found)

    def _forget(self, keys: Iterable[RowId]) -> None:
        for key in keys:
            if key:
                self._waiting.pop(key, None)
                self._unrecorded.pop(key, None)

    @property
    def waits(self) -> bool:
        """True if rows wait that are not on the pages of the moment."""
        return bool(self._waiting)

    def begin_again(self) -> None:
        """Another reading begins: the ledger knows what was written before."""
        self._unfold()
        self._written, self.is_known = WrittenIds(), None

    def unrecorded(self) -> list[RowKey]:
        """Return the ids of the rows that wait and that were not returned before: for the journal."""
        if self._pages:
            self._unfold()
        found = list(self._unrecorded)
        self._unrecorded.clear()
        return found

    def missed(self) -> dict[RowKey, bytes | None]:
        """Return the rows that are not written, as far as is known here."""
        self._unfold()
        self._forget_written()
        return dict(self._waiting)

    def forget(self) -> None:
        """The rows that were missed are written, too. They are not missed again."""
        if self.is_known is None:
            self._written.extend([*self._waiting])
        self._waiting.clear()
        self._unrecorded.clear()

    def _unfold(self) -> None:
        for page in self._pages:
            self._wait(self._named(page))
        self._pages.clear()

    def _named(self, page: RowPage) -> dict[RowKey, bytes | None]:
        identify = self.identify
        names: Iterable[RowId] = ids_in(page) if identify is None else map(identify, page.rows)
        return {name: row for name, row in zip(names, page.rows, strict=True) if name}

    def _wait(self, rows: Mapping[RowKey, bytes | None]) -> None:
        if self.is_known is not None:
            is_known = self.is_known
            rows = {key: row for key, row in rows.items() if not is_known(key)}
        if self._taken:
            rows = {key: row for key, row in rows.items() if key not in self._taken}
        new = rows.keys() - self._waiting.keys()
        self._waiting.update(rows)
        self._unrecorded.update(dict.fromkeys(new))
        if len(self._waiting) > self._most:
            self._forget_written()
            self._most = max(ROWS, 2 * len(self._waiting))

    def _forget_written(self) -> None:
        if self.is_known is not None:
            found = [key for key in self._waiting if self.is_known(key)]
        else:
            keys = {mark(key): key for key in self._waiting}
            found = [keys[number] for number in self._written if number in keys]
        self._forget(found)
