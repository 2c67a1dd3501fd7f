"""`halo-async export`: complete lists as files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from halo_async.cli.errors import remark
from halo_async.cli.export_request import STDOUT, ExportRequest, check_out, export_request, partitions
from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection
    from halo_async.client import Halo
    from halo_async.export import Report
    from halo_async.export.progress import OnProgress


@connected
def export(
    connection: Connection,
    resources: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Argument(
            metavar="[RESOURCE]...", help="Names of lists, such as tickets, Client or client_contract."
        ),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out",
            metavar="DIR",
            help="New or empty folder, an address such as s3://bucket/folder, or - for stdout.",
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="jsonl, jsonl.gz, jsonl.zst, csv, parquet, duckdb or sqlite. Default: jsonl.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Export every list that needs no filter.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the unfinished export in DIR.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since",
            metavar="TIME|last",
            help="Only rows changed since TIME: 7d, 12h, 30m, 2w, P7D, 2026-01-31 or 2026-01-31T08:00:00Z; "
            "last: bring the export in DIR up to date.",
        ),
    ] = None,
    columns: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(
            "--columns",
            metavar="RESOURCE=NAME,...",
            help="Fields of one list, in the order of the file; may be repeated. Default: all.",
        ),
    ] = None,
    where: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(
            "--where",
            metavar="RESOURCE.NAME=VALUE",
            help="Query parameter of one list, such as tickets.open_only=true; may be repeated.",
        ),
    ] = None,
    filters: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--filter", metavar="RESOURCE.NAME=VALUE", hidden=True, help="Earlier name of --where."),
    ] = None,
    include_inactive: Annotated[
        bool,
        typer.Option(
            "--include-inactive",
            help="Include inactive, disabled and API-only rows, where a list has switches for them.",
        ),
    ] = False,
    nested: Annotated[
        str | None,
        typer.Option(
            "--nested",
            metavar="json",
            help="json: keep objects and lists as JSON text in Parquet and DuckDB, too.",
        ),
    ] = None,
    never_as_null: Annotated[
        bool,
        typer.Option(
            "--never-as-null", help='Leave out dates that mean "never", such as 1900-01-01, in tables.'
        ),
    ] = False,
    all_parents: Annotated[
        bool,
        typer.Option(
            "--all-parents",
            help="With --since last, ask for the rows of all parents (actions of all tickets), not only of changed "
            "ones.",
        ),
    ] = False,
    flatten: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(
            "--flatten",
            metavar="FIELD",
            help="Give the named values of a field, such as customfields, columns of their own.",
        ),
    ] = None,
    partition_by: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(
            "--partition-by",
            metavar="[RESOURCE=]FIELD",
            help="Parquet in folders by month:dateoccurred, year:…, day:… or the values of a field; may be repeated.",
        ),
    ] = None,
    rows_per_file: Annotated[
        int | None,
        typer.Option("--rows-per-file", metavar="N", help="Parquet in files of at most N rows."),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            metavar="N",
            help="Requests in flight per resource. Default: 2 with a rate limit, 8 without.",
        ),
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(
            "--scheduler",
            metavar="ADDRESS",
            help="Have the workers of a Dask cluster read: tcp://host:8786, or local:4 for processes of this machine.",
        ),
    ] = None,
    staging: Annotated[
        str | None,
        typer.Option(
            "--staging",
            metavar="ADDRESS",
            help="Folder or s3://bucket/folder, for the parts that workers write. Default: below DIR.",
        ),
    ] = None,
    worker_login: Annotated[
        str | None,
        typer.Option(
            "--worker-login",
            metavar="HOW",
            help="environment: workers have HALO_CLIENT_ID and HALO_CLIENT_SECRET (default); send: send the login to "
            "them, encrypted.",
        ),
    ] = None,
    progress: Annotated[
        str,
        typer.Option(
            "--progress", metavar="HOW", show_default=False, help="auto, plain, json or none. Default: auto."
        ),
    ] = "auto",
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Show the number of rows, requests and minutes, and write nothing."),
    ] = False,
) -> int:
    """Export complete lists, one file per resource.

    Exports all of them concurrently under one rate limiter. In JSON Lines all fields are unchanged.
    DIR/report.json has the result per resource: rows, requests, retries and consistency.
    A resource with missing rows keeps the suffix .part, and the exit code is 5; --resume continues it.

    Example:
      halo-async export tickets client users --out backup
      halo-async export tickets --out - | head -n 1
    """
    from halo_async.cli.signals import run_awake

    asked = export_request(
        every=every,
        out=out,
        progress=progress,
        dry_run=dry_run,
        filters=[*(where or []), *(filters or [])],
        columns=columns or [],
        partition_by=partitions(partition_by or []),
        rows_per_file=rows_per_file,
        resources=resources or [],
        format=format,
        resume=resume,
        since=since,
        flatten=flatten or [],
        concurrency=concurrency,
        include_inactive=include_inactive,
        all_parents=all_parents,
        nested=nested,
        never_as_null=never_as_null,
        cluster={"scheduler": scheduler, "staging": staging, "worker_login": worker_login},
    )
    if dry_run:
        from halo_async.cli.dry_run import count

        if asked.out:
            check_out(asked.out, asked.how)
        return run_awake(count(connection.open(), asked))
    halo = connection.open()
    return run_awake(_run_export(halo, asked))


async def _run_export(halo: Halo, asked: ExportRequest) -> int:
    """Export under progress bars, print the table, and turn the report into an exit code.

    :raises HaloError: the export could not begin, or ended as a whole; a note on it says how to go on.
    """
    import asyncio

    from halo_async.cli.export_report import (
        after_error,
        after_report,
        exit_code,
        interrupted,
        show_report,
        without_inactive,
    )
    from halo_async.cli.progress import watching
    from halo_async.cli.wait_display import shown
    from halo_async.errors import HaloError

    try:
        with watching(how=asked.progress) as on_progress, shown(asked.progress):
            async with halo:
                report = await _exported(halo, asked, on_progress)
    except asyncio.CancelledError:
        # Below the bars, which are gone by now: what is written among them can be drawn over.
        remark(interrupted(asked))
        raise
    except (HaloError, OSError) as error:
        if how := after_error(error, asked):
            error.add_note(how)
        raise
    how = "" if report.complete else after_report(report, asked)
    if asked.out != STDOUT and asked.progress != "json":
        show_report(report, asked.out, how)
        return exit_code(report)
    code = exit_code(report)
    quiet = asked.out != STDOUT or asked.progress in ("none", "json")
    if report.complete and not quiet and (left_out := without_inactive(report)):
        remark(left_out)
    if how:
        remark(how)
    return code


def _until_interrupted(on_progress: OnProgress) -> OnProgress:
    """Leave out the end by a reader that has enough: nobody has to be told of it."""
    from halo_async.export.progress import State

    return lambda step: None if step.state is State.INTERRUPTED else on_progress(step)


async def _exported(halo: Halo, asked: ExportRequest, on_progress: OnProgress) -> Report:
    if asked.out == STDOUT:
        from halo_async.export.stream import stream

        found, tell = (
            asked.ask(),
            on_progress if asked.progress == "json" else _until_interrupted(on_progress),
        )
        return await stream(halo, found.operations[0], found.options, sys.stdout.buffer, tell)
    from halo_async.export import export as run_export

    return await run_export(halo, out=asked.out, on_progress=on_progress, **asked.how, **asked.cluster)
