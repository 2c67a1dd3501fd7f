"""A page, and what identifies its rows."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import attrs

from halo_async.export.seen_ids import RowId, ids_in, row_key
from halo_async.pagination.split_rows import RowPage


@attrs.frozen
class KeyedPage:
    """A page with the id and the key of each row."""

    page: RowPage
    ids: Sequence[RowId]
    keys: list[int]

    @classmethod
    def of(cls, page: RowPage) -> KeyedPage:
        """Return a page with what identifies its rows."""
        ids = ids_in(page)
        return cls(page, ids, [row_key(row, id) for row, id in zip(page.rows, ids, strict=True)])

    @property
    def fingerprint(self) -> int:
        """A number that the same rows have in every process."""
        return zlib.crc32(b",".join(self.page.rows))
