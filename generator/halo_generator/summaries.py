"""Rows of lists that have fewer fields than the whole record, and how that is read."""

from __future__ import annotations

from collections import defaultdict

import attrs

from halo_generator.names import snake
from halo_generator.surface import RecordType, Surface, SurfaceOperation, SurfaceResource

_DETAILS = "includedetails"
"""The parameter that asks for all of a record, where an operation has it."""


@attrs.frozen
class FullRecord:
    """Fields that a row lacks.

    :ivar name: the class of the whole record.
    :ivar read: the call that reads it for a `row`; empty if there is none.
    :ivar update: the method that updates it; empty if there is none.
    :ivar lacks: the Python names of the fields that only the whole record has.
    """

    name: str
    read: str
    update: str
    lacks: tuple[str, ...]


def full_records(surface: Surface) -> dict[str, FullRecord]:
    """Return, by its name, each row ``X_List`` whose whole record ``X`` has more fields."""
    by_schema = {record.schema: record for record in surface.records}
    readers = _readers(surface)
    found = {}
    for row in surface.records:
        full = by_schema.get(row.schema.removesuffix("_List"))
        if full is not None and full is not row:
            lacks = _lacks(row, full)
            if lacks:
                calls = _calls(row, full, readers.get((row.name, full.name), []))
                found[row.name] = FullRecord(full.name, *calls, lacks)
    return found


def _lacks(row: RecordType, full: RecordType) -> tuple[str, ...]:
    there = {field.python_name for field in row.fields} | ({"custom"} if row.has_custom_fields else set())
    return tuple(sorted({field.python_name for field in full.fields} - there))


def _readers(surface: Surface) -> dict[tuple[str, str], list[SurfaceResource]]:
    """Return the resources that list one record and read another by its id."""
    found: dict[tuple[str, str], list[SurfaceResource]] = defaultdict(list)
    for resource in surface.everything:
        get = _get(resource)
        if get is not None and get.result.record and len(get.positional) == 1:
            for row in {each.result.record for each in resource.operations if each.kind == "list"}:
                found[row, get.result.record].append(resource)
    return found


def _calls(row: RecordType, full: RecordType, readers: list[SurfaceResource]) -> tuple[str, str]:
    """Return the call that reads the whole record, and the method that updates it."""
    if not readers or all(field.python_name != "id" for field in row.fields):
        return "", ""
    own = {snake(full.name), f"{snake(full.name)}s"}  # among several, the one that the record is named after
    resource = min(readers, key=lambda each: (each.name not in own, each.group, each.name))
    path = f"halo.{resource.group}.{resource.name}" if resource.group else f"halo.{resource.name}"
    written = resource.written is not None and resource.written.record == full.name
    return _write_read_example(path, resource, row), f"{path}.update" if written else ""


def _write_read_example(path: str, resource: SurfaceResource, row: RecordType) -> str:
    given = f", {_DETAILS}=True" if _takes_details(_get(resource)) else ""
    lists = (each for each in resource.operations if each.kind == "list" and each.result.record == row.name)
    listed = next((each.method_name for each in lists if _takes_details(each)), "")
    other = f", or list with {path}.{listed}({_DETAILS}=True)" if listed else ""
    return f"{path}.get(row.id{given}){other}"


def _get(resource: SurfaceResource) -> SurfaceOperation | None:
    return next((each for each in resource.operations if each.method_name == "get" == each.kind), None)


def _takes_details(operation: SurfaceOperation | None) -> bool:
    return operation is not None and any(each.python_name == _DETAILS for each in operation.keywords)
