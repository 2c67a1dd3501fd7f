"""Output of a response as a table, JSON or bytes, with the fields that `--fields` names."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import aclosing
from typing import Any

import attrs
from rich.cells import cell_len
from rich.table import Table as RichTable
from rich.text import Text

from halo_async._operations.operation import Operation
from halo_async._operations.response_decoding import decode_as
from halo_async._operations.serialization import plain_json
from halo_async._utils.names import did_you_mean
from halo_async.cli.errors import Exit, UsageError, remark
from halo_async.cli.output import (
    GAP,
    Table,
    TableColumn,
    choose_columns,
    clean,
    flat,
    messages,
    output,
    shorten,
    text,
)
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
    as_json: bool
    fields: tuple[str, ...]
    dry_run: bool = False
    declared: Collection[str] = ()
    """The fields that the response's records have by the document."""


async def show_list(pages: Pages[Any], wanted: CallOutput) -> int:
    """Print the rows of a list, as far as the options ask for them."""
    if wanted.as_json:
        limited = pages if wanted.limit is None else pages.limit(wanted.limit)
        async with aclosing(limited.by_page()) as read:
            await print_rows_json(read, wanted.fields, wanted.declared)
        return Exit.DONE
    limit = ROWS if wanted.limit is None else wanted.limit
    rows = await pages.limit(limit + 1).all()  # one more shows whether there are more
    show_rows(TableRows(rows[:limit], wanted.fields, declared=wanted.declared, more=len(rows) > limit))
    return Exit.DONE


def show_value(value: Any, wanted: CallOutput) -> int:
    """Print any other response."""
    if isinstance(value, bytes):
        return _write_bytes(value)
    if isinstance(value, PreparedRequest):
        _show_prepared(value, as_json=wanted.as_json)
        remark("dry run: nothing was sent")
        return Exit.DONE
    if wanted.as_json:
        print_json(value, wanted.fields, wanted.declared)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        limit = ROWS if wanted.limit is None else wanted.limit
        show_rows(
            TableRows(list(value[:limit]), wanted.fields, declared=wanted.declared, more=len(value) > limit)
        )
    else:
        show_rows(TableRows([value], wanted.fields, single=True, declared=wanted.declared))
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
            check_fields(fields, [plain_json(row) for row in page], declared)
        for row in page:
            print(start + json.dumps(pick_fields(row, fields), ensure_ascii=False), end="")
            start = ",\n"
    print("[]" if start == "[\n" else "\n]")


def print_json(value: Any, fields: Sequence[str] = (), declared: Collection[str] = ()) -> None:
    """Any response, for people and for programs.

    :raises UsageError: there is no such field.
    """
    rows = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    check_fields(fields, [plain_json(row) for row in rows], declared)
    shown = [pick_fields(row, fields) for row in value] if rows is value else pick_fields(value, fields)
    print(json.dumps(shown, indent=2, ensure_ascii=False))


def show_rows(shown: TableRows) -> None:
    """Show rows as a table; one record as its fields, one per line; anything else unchanged."""
    values = [plain_json(row) for row in shown.rows]
    check_fields(shown.fields, values, shown.declared)
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
    columns, left_out = choose_columns(rows, fields, output().width)
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


def _show_prepared(prepared: PreparedRequest, *, as_json: bool) -> None:
    """Format request line, headers and body; with `as_json` one object, in which a JSON body stays JSON."""
    if as_json:
        print_json(_facts(prepared))
        return
    print(f"{prepared.method} {prepared.url}")
    for name, value in prepared.headers:
        print(f"{name}: {clean(value)}")
    if prepared.body:
        body = _body(prepared)
        print(
            "\n" + (clean(body) if isinstance(body, str) else json.dumps(body, indent=2, ensure_ascii=False))
        )


def _facts(prepared: PreparedRequest) -> dict[str, object]:
    headers = dict(prepared.headers)
    return {"method": prepared.method, "url": prepared.url, "headers": headers, "body": _body(prepared)}


def _body(prepared: PreparedRequest) -> object:
    if not prepared.body:
        return None
    try:
        return prepared.json()
    except ValueError:
        return prepared.body.decode("utf-8", "replace")


def declared_fields(operation: Operation) -> frozenset[str]:
    """Halo's names of the fields of what an operation gives; none where no document says."""
    found = _MODEL(operation.result)
    if found is None:
        return frozenset()
    cls = decode_as(found.group(), operation.stub.__module__)
    fields = cls.__halo_fields__
    return frozenset(name if field is None else field.wire for name, field in fields.items())


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
            call = f"{operation.name.rpartition('.')[0]}.get id=ID --fields {name}"
            mend = f" Read the whole record: `halo-async call {call}`." if read else " Leave it out."
            raise UsageError(f"The rows of {operation.name} lack the field {name!r}.{mend}")


def check_fields(fields: Sequence[str], rows: Sequence[Any], declared: Collection[str]) -> None:
    """Refuse a field that is neither declared nor in one of the rows: its column would be empty.

    :raises UsageError: naming the nearest; or that the response has no fields at all.
    """
    if not fields:
        return
    there = {name for row in rows if isinstance(row, Mapping) for name in row}
    if rows and not there and not declared:
        raise UsageError("--fields chooses fields of records, and the response has none. Leave it out.")
    known = there | set(declared)
    for name in fields:
        if known and name not in known:
            near = did_you_mean(name, known) or ". List them with --json, without --fields."
            raise UsageError(f"There is no field {name!r}{near}")


def pick_fields(row: Any, fields: Sequence[str]) -> Any:
    """A row as plain JSON, with these fields alone if some were named; what is not there is null."""
    value = plain_json(row)
    return {name: value.get(name) for name in fields} if fields and isinstance(value, Mapping) else value
