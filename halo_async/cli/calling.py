"""One call from the command line, with its response shown."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing, nullcontext
from operator import attrgetter
from typing import Any

import attrs

from halo_async._operations.operation import Operation
from halo_async.cli.connection import Connection
from halo_async.cli.errors import Exit, remark
from halo_async.cli.output import TableRows, print_json, print_rows_json, show
from halo_async.cli.prepared import show_prepared
from halo_async.pagination.pages import Pages
from halo_async.transport.prepared_request import PreparedRequest

ROWS = 25
"""Rows of a list shown in a table, unless `--limit` is given."""


@attrs.frozen
class CallOutput:
    """Output options of a response."""

    limit: int | None
    as_json: bool
    fields: tuple[str, ...]
    dry_run: bool = False
    declared: Collection[str] = ()
    """The fields that the response's records have by the document."""


async def run(
    connection: Connection, operation: Operation, given: Mapping[str, Any], wanted: CallOutput
) -> int:
    """Call the operation and print the response on stdout.

    :raises HaloError: the login or the request failed.
    """
    async with connection.open() as halo:
        with halo.dry_run() if wanted.dry_run else nullcontext():
            result = attrgetter(operation.name)(halo)(**given)
            if isinstance(result, Pages):
                return await _show_list(result, wanted)
            return _show(await result, wanted)


async def _show_list(pages: Pages[Any], wanted: CallOutput) -> int:
    if wanted.as_json:
        limited = pages if wanted.limit is None else pages.limit(wanted.limit)
        async with aclosing(limited.by_page()) as read:
            await print_rows_json(read, wanted.fields, wanted.declared)
        return Exit.DONE
    limit = ROWS if wanted.limit is None else wanted.limit
    rows = await pages.limit(limit + 1).all()  # one more shows whether there are more
    show(TableRows(rows[:limit], wanted.fields, declared=wanted.declared, more=len(rows) > limit))
    return Exit.DONE


def _show(value: Any, wanted: CallOutput) -> int:
    if isinstance(value, bytes):
        return _raw(value)
    if isinstance(value, PreparedRequest):
        show_prepared(value, as_json=wanted.as_json)
        remark("dry run: nothing was sent")
        return Exit.DONE
    if wanted.as_json:
        print_json(value, wanted.fields, wanted.declared)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        limit = ROWS if wanted.limit is None else wanted.limit
        show(TableRows(list(value[:limit]), wanted.fields, declared=wanted.declared, more=len(value) > limit))
    else:
        show(TableRows([value], wanted.fields, single=True, declared=wanted.declared))
    return Exit.DONE


def _raw(content: bytes) -> int:
    """Write a file's bytes, but never to a terminal, which they could upset."""
    if sys.stdout.isatty():
        print(f"{len(content):,} bytes came: send them to a file with > NAME", file=sys.stderr)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    return Exit.DONE
