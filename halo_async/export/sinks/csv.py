"""CSV: a header, UTF-8, line feeds; nulls and empty texts are both empty. Only columns that some row has."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from halo_async.export.columns import Columns
from halo_async.export.sinks import Material, Outcome
from halo_async.export.sinks.tables import column_batches, make_file


class CsvSink:
    """One `.csv` a resource."""

    def finish(self, material: Material) -> Outcome:
        """See `Sink.finish`."""

        def write(path: Path, columns: Columns) -> None:
            with path.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                if columns.columns:
                    writer.writerow(columns.names)
                for _, values in column_batches(material, columns):
                    writer.writerows(zip(*map(_cells, values), strict=True))

        return make_file(material, "csv", write, seen_only=True)


def _cells(values: Sequence[Any]) -> Sequence[Any]:
    if any(type(value) is bool for value in values):
        return [("true" if value else "false") if type(value) is bool else value for value in values]
    return values
