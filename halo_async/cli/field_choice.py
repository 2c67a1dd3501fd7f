"""The fields that `--fields` names, of whatever came."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from halo_async._operations.operation import Operation
from halo_async._operations.response_decoding import decode_as
from halo_async._operations.serialization import plain_json
from halo_async._utils.names import did_you_mean
from halo_async.cli.errors import UsageError

_MODEL = re.compile(r"models\.\w+").search


def declared_fields(operation: Operation) -> frozenset[str]:
    """Halo's names of the fields of what an operation gives; none where no document says."""
    found = _MODEL(operation.result)
    if found is None:
        return frozenset()
    cls = decode_as(found.group(), operation.stub.__module__)
    fields = cls.__halo_fields__
    return frozenset(name if field is None else field.wire for name, field in fields.items())


def check(fields: Sequence[str], rows: Sequence[Any], declared: Collection[str]) -> None:
    """Refuse a field that is neither declared nor in one of the rows: its column would be empty.

    :raises UsageError: naming the nearest; or that the response has no fields at all.
    """
    if not fields:
        return
    there = {name for row in rows if isinstance(row, Mapping) for name in row}
    if rows and not there and not declared:
        raise UsageError("--fields chooses fields of records, and the response has none: leave it out")
    known = there | set(declared)
    for name in fields:
        if known and name not in known:
            near = did_you_mean(name, known) or "; without --fields, --json shows those there are"
            raise UsageError(f"there is no field {name!r}{near}")


def picked(row: Any, fields: Sequence[str]) -> Any:
    """A row as plain JSON, with these fields alone if some were named; what is not there is null."""
    value = plain_json(row)
    return {name: value.get(name) for name in fields} if fields and isinstance(value, Mapping) else value
