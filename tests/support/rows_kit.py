"""Records over rows, as the later pages of a list have them."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from halo_async.records.read_fields import can_be_written, part_of
from halo_async.records.record import from_json_rows
from halo_async.records.struct_rows import FieldNames, let_read_rows, nested_fields, order_of, shape_of


def over_rows(
    cls: type[Any],
    found: list[dict[str, Any]],
    names: tuple[str, ...] | None = None,
    read: Collection[str] = (),
) -> list[Any]:
    """The records of a page; `names` are the fields of its shape, else those of the rows; `read` the usual ones."""
    names = names or order_of(found)
    assert names is not None
    assert let_read_rows(cls, names)
    nested = nested_fields(found)
    decoded, _ = shape_of(FieldNames(names, nested=nested)).decode(json.dumps(found).encode())
    usual = tuple(name for name in names if name in read and name not in nested and can_be_written(name))
    return from_json_rows(cls, decoded, part_of(usual) if usual else None)
