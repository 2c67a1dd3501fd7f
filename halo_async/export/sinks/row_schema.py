"""`<resource>.schema.json`, beside a file of lines."""

from __future__ import annotations

from halo_async.export.sinks import SinkInput
from halo_async.export.sinks.files import finish, hidden_part
from halo_async.tables.declared import declared_columns, record_of
from halo_async.tables.schema_files import SUFFIX, schema_text
from halo_async.tables.schema_scan import SchemaScan


def scan_of(material: SinkInput) -> SchemaScan:
    """Return what finds the columns of a resource's rows."""
    record = record_of(material.operation)
    name = None if record is None else record.__name__
    return SchemaScan(material.only(declared_columns(record)), record=name)


def write_schema(material: SinkInput, scan: SchemaScan) -> None:
    """Write the columns of the rows that were scanned.

    :raises OSError: it cannot be written.
    """
    final = material.folder / f"{material.name}{SUFFIX}"
    part = hidden_part(final)
    part.write_text(schema_text(scan.schema()), "utf-8")
    finish(part, final)
