"""Specification of an export: the caller's arguments and, when a folder is resumed, its stored options."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

import attrs

from halo_async._operations.operation import Operation
from halo_async._utils.since import LAST, span_of
from halo_async._utils.validation import names as list_of_names
from halo_async.errors import SettingsError
from halo_async.export.column_options import GivenColumns
from halo_async.export.journal import read_header
from halo_async.export.layout import layouts_of
from halo_async.export.names import resolve_names, resource_name
from halo_async.export.options import ExportOptions, Filters, options, with_inactive
from halo_async.export.report import Report

T = TypeVar("T")


@attrs.frozen
class ExportSpec:
    """Lists and the options of their export."""

    operations: tuple[Operation, ...]
    options: ExportOptions


class GivenOptions(TypedDict, total=False):
    """The options of `export` that a caller may give."""

    format: str | None
    since: str | date | timedelta | None
    resume: bool
    filters: Filters | None
    flatten: str | Iterable[str]
    concurrency: int | None
    include_inactive: bool
    all_parents: bool
    columns: GivenColumns | None
    partition_by: str | Mapping[str, str] | None
    rows_per_file: int | None
    nested: str | None
    never_as_null: bool


def parse_spec(
    resources: str | Iterable[str], folder: Path | None, **given: Unpack[GivenOptions]
) -> ExportSpec:
    """Return the requested export. Options that are not given are taken from the folder to resume.

    :param folder: None for an export that does not resume anything.
    :raises SettingsError: an option is not valid, or no resources are given.
    """
    since, resume, filters = given.get("since"), given.get("resume", False), given.get("filters")
    names = list_of_names("resources", resources)
    flatten = tuple(list_of_names("flatten", given.get("flatten", ())))
    kept = _read_options(folder, resume=resume, since=since) if folder is not None else {}
    if not names and not kept and (resume or since == LAST):
        raise SettingsError(f"{folder} contains no export to resume. Name the resources to export.")
    operations = tuple(resolve_names(names or kept.get("resources", ())))
    span = span_of(since)
    if span is not None and span == kept.get("span"):
        since = None  # the same command again: the moment is that of the run that it resumes
    chosen = options(
        operations,
        format=given.get("format") or kept.get("format", "jsonl"),
        since=since or kept.get("since"),
        filters=filters,
        flatten=flatten or kept.get("flatten", ()),
        concurrency=given.get("concurrency"),
        all_parents=bool(given.get("all_parents") or kept.get("all_parents")),
        columns=given.get("columns"),
        partition_by=given.get("partition_by"),
        rows_per_file=given.get("rows_per_file"),
        nested=given.get("nested") or kept.get("nested"),
        never_as_null=bool(given.get("never_as_null") or kept.get("never_as_null")),
    )
    if since is None and "since" in kept:
        chosen = attrs.evolve(chosen, span=kept.get("span"))
    if not filters:
        pairs = {name: _parse_pairs(pairs) for name, pairs in kept.get("filters", {}).items()}
        chosen = attrs.evolve(chosen, filters=_of(operations, pairs))
    if given.get("columns") is None:
        names_by = {name: tuple(columns) for name, columns in kept.get("columns", {}).items()}
        chosen = attrs.evolve(chosen, columns=_of(operations, names_by))
    if not chosen.layouts:
        chosen = attrs.evolve(chosen, layouts=_of(operations, layouts_of(kept.get("layouts", {}))))
    if given.get("include_inactive"):
        chosen = attrs.evolve(chosen, filters=with_inactive(operations, chosen.filters))
    return ExportSpec(operations, chosen)


def _of(operations: Iterable[Operation], values: Mapping[str, T]) -> dict[str, T]:
    """Return what belongs to resources that are exported."""
    there = set(map(resource_name, operations))
    return {name: value for name, value in values.items() if name in there}


def _parse_pairs(pairs: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in pairs)


def _read_options(folder: Path, *, resume: bool, since: object) -> Mapping[str, Any]:
    """Return the options of the export in the folder: from its journal or, once complete, its report."""
    if not (resume or since == LAST):
        return {}
    header = _header(folder) if resume else None
    if header is not None:
        return header
    report = Report.read(folder)
    if report is None:
        return {}
    return {
        "resources": list(dict.fromkeys([*(item.resource for item in report.resources), *report.stamps])),
        "format": report.format,
        "filters": report.filters,
        "flatten": report.flatten,
        "columns": report.columns,
        "layouts": report.layouts,
        "nested": report.nested,
        "never_as_null": report.never_as_null,
    }


def _header(folder: Path) -> dict[str, Any] | None:
    """Return the first line of the journal, if it is complete."""
    try:
        return read_header(folder)
    except OSError:
        return None
