"""`halo-async call`: any operation by its Python name."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async.cli.connection import Connection
    from halo_async.cli.response_output import CallOutput


@connected
def call(
    connection: Connection,
    operation: Annotated[
        str, typer.Argument(metavar="OPERATION", help="Python name of an operation, such as tickets.list.")
    ],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE...", help="Path and query parameters; NAME=A,B for lists."),
    ] = None,
    body: Annotated[
        str | None,
        typer.Option(
            "--body", metavar="JSON|@FILE|-", help="Request body: JSON, a file of it, or - for stdin."
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", metavar="N", min=0, help="Maximum number of rows. Default: 25 in a table, else all."
        ),
    ] = None,
    output: Annotated[
        str | None,
        typer.Option(
            "--output",
            "-o",
            metavar="FORM",
            help="table, json, jsonl (a row per line, as it is received) or csv. Default: table.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Same as --output json.")] = False,
    select: Annotated[
        str | None,
        typer.Option(
            "--select",
            metavar="PATH,...",
            help="Fields to show, in this order; also in objects and lists, such as customfields[0].value.",
        ),
    ] = None,
    fields: Annotated[
        str | None,
        typer.Option("--fields", metavar="PATH,...", hidden=True, help="Earlier name of --select."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show a write as it would be sent, and send nothing.")
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Check parameters and body against the API document before sending."),
    ] = False,
) -> int:
    """Call one operation and show the response.

    `halo-async operations TEXT` finds operations and shows their parameters.

    Examples:
      halo-async call tickets.list open_only=true --limit 5
      halo-async call tickets.get id=2001 includedetails=true --json
      halo-async call tickets.list --select id,user_name --output jsonl | jq .id
      halo-async call tickets.upsert --body '[{"id": 2001, "summary": "New summary"}]'
      halo-async call tickets.delete id=2001 --dry-run
    """
    from halo_async.cli.arguments import body_of, lookup, named_values
    from halo_async.cli.call_options import call_output, told_if_unknown
    from halo_async.cli.signals import run_awake

    declared = lookup(operation)
    given = named_values(declared, arguments or [])
    given |= body_of(declared, body)
    wanted = call_output(
        declared, as_json=as_json, output=output, select=select, fields=fields, limit=limit, dry_run=dry_run
    )
    with told_if_unknown(declared, wanted):
        return run_awake(_run_call(connection, declared, given, wanted, strict=strict))


async def _run_call(
    connection: Connection,
    operation: Operation,
    given: Mapping[str, Any],
    wanted: CallOutput,
    *,
    strict: bool,
) -> int:
    """Call the operation and print the response on stdout.

    :raises HaloError: the login or the request failed.
    """
    from halo_async.cli.response_output import show_list, show_value
    from halo_async.pagination.pages import Pages

    async with connection.open() as halo:
        with halo.dry_run() if wanted.dry_run else nullcontext():
            result = attrgetter(operation.name)(halo.with_options(strict=strict))(**given)
            if isinstance(result, Pages):
                return await show_list(result, wanted)
            return show_value(await result, wanted)
