"""Parquet: one file a resource, its schema wide enough for every row, zstd inside."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from halo_async.export.columns import Columns
from halo_async.export.sinks import Material, Outcome
from halo_async.export.sinks.arrow import schema, tables
from halo_async.export.sinks.tables import make_file

pq: Any = import_module("pyarrow.parquet")  # optional, and without types of its own


class ParquetSink:
    """One `.parquet` a resource."""

    def finish(self, material: Material) -> Outcome:
        """See `Sink.finish`."""

        def write(path: Path, columns: Columns) -> None:
            wanted = schema(columns)
            with pq.ParquetWriter(str(path), wanted, compression="zstd") as writer:
                for table in tables(material, columns, wanted):
                    writer.write_table(table)

        return make_file(material, "parquet", write)
