"""Records as tables in notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from halo_async._utils.html_table import MAX_ROWS, html_of_mappings, html_table
from halo_async.records.converters import is_record
from halo_async.records.repr import shorten, shown_fields

if TYPE_CHECKING:
    from halo_async.records.record import Record

MAX_FIELDS = 60


def html_of_record(record: Record) -> str:
    """Return a table of the fields that are not null; secrets are stars, lists and objects are counted."""
    fields = [(name, str(value)) for name, value in shown_fields(record)]
    more = f"{len(fields) - MAX_FIELDS} more fields" if len(fields) > MAX_FIELDS else ""
    return html_table((type(record).__name__, ""), fields[:MAX_FIELDS], more)


def html_of_rows(rows: Sequence[Any], total: int | None = None) -> str:
    """Return a table of the first rows.

    :param total: rows that there are, if these are not all.
    """
    return html_of_mappings([_mapping(row) for row in rows[:MAX_ROWS]], max(total or 0, len(rows)))


def _mapping(row: Any) -> Mapping[str, Any]:
    if is_record(row):
        return {name: value for name, value in row.__dict__.items() if value is not None}
    return row if isinstance(row, Mapping) else {"": shorten(row)}
