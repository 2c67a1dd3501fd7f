"""The layout of Parquet: one file, or a folder of files by the values of a field, or of so many rows each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from halo_async._operations.operation import Operation
from halo_async._utils.names import did_you_mean
from halo_async._utils.validation import article, check_whole_number
from halo_async.errors import SettingsError
from halo_async.export.column_options import fields_of
from halo_async.export.names import own_name, resource_name
from halo_async.export.row_columns import Columns

UNITS = {"year": 4, "month": 7, "day": 10}
"""Length of the part of an ISO date that names the unit."""
_FORM = "Write month:dateoccurred, year:dateoccurred, day:dateoccurred or status_id."


@attrs.frozen
class Layout:
    """The layout of one resource's files."""

    field: str | None = None
    """The field whose values divide the rows among folders; None for one folder."""
    unit: str | None = None
    """`year`, `month` or `day` of the field, which is a date; None for its values."""
    rows_per_file: int | None = None

    @property
    def key(self) -> str:
        """The name before `=` in the names of folders."""
        return self.unit or f"by_{self.field}"

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return attrs.asdict(self)


Layouts = Mapping[str, Layout]
"""Layouts by resource; the others have one file."""


def checked_layouts(
    operations: Sequence[Operation],
    format: str,
    partition_by: str | Mapping[str, str] | None,
    rows_per_file: int | None,
    columns: Columns,
) -> dict[str, Layout]:
    """Return the layouts by resource.

    :raises SettingsError: there is no such field, it is not a date, or the format has one file.
    """
    if partition_by is None and rows_per_file is None:
        return {}
    if format != "parquet":
        name = "rows_per_file" if partition_by is None else "partition_by"
        raise SettingsError(f"{name} requires the format parquet, not {format}.")
    if rows_per_file is not None:
        check_whole_number("rows_per_file", rows_per_file)
    known = {resource_name(operation): operation for operation in operations}
    fields = {name: columns.get(name) or fields_of(operation) for name, operation in known.items()}
    found = {} if rows_per_file is None else {name: Layout(rows_per_file=rows_per_file) for name in known}
    for name, text in _by_resource(partition_by, fields).items():
        layout = Layout(*_parse_partition(text), rows_per_file=rows_per_file)
        _check_field(known[name], name, layout, fields[name])
        found[name] = layout
    return found


def _by_resource(
    given: str | Mapping[str, str] | None, fields: Mapping[str, Iterable[str]]
) -> dict[str, str]:
    """Return what is given for each resource; of one text for all, for those that have the field."""
    if given is None:
        return {}
    if isinstance(given, str):
        field = _parse_partition(given)[0]
        found = {name: given for name, known in fields.items() if field in known}
        if not found:
            hint = did_you_mean(field, sorted({name for known in fields.values() for name in known}))
            raise SettingsError(f"No exported list has a column {field!r}{hint or '.'}")
        return found
    if not isinstance(given, Mapping):
        raise SettingsError(f'partition_by must be "month:dateoccurred" or the like, not {article(given)}.')
    own = {(name if name in fields else own_name(str(name))): text for name, text in given.items()}
    if others := [name for name in own if name not in fields]:
        raise SettingsError(f"{others[0]!r} is not exported, and cannot be partitioned.")
    return own


def _parse_partition(text: Any) -> tuple[str, str | None]:
    if not isinstance(text, str) or not text.strip():
        raise SettingsError(f"partition_by={text!r} names no field. {_FORM}")
    unit, colon, field = text.strip().partition(":")
    if not colon:
        return unit, None
    if unit not in UNITS or not field:
        raise SettingsError(f"partition_by={text!r} is not a unit of a date and its field. {_FORM}")
    return field, unit


def _check_field(operation: Operation, resource: str, layout: Layout, known: Sequence[str]) -> None:
    from halo_async.tables.column_types import Kind
    from halo_async.tables.declared import UNDECLARED, declared_columns, record_of

    field = layout.field or ""
    if known and field not in known:
        hint = did_you_mean(field, known) or "."
        raise SettingsError(f"{resource} has no column {field!r} to partition by{hint}")
    kind = declared_columns(record_of(operation)).get(field, UNDECLARED).type.kind
    if layout.unit is not None and kind not in (Kind.TIMESTAMP, Kind.NULL):
        raise SettingsError(f"{field!r} of {resource} is not a date. {_FORM}")
    if kind in (Kind.STRUCT, Kind.LIST, Kind.JSON):
        raise SettingsError(f"{field!r} of {resource} is an object or a list. {_FORM}")


def layouts_of(values: Mapping[str, Mapping[str, Any]]) -> dict[str, Layout]:
    """Return the layouts from their plain values."""
    return {name: Layout(**value) for name, value in values.items()}
