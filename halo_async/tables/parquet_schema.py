"""Schema of a Parquet file of an export: JSON columns, and a key that is never null."""

from __future__ import annotations

from typing import Any


def json_columns(schema: Any) -> list[str]:
    """Return the names of the columns whose text is JSON."""
    from halo_async.tables.arrow_types import TYPE

    return [field.name for field in schema if (field.metadata or {}).get(TYPE) == b"json"]


def with_required_key(schema: Any, metadata: Any, key: str) -> Any:
    """Return the schema with a key that cannot be null, if the file's statistics say that it never is.

    :param metadata: of the file, as pyarrow reads it.
    """
    at = schema.get_field_index(key)
    leaves = [place for place in range(metadata.num_columns) if metadata.schema.column(place).path == key]
    if at < 0 or not leaves:
        return schema
    groups = [
        metadata.row_group(number).column(leaves[0]).statistics for number in range(metadata.num_row_groups)
    ]
    if any(found is None or not found.has_null_count or found.null_count for found in groups):
        return schema
    return schema.set(at, schema.field(at).with_nullable(False))
