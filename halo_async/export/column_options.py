"""The option `columns`: fields by resource, checked before any request."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from halo_async._operations.operation import Operation
from halo_async._utils.names import did_you_mean
from halo_async._utils.validation import names
from halo_async.errors import SettingsError
from halo_async.export.names import own_name, resource_name
from halo_async.export.row_columns import Columns

GivenColumns = Mapping[str, str | Iterable[str]] | str | Iterable[str]
"""Names of fields by resource; those of the only resource may come without it."""


def checked_columns(operations: Sequence[Operation], given: GivenColumns | None) -> Columns:
    """Return the columns by resource.

    :raises SettingsError: there is no such column or resource, or no column of a resource is named.
    """
    if given is None:
        return {}
    known = {resource_name(operation): operation for operation in operations}
    if not isinstance(given, Mapping):
        if len(known) != 1:
            raise SettingsError(
                'Name the resource of the columns. Give columns={"tickets": ["id", "summary"]}.'
            )
        given = {next(iter(known)): given}
    found: dict[str, tuple[str, ...]] = {}
    for name, columns in given.items():
        resource = name if name in known or not isinstance(name, str) else own_name(name)
        if resource not in known:
            raise SettingsError(f"There are columns for {name!r}, which is not exported.")
        if resource in found:
            raise SettingsError(
                f"{name!r} is another name of {resource!r}. Give the columns of a list together."
            )
        found[resource] = _check_columns(known[resource], resource, names("columns", columns))
    return found


def _check_columns(operation: Operation, resource: str, columns: Sequence[str]) -> tuple[str, ...]:
    if not columns:
        raise SettingsError(f"No column of {resource} is named. Leave columns out to have all.")
    known = fields_of(operation)
    for column in columns:
        if known and column not in known:
            record = operation.result.removeprefix("Pages[").removesuffix("]")
            hint = did_you_mean(column, known) or f". All columns are fields of {record}."
            raise SettingsError(f"{resource} has no column {column!r}{hint}")
    return tuple(dict.fromkeys(columns))


def fields_of(operation: Operation) -> list[str]:
    """Return the fields that this release knows of a list's rows, under Halo's names; none if it knows no record."""
    from halo_async.tables.declared import declared_columns, record_of

    return list(declared_columns(record_of(operation)))
