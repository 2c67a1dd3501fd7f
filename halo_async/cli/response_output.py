"""Output of a response in the form of `--output`, with the parts that `--select` names."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import attrs
from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from halo_async._operations.operation import Operation
from halo_async._operations.response_decoding import decode_as
from halo_async.cli.errors import Exit, UsageError, remark
from halo_async.cli.output import (
    GAP,
    OutputColumn,
    OutputTable,
    choose_columns,
    clean,
    flat,
    messages,
    output,
    shorten,
    text,
)
from halo_async.cli.prepared_output import said_of, show_prepared
from halo_async.cli.row_writers import writer_of
from halo_async.cli.selection import WHOLE, Selection
from halo_async.pagination.pages import Pages
from halo_async.transport.prepared_request import PreparedRequest

ROWS = 25
"""Rows of a list shown in a table, unless `--limit` is given."""
LEAST = 24
"""Characters that the values of a record have beside their names; with less room they stand beneath."""
_MODEL = re.compile(r"models\.\w+").search


@attrs.frozen
class CallOutput:
    """Output options of a response."""

    limit: int | None
    form: str = "table"
    """One of `row_writers.FORMS`."""
    selection: Selection = WHOLE
    dry_run: bool = False

    def rows_of(self, value: Any) -> Sequence[Any]:
        """Return the rows of a value that is not read in pages, as many as are wanted; one record is one row."""
        rows = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
        return rows if self.limit is None else rows[: self.limit]


async def show_list(pages: Pages[Any], wanted: CallOutput) -> int:
    """Print the rows of a list, as far as the options ask for them."""
    if wanted.form != "table":
        limited = pages if wanted.limit is None else pages.limit(wanted.limit)
        async with aclosing(limited.by_page()) as read:
            await write_pages(read, wanted)
        return Exit.DONE
    limit = ROWS if wanted.limit is None else wanted.limit
    rows = await pages.limit(limit + 1).all()  # one more shows whether there are more
    show_rows(TableRows(rows[:limit], wanted.selection, more=len(rows) > limit))
    return Exit.DONE


async def write_pages(pages: AsyncIterator[Sequence[Any]], wanted: CallOutput) -> None:
    """Write each page when it is received.

    :raises UsageError: a path is neither declared nor in the first page; nothing was written.
    """
    writer, first = writer_of(wanted.form, wanted.selection.names), True
    async for page in pages:
        if first:
            wanted.selection.check(page)
            first = False
        writer.rows([wanted.selection.pick(row) for row in page])
    writer.end()


def show_value(value: Any, wanted: CallOutput) -> int:
    """Print any other response."""
    if isinstance(value, bytes):
        return _write_bytes(value)
    if isinstance(value, PreparedRequest):
        show_prepared(value, wanted.form)
        csv = wanted.form == "csv"
        remark(said_of(csv=csv, select=bool(wanted.selection.paths), limit=wanted.limit is not None))
        return Exit.DONE
    several = isinstance(value, Sequence) and not isinstance(value, str)
    rows = wanted.rows_of(value)
    if wanted.form == "json":
        if several or rows:
            print_json(rows if several else rows[0], wanted.selection)
        else:
            print("null")
    elif wanted.form != "table":
        wanted.selection.check(rows)
        writer = writer_of(wanted.form, wanted.selection.names)
        writer.rows([wanted.selection.pick(row) for row in rows])
        writer.end()
    elif several:
        limit = ROWS if wanted.limit is None else wanted.limit
        show_rows(TableRows(list(value[:limit]), wanted.selection, more=len(value) > limit))
    else:
        show_rows(TableRows(rows, wanted.selection, single=bool(rows)))
    return Exit.DONE


def _write_bytes(content: bytes) -> int:
    """Write a file's bytes, but never to a terminal, which they could upset."""
    if sys.stdout.isatty():
        print(f"{len(content):,} bytes received. Write them to a file with > NAME.", file=sys.stderr)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    return Exit.DONE


@attrs.frozen
class TableRows:
    """The content of a table."""

    rows: Sequence[Any]
    selection: Selection = WHOLE
    single: bool = False
    more: bool = False
    """True if the instance has more rows than these."""


def print_json(value: Any, selection: Selection) -> None:
    """Any response, for people and for programs.

    :raises UsageError: there is no such field.
    """
    several = isinstance(value, Sequence) and not isinstance(value, str)
    selection.check(value if several else [value])
    shown = [selection.pick(row) for row in value] if several else selection.pick(value)
    print(json.dumps(shown, indent=2, ensure_ascii=False))


def show_rows(shown: TableRows) -> None:
    """Show rows as a table; one record as its fields, one per line; anything else unchanged."""
    shown.selection.check(shown.rows)
    values = [shown.selection.pick(row) for row in shown.rows]
    if not all(isinstance(value, Mapping) for value in values):
        _print_lines(values)
    elif shown.single:
        _print_record(values[0], shown.selection.names)
    elif values:
        _table(values, shown.selection.names)
    else:
        messages().print("no rows", style="dim")
    if shown.more:
        messages().print(f"the first {len(values)}; --limit N shows more, --output json all", style="dim")


def _print_lines(values: Sequence[Any]) -> None:
    console = output()
    for value in values:
        if value is None:
            messages().print("an empty response", style="dim")
        else:
            console.print(text(flat(value)), soft_wrap=True)


def _print_record(record: Mapping[str, Any], fields: Sequence[str]) -> None:
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
    columns, left_out = choose_columns(rows, fields, output().width)
    table = OutputTable(
        [column.name for column in columns],
        numbers=[column.name for column in columns if column.number],
        prose=[column.name for column in columns if column.prose],
        elsewhere="--json",
    )
    for row in rows:
        table.add(*(_format_cell(row, column) for column in columns))
    table.print()
    if left_out:
        fields_left = f"{left_out} more field{'' if left_out == 1 else 's'}"
        messages().print(f"{fields_left}: --json shows them, --select A,B chooses", style="dim")


def _format_cell(row: Mapping[str, Any], column: OutputColumn) -> str:
    value = flat(row.get(column.name, ""))
    return shorten(value, column.width) if column.prose else value


def declared_fields(operation: Operation) -> frozenset[str]:
    """Halo's names of the fields of what an operation gives; none where no document says."""
    found = _MODEL(operation.result)
    if found is None:
        return frozenset()
    cls = decode_as(found.group(), operation.stub.__module__)
    fields = cls.__halo_fields__
    return frozenset(name if field is None else field.wire for name, field in fields.items())


def selection_of(operation: Operation, text: str | None) -> Selection:
    """Return what `--select` names of the rows of an operation.

    :raises UsageError: a path is not one, or only the whole record has its field.
    """
    found = Selection.parse(text)
    if not found.paths:
        return found
    refuse_lacking(operation, [path.root for path in found.paths])
    return attrs.evolve(found, declared=declared_fields(operation))


def refuse_lacking(operation: Operation, names: Sequence[str]) -> None:
    """Refuse a field that the rows of a list lack, and only the whole record has.

    :raises UsageError: naming the call that reads it.
    """
    found = _MODEL(operation.result)
    if operation.kind != "list" or found is None:
        return
    cls = decode_as(found.group(), operation.stub.__module__)
    *_, read, _, lacks = getattr(cls, "__halo_full__", ("", "", ""))
    for name in names:
        if name in lacks.split():
            call = f"{operation.name.rpartition('.')[0]}.get id=ID --select {name}"
            mend = f" Read the whole record: `halo-async call {call}`." if read else " Leave it out."
            raise UsageError(f"The rows of {operation.name} lack the field {name!r}.{mend}")
