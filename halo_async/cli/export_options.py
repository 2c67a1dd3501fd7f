"""Options of `halo-async export`, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import attrs

from halo_async.cli.errors import UsageError
from halo_async.errors import SettingsError
from halo_async.export.names import all_resources, own_name, resolve_names
from halo_async.export.options import LAST, LINES
from halo_async.export.sinks import sink
from halo_async.export.spec import ExportSpec, parse_spec
from halo_async.export.spool import codec
from halo_async.export.workspace import check_folder

PROGRESS = ("auto", "plain", "json", "none")
STDOUT = "-"


@attrs.frozen
class ExportRequest:
    """An export as given on the command line."""

    out: str
    progress: str
    ask: Callable[[], ExportSpec]
    """Return the export to run, resuming the one in the folder if requested."""
    how: dict[str, Any]
    """Return the parameters of `halo_async.export.export` that were given."""


def export_request(
    *,
    every: bool,
    out: str | None,
    progress: str,
    dry_run: bool,
    filters: Sequence[str],
    **how: Any,
) -> ExportRequest:
    """Return the checked options.

    :param how: parameters of `halo_async.export.export`.
    :raises UsageError: one is missing or makes no sense.
    :raises SettingsError: one is invalid.
    """
    goes_on = how["resume"] or how["since"] == LAST
    if every and how["resources"]:
        raise UsageError("give resources or --all, not both")
    if not (every or how["resources"] or (goes_on and out)):
        raise UsageError("Missing argument 'RESOURCE': name some, or give --all")
    if progress not in PROGRESS:
        raise UsageError(f"--progress {progress!r}: use one of {', '.join(PROGRESS)}")
    how |= {"filters": _pairs(filters), **({"resources": all_resources()} if every else {})}
    if not dry_run:
        _check_out(out, how)
    return ExportRequest(out or "", progress, partial(parse_spec, folder=_folder(out), **how), how)


def _folder(out: str | None) -> Path | None:
    """Return a local folder, if the destination is one."""
    return Path(out) if out and out != STDOUT and "://" not in out else None


def _check_out(out: str | None, how: dict[str, Any]) -> None:
    if not out:
        raise UsageError("Missing option '--out': name a folder for the files")
    if "://" in out:
        return
    folder = _folder(out)
    found = parse_spec(folder=folder, **how)
    sink(found.options.format)
    codec(found.options.codec)
    if folder is None:
        _check_stream(found, how)
    else:
        check_folder(folder, resume=how["resume"], since=found.options.since)


def _check_stream(found: ExportSpec, how: dict[str, Any]) -> None:
    if how["resume"] or how["since"] == LAST:
        raise UsageError("--out - leaves nothing to resume: name a folder")
    if len(found.operations) != 1:
        raise UsageError("--out - takes one resource that needs no parent: name a folder")
    if found.options.format not in LINES:
        raise UsageError(f"--out - takes {', '.join(LINES)}: {found.options.format} needs a folder")


def _pairs(filters: Sequence[str]) -> dict[str, dict[str, Any]]:
    pairs: dict[str, dict[str, Any]] = {}
    for text in filters:
        place, equals, value = text.partition("=")
        resource, dot, name = place.strip().rpartition(".")
        if not (equals and dot and resource and name):
            raise UsageError(f"--filter {text!r}: write RESOURCE.NAME=VALUE, such as tickets.open_only=true")
        pairs.setdefault(own_name(resource), {})[name] = _typed(resource, name, value)
    return pairs


def _typed(resource: str, name: str, text: str) -> Any:
    """A filter's value, of its declared type; the text where the export itself says what is wrong with the name."""
    from halo_async.cli.arguments import typed_value

    try:
        operation = resolve_names([resource])[-1]
    except SettingsError:
        return text
    return typed_value(operation, name, text) if name in operation.keywords else text
