"""`halo-async schema`: the statement by which another program reads an exported file."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Reader(StrEnum):
    """Programs that read JSON Lines."""

    DUCKDB = "duckdb"
    POLARS = "polars"
    PANDAS = "pandas"
    SPARK = "spark"


def schema(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Exported file: tickets.jsonl, .jsonl.gz or .jsonl.zst.")
    ],
    reader: Annotated[Reader, typer.Option("--for", help="Program that is to read the file.")],
) -> int:
    """Print the statement that reads an exported file with the right types.

    Readers guess types from the first rows, so that later ones fail, or are changed without a word. The types
    come from tickets.schema.json beside the file, or else from its rows.

    Example:
      halo-async schema export/tickets.jsonl --for duckdb | duckdb
    """
    from halo_async.cli.errors import UsageError
    from halo_async.errors import DecodeError
    from halo_async.tables.schema_files import schema_of_file
    from halo_async.tables.statements import STATEMENTS

    try:
        found = schema_of_file(file)
    except DecodeError as error:
        raise UsageError(str(error)) from None
    print(STATEMENTS[reader.value](found, file), end="")
    return 0
