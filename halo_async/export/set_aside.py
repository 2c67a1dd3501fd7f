"""Pages that others took the place of, since they did not go on from the rows that were known."""

from __future__ import annotations

from halo_async.export.keyed_page import KeyedPage
from halo_async.export.seen_ids import SeenIds


class PagesSetAside:
    """Rows on them can be on no other page: deleted ones, or those of a page that came from a cache later."""

    def __init__(self) -> None:
        self._pages: list[KeyedPage] = []

    def add(self, page: KeyedPage) -> None:
        """Set a page aside."""
        self._pages.append(page)

    def rows_missed_by(self, tally: SeenIds) -> list[bytes]:
        """Return the rows that were not seen, and count them; those without ids cannot be told from others."""
        every = (tally.not_seen(page.page.rows, page.ids) for page in self._pages)
        return tally.new([row for missed in every for id, row in missed.items() if id is not row])
