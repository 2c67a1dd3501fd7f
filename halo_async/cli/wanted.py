"""What `halo-async export` was asked for, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attrs import frozen

from halo_async.cli.errors import UsageError
from halo_async.export.names import everything, resolve, resource_name
from halo_async.export.options import Options, options
from halo_async.export.sinks import sink
from halo_async.export.spool import codec
from halo_async.export.workspace import check_folder

PROGRESS = ("auto", "plain", "json", "none")
STDOUT = "-"


@frozen
class Wanted:
    """An export as the command line has it."""

    resources: tuple[str, ...]
    out: str
    options: Options
    filters: dict[str, dict[str, str]]
    resume: bool
    progress: str


def wanted(
    resources: Sequence[str],
    *,
    every: bool,
    out: str | None,
    format: str,
    resume: bool,
    since: str | None,
    filters: Sequence[str],
    explode: Sequence[str],
    width: int | None,
    progress: str,
    dry_run: bool,
) -> Wanted:
    """The options, checked.

    :raises UsageError: one is missing or makes no sense.
    :raises SettingsError: one cannot work.
    """
    if every and resources:
        raise UsageError("give resources or --all, not both")
    if not (every or resources):
        raise UsageError("Missing argument 'RESOURCE': name some, or give --all")
    operations = resolve(everything() if every else resources)
    if progress not in PROGRESS:
        raise UsageError(f"--progress {progress!r}: use one of {', '.join(PROGRESS)}")
    pairs = _pairs(filters)
    chosen = options(operations, format=format, since=since, filters=pairs, explode=explode, width=width)
    names = tuple(resource_name(operation) for operation in operations)
    if not dry_run:
        _check_out(out, names, chosen, resume)
    return Wanted(names, out or "", chosen, pairs, resume, progress)


def _check_out(out: str | None, names: Sequence[str], chosen: Options, resume: bool) -> None:
    if not out:
        raise UsageError("Missing option '--out': name a folder for the files")
    sink(chosen.format)
    codec(chosen.codec)
    if out == STDOUT:
        if len(names) != 1 or chosen.format != "jsonl" or resume or chosen.since == "last":
            raise UsageError("--out - takes one resource as jsonl, and cannot be resumed")
    elif "://" not in out:
        check_folder(Path(out), resume=resume, since=chosen.since)


def _pairs(filters: Sequence[str]) -> dict[str, dict[str, str]]:
    pairs: dict[str, dict[str, str]] = {}
    for text in filters:
        place, equals, value = text.partition("=")
        resource, dot, name = place.strip().rpartition(".")
        if not (equals and dot and resource and name):
            raise UsageError(f"--filter {text!r}: write RESOURCE.NAME=VALUE, such as tickets.open_only=true")
        pairs.setdefault(resource, {})[name] = value
    return pairs
