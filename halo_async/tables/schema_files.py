"""`<resource>.schema.json`: the columns of a file of lines, beside it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from halo_async.errors import SettingsError
from halo_async.tables.declared import declared_columns, record_of
from halo_async.tables.line_files import check_lines, file_name, line_blocks, opened
from halo_async.tables.schema import TableSchema
from halo_async.tables.schema_scan import SchemaScan

SUFFIX = ".schema.json"


def schema_file(path: str | Path) -> str:
    """Return the place of the columns of `tickets.jsonl`, `tickets.jsonl.gz` or `tickets.jsonl.zst`."""
    text = str(path)
    return text[: len(text) - len(file_name(text))] + resource_of(text) + SUFFIX


def resource_of(path: str | Path) -> str:
    """Return the resource that a file of lines is named after."""
    return file_name(str(path)).removesuffix(".gz").removesuffix(".zst").removesuffix(".jsonl")


def schema_text(schema: TableSchema) -> str:
    """Return the content of `<resource>.schema.json`."""
    return json.dumps(schema.to_json(), ensure_ascii=False, indent=1) + "\n"


def schema_of_file(path: str | Path) -> TableSchema:
    """Return the columns of a file of lines: of its schema file, or else of its rows and the record of its name.

    :raises DecodeError: a line is not JSON.
    :raises OSError: a file cannot be read.
    :raises SettingsError: the schema file is not one.
    """
    place = schema_file(path)
    try:
        with opened(place) as file:
            text = file.read()
    except FileNotFoundError:
        return _of_rows(path)
    try:
        return TableSchema.from_json(json.loads(text))
    except ValueError:
        raise SettingsError(
            f"{place} is not the schema of an export. Delete it, and it is made of the rows."
        ) from None


def _of_rows(path: str | Path) -> TableSchema:
    record = _record_of(resource_of(path))
    scan = SchemaScan(declared_columns(record), record=None if record is None else record.__name__)
    for block, number in line_blocks(path):
        check_lines(path, block, number)
        scan.add(block.removesuffix(b"\n").split(b"\n"))
    return scan.schema()


def _record_of(resource: str) -> Any:
    from halo_async._operations.resource import operations

    lists: Iterable[Any] = (item for item in operations() if item.kind == "list")
    found = next((item for item in lists if item.name.removesuffix(".list") == resource), None)
    return None if found is None else record_of(found)
