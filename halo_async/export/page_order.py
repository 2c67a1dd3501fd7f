"""Pages in their order: what is left where neither ids nor their order can be relied on.

A row that moves to an earlier page meanwhile would be missed. So pages overlap, and a reading counts if each page
begins with the last row known, the total was the same throughout, and page 1 at the end has known rows alone, or if the
list obeys `order=id`, so that no row moves. Ids that ascend or descend do not show that by themselves: those of a list
whose latest update comes first can descend, until a row is updated. Else the list is read again: without a total until
two readings agree. A reading without repeats has as many rows as the list when it ends; if the next one still has all
of them, none was deleted meanwhile, so there were no others. What earlier readings received is kept: those rows were
there. Only the latest version of a row is kept, if ids tell.

One hash per row is kept, to drop those that are received twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress
from typing import Any

from halo_async.errors import IncompleteError, PaginationLoopError
from halo_async.export.fetch import SIZE, PageFetcher
from halo_async.export.first_page import ROUND, TINY, longer
from halo_async.export.keyed_page import KeyedPage
from halo_async.export.page_position import PagePosition
from halo_async.export.protocols import PageCommitter
from halo_async.export.seen_ids import SeenIds, ids_in
from halo_async.pagination.page_numbers import missing_rows_error
from halo_async.pagination.split_rows import RowPage

READINGS = 4
"""Readings of a list that changes meanwhile, at most."""
_NOTHING = RowPage([], None, True, 0)


class PageOrderReader:
    """Reader of a list in the order of its pages, from its first page or from a saved position."""

    def __init__(
        self,
        fetcher: PageFetcher,
        ledger: PageCommitter,
        state: Any,
        tally: SeenIds,
        total: int | None = None,
        *,
        sorts: bool = False,
    ) -> None:
        """Take what is known of the list.

        :param tally: knows the rows of an earlier run.
        :param total: what the list was said to have.
        :param sorts: whether the list was seen to obey `order=id`.
        """
        self._sorts = sorts
        self._fetcher = fetcher
        self._ledger = ledger
        self._place = PagePosition(*state) if state else PagePosition(total=total)
        self._tally = tally
        fetcher.shown.is_known = tally.knows
        if self._place.number > 1:
            tally.begin_again()
            self._place.twice |= not self._place.ended  # the ids that came before it stopped are not known

    async def read(self, first: RowPage | None = None) -> None:
        """Read until nothing can be missing.

        :raises PaginationError: the list repeats a page, returns fewer rows than it counts, or changes all the time.
        :raises HaloError: a page could not be read.
        :raises OSError: the rows could not be written.
        """
        await self._read_once(first)
        while not (await self._is_enough() or self._agrees()):
            if self._place.number >= READINGS:
                raise self._unsettled()
            self._place = self._place.again()
            self._tally.begin_again()
            await self._read_once(None)

    async def write_missed(self) -> None:
        """Write the rows that were shown on other pages than those that were written: they were there."""
        if rows := [row for row in self._fetcher.shown.missed().values() if row is not None]:
            await self._ledger.commit(0, self.state, self._tally.new(rows))

    @property
    def ids_identify_rows(self) -> bool:
        """True if no page had two rows with one id, nor the last reading: such rows are versions of one row."""
        return not (self._place.clashes or self._place.twice)

    @property
    def received(self) -> int:
        """Number of rows of the last reading."""
        return self._place.rows

    @property
    def state(self) -> Any:
        """Its position, for the journal."""
        return self._place.as_list()

    async def _is_enough(self) -> bool:
        """Return whether this reading is; where rows move, page 1 is requested once more and has to show known ones."""
        place = self._place
        if place.is_exact and not (place.whole or place.by_id):
            page = await self._fetcher.page(1)
            if len(page.rows) < min(place.length, place.end):
                page = longer(page, await self._fetcher.page(1))
            place.moved = not self._tally.has_all(page.rows, ids_in(page))
        return place.is_exact

    def _agrees(self) -> bool:
        """Return whether two readings had the same rows.

        :raises IncompleteError: the list counts more, both times.
        """
        place = self._place
        if place.agrees and place.counted is not None and place.counted > place.end and not place.changed:
            raise missing_rows_error(place.rows, place.counted)
        return place.agrees and place.counted in (None, place.end)

    def _unsettled(self) -> IncompleteError:
        return IncompleteError(
            f"The list changed each of the {READINGS} times it was read. Received {self._tally.rows:,} rows, "
            "and some may be missing. Export it again when fewer rows change."
        )

    async def _read_once(self, first: RowPage | None) -> None:
        while not self._place.ended:
            page = await self._read_next() if first is None else first
            first = None
            found = await self._join_page(page)
            rows, repeats = self._take_new_rows(found)
            await self._ledger.commit(0, self.state, rows, repeats, read_by=found.page.read_by)

    async def _read_next(self) -> RowPage:
        """The next page; one that may have been cut on the way: the longer of two, or of three that are empty."""
        page = await self._fetch_page()
        if self._is_doubtful(len(page.rows)):
            page = longer(page, await self._fetch_page())
            if not page.rows:  # that ends the reading, and the next one is compared with it
                page = await self._fetch_page()
        return page

    async def _fetch_page(self) -> RowPage:
        return await self._fetcher.page(self._place.page, self._place.size)

    def _is_doubtful(self, count: int) -> bool:
        place, expected = self._place, self._place.expected()
        if expected is None:
            return count not in ROUND
        # An empty page behind a short one, which was requested twice, agrees with it.
        return count < expected and not (place.short and not count)

    async def _join_page(self, page: RowPage) -> KeyedPage:
        """The page, or another one that goes on from the rows that are known."""
        place, found = self._place, KeyedPage.of(page)
        if not place.overlaps or self._joins(found):
            return found
        if self._is_beyond(found.page) and not place.idle:  # so many rows were deleted that none is known
            place.go_back()
            found = KeyedPage.of(await self._read_next())
            if self._joins(found):
                return found
        if place.parts > 1:
            place.moved = True
            return found
        place.overlaps = False  # behind the first page it is page_size that is ignored, or page_no
        if len(found.page.rows) > place.size:
            return found
        place.page, place.size = 2, SIZE
        return KeyedPage.of(await self._read_next())

    def _joins(self, found: KeyedPage) -> bool:
        """Return whether no row can be between a page and those before it, if rows keep their order."""
        place, ids = self._place, found.page.ids
        if len(found.page.rows) > place.size:
            return False
        if place.start >= place.end:
            return True  # no page of this length would overlap
        if place.by_id and ids and found.page.ascending:
            return ids[0] <= place.last_id and (len(ids) < place.size or ids[-1] >= place.last_id)
        return place.last in found.keys

    def _is_beyond(self, page: RowPage) -> bool:
        """Return whether the last row is behind the last known one, by the order of the ids."""
        place, ids = self._place, page.ids or []
        return place.by_id and 0 < len(ids) <= place.size and ids[-1] > place.last_id

    def _take_new_rows(self, found: KeyedPage) -> tuple[list[bytes], int]:
        """The rows of a page that were not seen before, and the number of others."""
        place = self._place
        if (not place.overlaps or self._is_stuck(found)) and self._comes_again(found):
            place.whole = True  # the presumed page was the whole list
            found = KeyedPage.of(_NOTHING)
        self._learn_order(found)
        known, rows, ids = self._count_known(found), found.page.rows, found.ids
        # Up to a row that was moved, or shares its id, there can be others; without ids they cannot be told from it.
        is_other = any(ids) and (place.shifted or not place.unique)
        before = self._tally.meet(rows[:known], ids[:known]) if is_other else None
        met = self._tally.meet(rows[known:], ids[known:])
        if place.number == 1:
            place.moved |= met.again > 0 or (place.unique and met.changed > 0)
        place.twice |= met.twice > 0
        place.equal |= met.equal > 0
        self._fetcher.shown.write(found.page, ids[known:])
        self._sum(found.keys[known:], met.new)
        self._advance(found, known)
        fresh = [*before.fresh, *met.fresh] if before else met.fresh
        return fresh, len(rows) - len(fresh)

    def _is_stuck(self, found: KeyedPage) -> bool:
        """Return whether a page is the first one; page 2 of an envelope can be, as a row can have moved it there."""
        place = self._place
        return found.fingerprint == place.first and (found.page.bare or place.page > 2)

    def _comes_again(self, found: KeyedPage) -> bool:
        """Return whether a page is repeated: True if the first was the whole list.

        :raises PaginationLoopError: the instance returns it forever.
        """
        place = self._place
        if found.page.rows and found.fingerprint in (place.first, place.before):
            if found.page.bare and place.page == 2:
                return True
            raise PaginationLoopError(
                f"Page {place.page} is the same as an earlier one: the instance ignores page_no here."
            )
        return False

    def _learn_order(self, found: KeyedPage) -> None:
        place, page, count = self._place, found.page, len(found.page.rows)
        if page.total is not None and (count or not place.read):  # past the end it is 0
            place.changed |= bool(place.read) and place.total not in (None, page.total)
            place.total = page.total
        identified = [id for id in found.ids if id]
        if len(set(identified)) != len(identified):
            place.unique = False
            place.clashes |= len(set(identified)) < len(
                {row for row, id in zip(page.rows, found.ids, strict=True) if id}
            )
        if not place.read:
            place.by_id = self._sorts
        place.by_id &= page.ascending

    def _count_known(self, found: KeyedPage) -> int:
        """The number of first rows that were received with the page before; notes whether they are in their place."""
        place, keys = self._place, found.keys
        if not place.read:
            return 0
        if not place.overlaps or place.start >= place.end:
            place.shifted |= place.last in keys
            return 0
        expected = place.end - 1 - place.start
        if expected < len(keys) and keys[expected] == place.last:
            return expected + 1
        place.shifted = True
        if place.by_id and found.page.ids:
            return sum(id <= place.last_id for id in found.page.ids)
        return keys.index(place.last) + 1 if place.last in keys else 0

    def _sum(self, keys: Sequence[int], new: Sequence[bool]) -> None:
        place = self._place
        place.rows += len(keys)
        place.keys = (place.keys + sum(keys)) % 2**64
        place.new_rows += sum(new)
        place.new_keys = (place.new_keys + sum(compress(keys, new))) % 2**64

    def _advance(self, found: KeyedPage, known: int) -> None:
        place, count = self._place, len(found.page.rows)
        is_idle, before = known == count, place.length
        place.short = count < (place.size if place.overlaps and place.read else before)
        if place.overlaps:
            place.end = place.start + count
        else:
            place.end += count
        place.distrusted |= place.total is not None and place.end > place.total
        if not place.read and count >= TINY:
            place.length = count  # pages may have become shorter
        elif not (place.read and place.overlaps):
            place.length = max(count, before)
        place.read += 1
        place.parts += not is_idle
        place.ended = place.ended or not count or self._is_end(count, is_idle=is_idle)
        place.idle = is_idle
        if count:
            place.before = found.fingerprint
            place.first = place.first or place.before
            place.last, id = found.keys[-1], found.ids[-1]
            place.last_id = id if type(id) is int else 0
        if not place.ended:
            place.go_on()

    def _is_end(self, count: int, *, is_idle: bool) -> bool:
        place, total = self._place, self._place.counted
        if place.read == 1:
            return place.number > 1 and place.short and total in (None, count)
        if not place.overlaps:
            return place.end == total and place.short
        if total is not None and place.end < total and not is_idle:
            return False
        return place.short or (is_idle and place.idle)
