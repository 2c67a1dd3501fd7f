"""`halo-async export`: complete lists as files."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, Optional

import typer

from halo_async.cli.errors import UsageError, remark
from halo_async.cli.options import connected

if TYPE_CHECKING:
    from halo_async.cli.connection import Connection
    from halo_async.client import Halo
    from halo_async.export import Report
    from halo_async.export.progress import OnProgress
    from halo_async.export.spec import ExportSpec

PROGRESS = ("auto", "plain", "json", "none")
STDOUT = "-"


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
    halo = connection.open()
    if dry_run:
        from halo_async.cli.export_report import count

        return run_awake(count(halo, asked))
    return run_awake(_run(halo, asked))


class ExportRequest(NamedTuple):
    """An export as given on the command line."""

    out: str
    progress: str
    ask: Callable[[], ExportSpec]
    """Return the export to run, resuming the one in the folder if requested."""
    how: dict[str, Any]
    """The parameters of `halo_async.export.export` that were given."""
    cluster: dict[str, Any]
    """Those of them that are about a cluster."""


def export_request(
    *,
    every: bool,
    out: str | None,
    progress: str,
    dry_run: bool,
    filters: Sequence[str],
    columns: Sequence[str],
    cluster: dict[str, Any],
    **how: Any,
) -> ExportRequest:
    """Return the checked options.

    :param how: parameters of `halo_async.export.export`.
    :raises UsageError: one is missing or makes no sense.
    :raises SettingsError: one is invalid.
    """
    from halo_async._utils.since import LAST

    goes_on = how["resume"] or how["since"] == LAST
    if every and how["resources"]:
        raise UsageError("Resources and --all exclude each other. Give one of them.")
    if not (every or how["resources"] or (goes_on and out)):
        raise UsageError("Missing argument 'RESOURCE'. Name some, or give --all.")
    if progress not in PROGRESS:
        raise UsageError(f"--progress {progress!r} is not supported. Use one of {', '.join(PROGRESS)}.")
    from halo_async.export.names import all_resources
    from halo_async.export.spec import parse_spec

    how |= {"resources": all_resources()} if every else {}
    how |= {"filters": _pairs(filters), "columns": _columns(columns, how["resources"])}
    _check_cluster(out, cluster, dry_run=dry_run)
    if not dry_run:
        _check_out(out, how)
    return ExportRequest(out or "", progress, partial(parse_spec, folder=_folder(out), **how), how, cluster)


def _folder(out: str | None) -> Path | None:
    """Return a local folder, if the destination is one."""
    return Path(out) if out and out != STDOUT and "://" not in out else None


def _check_cluster(out: str | None, cluster: dict[str, Any], *, dry_run: bool) -> None:
    if all(value is None for value in cluster.values()):
        return
    if dry_run or out == STDOUT:
        raise UsageError(
            "--scheduler is for an export into a folder. Leave it out with --dry-run and --out -."
        )
    from halo_async.export.cluster.scheduler import cluster_request

    cluster_request(**cluster)


def _check_out(out: str | None, how: dict[str, Any]) -> None:
    if not out:
        raise UsageError("Missing option '--out'. Name a folder for the files.")
    if "://" in out:
        return
    from halo_async.export.workspace import check_folder

    folder = _folder(out)
    found = check_format(how, folder)
    if folder is None:
        _check_stream(found, how)
    else:
        check_folder(folder, resume=how["resume"], since=found.options.since)


def check_format(how: dict[str, Any], folder: Path | None = None) -> ExportSpec:
    """Return the export to run, after checking that its format can be written.

    :raises SettingsError: it cannot, or an option is invalid.
    """
    from halo_async.export.sinks import sink
    from halo_async.export.spec import parse_spec
    from halo_async.export.spool import codec

    found = parse_spec(folder=folder, **how)
    sink(found.options.format, found.options.layouts)
    codec(found.options.codec)
    return found


def _check_stream(found: ExportSpec, how: dict[str, Any]) -> None:
    from halo_async._utils.since import LAST
    from halo_async.export.options import LINES

    if how["resume"] or how["since"] == LAST:
        raise UsageError("--out - leaves nothing to resume. Name a folder.")
    if len(found.operations) != 1:
        raise UsageError("--out - takes one resource that needs no parent. Name a folder.")
    if found.options.format not in LINES:
        raise UsageError(f"--out - takes {', '.join(LINES)}, not {found.options.format}. Name a folder.")


def _pairs(filters: Sequence[str]) -> dict[str, dict[str, Any]]:
    from halo_async.export.names import own_name

    pairs: dict[str, dict[str, Any]] = {}
    for text in filters:
        place, equals, value = text.partition("=")
        resource, dot, name = place.strip().rpartition(".")
        if not (equals and dot and resource and name):
            raise UsageError(
                f"--where {text!r} is not RESOURCE.NAME=VALUE. Write it as tickets.open_only=true."
            )
        pairs.setdefault(own_name(resource), {})[name] = _typed(resource, name, value)
    return pairs


def partitions(given: Sequence[str]) -> str | dict[str, str] | None:
    """Return the fields by resource, or the one for all.

    :raises UsageError: one of several does not name its resource.
    """
    if len(given) == 1 and "=" not in given[0]:
        return given[0]
    if wrong := [text for text in given if "=" not in text]:
        raise UsageError(
            f"--partition-by {wrong[0]!r} does not name its resource. Write it as tickets=month:dateoccurred."
        )
    return {name.strip(): field.strip() for name, _, field in (text.partition("=") for text in given)} or None


def _columns(given: Sequence[str], resources: Sequence[str]) -> dict[str, list[str]] | None:
    """Fields by resource; those of the only resource may come without it. None for all fields."""
    found: dict[str, list[str]] = {}
    for text in given:
        resource, equals, names = text.replace(":", "=", 1).partition("=")
        if not equals and len(resources) == 1:
            resource, names = resources[0], text
        columns = [name.strip() for name in names.split(",") if name.strip()]
        if not (resource.strip() and columns):
            raise UsageError(f"--columns {text!r} is not RESOURCE=NAME,NAME. Write it as tickets=id,summary.")
        found.setdefault(resource.strip(), []).extend(columns)
    return found or None


def _typed(resource: str, name: str, text: str) -> Any:
    """A filter's value, of its declared type; the text where the export itself says what is wrong with the name."""
    from halo_async.cli.arguments import typed_value
    from halo_async.errors import SettingsError
    from halo_async.export.names import resolve_names

    try:
        operation = resolve_names([resource])[-1]
    except SettingsError:
        return text
    return typed_value(operation, name, text) if name in operation.keywords else text


async def _run(halo: Halo, asked: ExportRequest) -> int:
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
