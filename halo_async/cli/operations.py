"""`halo-async operations`: every available operation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.text import Text

    from halo_async._operations.operation import Operation

IN_FULL = 3
"""Maximum number of operations that are shown with one line per parameter."""


def operations(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TEXT...", help="Only operations with these words in path, name or a parameter."
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print a JSON list: method, path, python_name, since, until, parameters."
        ),
    ] = False,
) -> int:
    """List the operations with their parameters.

    Each operation has a method, a path and the Python name that `halo-async call` takes. With --json it also has the
    release of Halo that it came with (since) and the last one that had it (until), if those are known.
    On a terminal a short list has every parameter. In a pipe each operation is one line, tab-separated.

    Example:
      halo-async operations timesheet
    """
    from halo_async._operations.search import find

    wanted = " ".join(words or ())
    found = find(wanted)
    if as_json:
        print_json(found)
    else:
        print_text(found, wanted)
    return 0


def print_json(found: Sequence[Operation]) -> None:
    """Print a single list with one operation per line, so that two lists can be diffed."""
    import json

    from halo_async._operations.search import describe
    from halo_async._utils.openapi_document import load_document

    document = load_document()
    rows = ",\n".join(json.dumps(describe(operation, document), ensure_ascii=False) for operation in found)
    print(f"[\n{rows}\n]" if found else "[]")


def print_text(found: Sequence[Operation], words: str) -> None:
    """Print for people on a terminal, for grep and awk in a pipe."""
    from halo_async.cli.output import messages

    if not sys.stdout.isatty():
        for operation in found:
            print(operation.method, operation.path, operation.name, _join_parameters(operation), sep="\t")
    elif len(found) <= IN_FULL:
        for operation in found:
            _in_full(operation)
    else:
        for operation in found:
            _in_short(operation)
    about = f" with {words!r}" if words else ""
    messages().print(f"{len(found):,} operation{'' if len(found) == 1 else 's'}{about}", style="dim")


def _join_parameters(operation: Operation) -> str:
    return ", ".join(item.python_name for item in operation.parameters)


def _heading(operation: Operation) -> Text:
    from rich.text import Text

    return Text.assemble((operation.name, "bold"), "  ", (f"{operation.method} {operation.path}", "cyan"))


def _in_short(operation: Operation) -> None:
    from halo_async.cli.output import output, text

    console = output()
    console.print(_heading(operation), soft_wrap=True)
    names = [item.python_name for item in operation.parameters]
    if not names:
        return
    room = console.width - 4
    shown = ", ".join(names)
    if len(shown) > room:
        shown = _shortened(names, room)
    console.print(text(f"    {shown}", style="dim"))


def _shortened(names: Sequence[str], room: int) -> str:
    """Return as many names as fit, and how many more there are."""
    for count in range(len(names) - 1, 0, -1):
        line = f"{', '.join(names[:count])}, +{len(names) - count}"
        if len(line) <= room:
            return line
    return f"{len(names)} parameters"


def _in_full(operation: Operation) -> None:
    from halo_async.cli.output import OutputTable, output

    console = output()
    console.print(_heading(operation), soft_wrap=True)
    if operation.parameters:
        table = OutputTable(
            ("parameter", "in", "type", ""),
            ranking=("parameter", "", "type", "in"),
            elsewhere="--json",
        )
        for item in operation.parameters:
            wire = "" if item.name == item.python_name else f"sent as {item.name}"
            note = "required" if item.required else wire
            kind = item.type.removesuffix(" | None")
            table.add(item.python_name, item.location, kind, note)
        table.print(indent=4)
    console.print()
