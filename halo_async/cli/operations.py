"""`halo-async operations`: every available operation."""

from __future__ import annotations

from typing import Annotated

import typer


def operations(
    words: Annotated[
        str | None, typer.Argument(metavar="TEXT", help="Only those with this in path, name or a parameter.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="A JSON list: method, path, python_name, parameters.")
    ] = False,
) -> int:
    """List the operations with their parameters.

    Each operation has a method, a path and the Python name that `halo-async call` takes.
    On a terminal a short list has every parameter. In a pipe each operation is one line, tab-separated.

    Example:
      halo-async operations timesheet
    """
    from halo_async.cli import listing

    found = listing.find(words or "")
    if as_json:
        listing.print_json(found)
    else:
        listing.print_text(found, words or "")
    return 0
