"""`halo-async watch`: changes of a list as they happen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection
    from halo_async.resources.watch.change import RowChange


@connected
def watch(
    connection: Connection,
    resource: Annotated[str, typer.Argument(metavar="RESOURCE", help="List to watch, such as tickets.")],
    filters: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME=VALUE...", help="Query parameters of the list; NAME=A,B for lists."),
    ] = None,
    every: Annotated[
        str | None,
        typer.Option("--every", metavar="SPAN", help="Time between two looks: 30s, 5m, 1h. Default: 30s."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="WHEN",
            help="Begin there: 7d, 12h, 2026-01-31. Default: now. A position in --state comes first.",
        ),
    ] = None,
    state: Annotated[
        Path | None,
        typer.Option("--state", metavar="FILE", help="Keep the position there, to continue after a restart."),
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="End after N changes. Default: none.")
    ] = None,
    once: Annotated[bool, typer.Option("--once", help="Show what has changed by now, and end.")] = False,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print one JSON object per change, with the whole row, to a terminal too."
        ),
    ] = False,
) -> int:
    """Show rows of a list as they are created or updated.

    Lists: asset, client, email_address_book, opportunities, projects, site, tickets, users. In a pipe
    each change is one line of JSON: resource, id, kind (created, updated or null), changed_at and row.
    With --state nothing is shown again after a restart but the change that was in progress.

    Example:
      halo-async watch tickets --every 1m --state tickets.state
      halo-async watch tickets open_only=true --since 1d --once
    """
    from halo_async.cli.arguments import lookup, named_values
    from halo_async.cli.errors import UsageError
    from halo_async.cli.signals import run_awake

    if limit is not None and limit < 1:
        raise UsageError("--limit must be 1 or more. Leave it out for no limit.")
    if once and every is not None:
        raise UsageError("--once looks once. Leave --every out.")
    name = _watched(resource)
    options: dict[str, Any] = {
        **named_values(lookup(f"{name}.list"), filters or []),
        "every": _span("30s" if every is None else every),
        "since": since,
        "state": state,
        "once": once,
    }
    return run_awake(
        _print_changes(connection, name, options, limit, lines=as_json or not sys.stdout.isatty())
    )


def _watched(resource: str) -> str:
    """Return the name of a list that can be watched.

    :raises UsageError: it cannot, or there is no such list.
    """
    from halo_async._operations.common_mistakes import lists_with_changes
    from halo_async._operations.resource import own_name
    from halo_async.cli.errors import UsageError

    name, known = own_name(resource), lists_with_changes()
    if name not in known:
        raise UsageError(f"{resource!r} cannot be watched. Name one of {', '.join(known)}.")
    return name


def _span(text: str) -> Any:
    from datetime import timedelta

    from halo_async._utils.since import span_of
    from halo_async.cli.errors import UsageError

    folded = text.strip().lower()
    number = folded.removesuffix("s")
    if folded.endswith("s") and number.replace(".", "", 1).isdecimal() and float(number) > 0:
        return timedelta(seconds=float(number))
    span = span_of(text)
    if span is None:
        raise UsageError(f"--every {text} is not a span of time. Write 30s, 5m or 1h.")
    return timedelta(seconds=int(span[2:-1]))


async def _print_changes(
    connection: Connection, name: str, options: dict[str, Any], limit: int | None, *, lines: bool
) -> int:
    """Print changes until the end of the watch.

    :raises HaloError: the login or a request failed for good.
    """
    from contextlib import aclosing
    from operator import attrgetter

    from halo_async.cli.signals import ended_by_reader

    async with connection.open() as halo:
        watch = attrgetter(name)(halo).watch(**options)
        shown = 0
        with _told_how_to_go_on(options["state"]), ended_by_reader():
            async with aclosing(aiter(watch)) as changes:
                async for change in changes:
                    (_print_line if lines else _print_short)(change)
                    shown += 1
                    if limit is not None and shown >= limit:
                        await watch.handled()
                        break
    return 0


@contextmanager
def _told_how_to_go_on(state: Path | None) -> Iterator[None]:
    """Say how a watch continues that is interrupted, or ends by an error."""
    import asyncio

    from halo_async.cli.errors import remark
    from halo_async.errors import HaloError, SettingsError

    how = (
        "With --state FILE a later run continues where this one ended."
        if state is None
        else f"Run the same command again: it continues from {state}."
    )
    try:
        yield
    except asyncio.CancelledError:
        remark(how)
        raise
    except HaloError as error:
        if not isinstance(error, SettingsError):  # its own sentence says what to do
            error.add_note(how)
        raise


def _print_line(change: RowChange[Any]) -> None:
    import json

    from halo_async._operations.serialization import plain_json
    from halo_async._utils.dates import format_date

    line = {
        "resource": change.resource,
        "id": change.id,
        "kind": change.kind,
        "changed_at": None if change.changed_at is None else format_date(change.changed_at),
        "row": plain_json(change.row),
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def _print_short(change: RowChange[Any]) -> None:
    """Print the time, the kind, the id and what the row is called."""
    from halo_async._operations.serialization import plain_json
    from halo_async.cli.output import clean, output, text

    row = plain_json(change.row)
    called = next((row[name] for name in ("summary", "name", "inventory_number") if row.get(name)), "")
    moment = "" if change.changed_at is None else f"{change.changed_at.astimezone():%Y-%m-%d %H:%M:%S}  "
    words = f"{moment}{change.kind or 'changed'}  {change.id}  {clean(str(called))}"
    output().print(text(words), soft_wrap=True)
