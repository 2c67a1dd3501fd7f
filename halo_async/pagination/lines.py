"""Rows as lines of JSON, for tables: no Python object is made of a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from halo_async._utils.json_depth import array_of

if TYPE_CHECKING:
    from halo_async.tables.rows import Row


class Lines(list[bytes]):
    """Rows of a page, one JSON value in one line each.

    :ivar ids: the rows' ids, if they are known and integers.
    """

    __slots__ = ("ids",)

    def __init__(self, rows: Iterable[bytes], ids: list[int] | None = None) -> None:
        super().__init__(rows)
        self.ids = ids

    def with_fields(self, names: tuple[str, ...]) -> Sequence[Any]:
        """Return the rows as mappings, or as objects whose attributes are these fields, None where one is missing."""
        from halo_async.tables.rows import as_array

        try:
            found: Sequence[Any] = _decoder(names)(as_array(self))
        except (ValueError, RecursionError):  # rows that are not objects, or with odd values
            return self.decoded()
        return found

    def decoded(self) -> Sequence[Row]:
        """Return the rows as mappings."""
        from halo_async.tables.rows import batch_of  # not loaded for lists of records

        return batch_of(self)


@cache
def _decoder(names: tuple[str, ...]) -> Callable[[bytes], list[Any]]:
    fields: Any = [(name, Any, None) for name in names]
    row: Any = msgspec.defstruct("_Row", fields, gc=False)
    return msgspec.json.Decoder(array_of(row)).decode
