"""`halo-async export`: complete lists as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Optional

import typer

from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection


@connected
def export(
    connection: Connection,
    resources: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Argument(metavar="[RESOURCE]...", help="Such as tickets, Client or client_contract."),
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            "--out", metavar="DIR", help="A folder that is new or empty, an address such as s3://…, or - ."
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="jsonl (default), jsonl.gz, jsonl.zst, csv, parquet, duckdb or sqlite.",
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Every list that can be asked for without a filter.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Resume what is unfinished in DIR.")] = False,
    since: Annotated[
        str | None,
        typer.Option(
            "--since", metavar="TIME|last", help="Only rows changed since; last: bring DIR up to date."
        ),
    ] = None,
    filters: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--filter", metavar="RESOURCE.NAME=VALUE", help="A query parameter; may be repeated."),
    ] = None,
    include_inactive: Annotated[
        bool,
        typer.Option(
            "--include-inactive", help="Inactive, disabled and API-only rows, too, where a list has switches."
        ),
    ] = False,
    flatten: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--flatten", metavar="FIELD", help="Give named values columns: customfields."),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency", metavar="N", help="Requests in flight for one resource. Default: 2, or 8."
        ),
    ] = None,
    progress: Annotated[
        str, typer.Option("--progress", metavar="HOW", help="auto (default), plain, json or none.")
    ] = "auto",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count: how many rows, requests and minutes.")
    ] = False,
) -> int:
    """Export complete lists, one file per resource.

    All are exported at once under one limiter. In JSON Lines all fields are unchanged.
    DIR/report.json has the result of each: rows, requests, retries and how consistent the rows are.
    A resource with missing rows keeps the name .part, and the exit code is 5; --resume continues it.

    Example:
      halo-async export tickets client users --out backup
      halo-async export tickets --out - | head -n 1
    """
    from halo_async.cli.export_options import export_request
    from halo_async.cli.running import run_awake

    asked = export_request(
        every=every,
        out=out,
        progress=progress,
        dry_run=dry_run,
        filters=filters or [],
        resources=resources or [],
        format=format,
        resume=resume,
        since=since,
        flatten=flatten or [],
        concurrency=concurrency,
        include_inactive=include_inactive,
    )
    halo = connection.open()
    if dry_run:
        from halo_async.cli.dry_run import run as count

        return run_awake(count(halo, asked))
    from halo_async.cli.exporting import run

    return run_awake(run(halo, asked))
