"""Rows and records as tables or JSON."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

import attrs
from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from halo_async._operations.serialization import plain_json
from halo_async.cli.columns import TableColumn, chosen, flat
from halo_async.cli.field_choice import check, picked
from halo_async.cli.table import GAP, Table, shorten
from halo_async.cli.terminal import clean, messages, output, text

LEAST = 24
"""Characters that the values of a record have beside their names; with less room they stand beneath."""


@attrs.frozen
class TableRows:
    """The content of a table."""

    rows: Sequence[Any]
    fields: tuple[str, ...] = ()
    single: bool = False
    declared: Collection[str] = ()
    """Fields that there are, whether a row has them or not."""
    more: bool = False
    """True if the instance has more rows than these."""


async def print_rows_json(
    pages: AsyncIterator[Sequence[Any]], fields: Sequence[str] = (), declared: Collection[str] = ()
) -> None:
    """A JSON list, one row per line, written as the pages are received.

    :raises UsageError: a field is neither declared nor in the first page; nothing was written.
    """
    start = "[\n"
    async for page in pages:
        if start == "[\n":
            check(fields, [plain_json(row) for row in page], declared)
        for row in page:
            print(start + json.dumps(picked(row, fields), ensure_ascii=False), end="")
            start = ",\n"
    print("[]" if start == "[\n" else "\n]")


def print_json(value: Any, fields: Sequence[str] = (), declared: Collection[str] = ()) -> None:
    """Any response, for people and for programs.

    :raises UsageError: there is no such field.
    """
    rows = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    check(fields, [plain_json(row) for row in rows], declared)
    shown = [picked(row, fields) for row in value] if rows is value else picked(value, fields)
    print(json.dumps(shown, indent=2, ensure_ascii=False))


def show(shown: TableRows) -> None:
    """Show rows as a table; one record as its fields, one per line; anything else unchanged."""
    values = [plain_json(row) for row in shown.rows]
    check(shown.fields, values, shown.declared)
    if not all(isinstance(value, Mapping) for value in values):
        _lines(values)
    elif shown.single:
        _record(values[0], shown.fields)
    elif values:
        _table(values, shown.fields)
    else:
        messages().print("no rows", style="dim")
    if shown.more:
        messages().print(f"the first {len(values)}; --limit N shows more, --json all", style="dim")


def _lines(values: Sequence[Any]) -> None:
    console = output()
    for value in values:
        if value is None:
            messages().print("an empty response", style="dim")
        else:
            console.print(text(flat(value)), soft_wrap=True)


def _record(record: Mapping[str, Any], fields: Sequence[str]) -> None:
    console = output()
    names = fields or [name for name, value in record.items() if value not in (None, "", [], {})]
    if not console.is_terminal:
        for name in names:
            print(clean(name), clean(flat(record.get(name, ""))), sep="\t")
        return
    widest = max((cell_len(name) for name in names), default=1)
    if widest + LEAST > console.width:
        for name in names:
            console.print(Text(clean(name), style="bold"), soft_wrap=True)
            console.print(Text(f"  {clean(flat(record.get(name, '')))}"), soft_wrap=True)
        return
    table = RichTable.grid(padding=(0, GAP, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name in names:
        table.add_row(Text(clean(name)), Text(clean(flat(record.get(name, "")))))
    console.print(table)


def _table(rows: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> None:
    columns, left_out = chosen(rows, fields, output().width)
    table = Table(
        [column.name for column in columns],
        numbers=[column.name for column in columns if column.number],
        prose=[column.name for column in columns if column.prose],
        elsewhere="--json",
    )
    for row in rows:
        table.add(*(_cell(row, column) for column in columns))
    table.print()
    if left_out:
        fields_left = f"{left_out} more field{'' if left_out == 1 else 's'}"
        messages().print(f"{fields_left}: --json shows them, --fields A,B chooses", style="dim")


def _cell(row: Mapping[str, Any], column: TableColumn) -> str:
    value = flat(row.get(column.name, ""))
    return shorten(value, column.width) if column.prose else value
