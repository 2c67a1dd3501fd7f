"""The export that the options of `halo-async export` ask for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from halo_async.cli.errors import UsageError

if TYPE_CHECKING:
    from halo_async.export.spec import ExportSpec

PROGRESS = ("auto", "plain", "json", "none")
STDOUT = "-"


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
    how |= {"filters": _split_filters(filters), "columns": _parse_columns(columns, how["resources"])}
    _check_cluster(out, cluster, dry_run=dry_run)
    if not dry_run:
        check_out(out, how)
    return ExportRequest(
        out or "", progress, partial(parse_spec, folder=find_folder(out), **how), how, cluster
    )


def find_folder(out: str | None) -> Path | None:
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


def check_out(out: str | None, how: dict[str, Any]) -> None:
    """Check that the rows can be written where they are to go.

    :raises UsageError: nothing can be written there in this way.
    :raises SettingsError: the folder has other contents, or an option is invalid.
    """
    if not out:
        raise UsageError("Missing option '--out'. Name a folder for the files.")
    if "://" in out:
        return
    from halo_async.export.workspace import check_folder

    folder = find_folder(out)
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


def _split_filters(filters: Sequence[str]) -> dict[str, dict[str, Any]]:
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


def _parse_columns(given: Sequence[str], resources: Sequence[str]) -> dict[str, list[str]] | None:
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
