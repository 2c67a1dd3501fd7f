"""Options of an export, checked before any request is sent."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.argument_checks import check_argument
from halo_async._operations.operation import READING, Operation
from halo_async._operations.serialization import query_pairs
from halo_async._utils.names import did_you_mean
from halo_async._utils.since import Since, moment_of, span_of
from halo_async.errors import SettingsError
from halo_async.export.children import CHILDREN
from halo_async.export.column_options import GivenColumns, checked_columns
from halo_async.export.layout import Layouts, checked_layouts
from halo_async.export.names import own_name, resource_name
from halo_async.export.row_columns import Columns, needed_by

if TYPE_CHECKING:
    from halo_async.measurements import Measurements

FORMATS = ("jsonl", "jsonl.gz", "jsonl.zst", "csv", "parquet", "duckdb", "sqlite")
LINES = ("jsonl", "jsonl.gz", "jsonl.zst")
"""Formats that store rows unchanged."""
VERSION = 4
"""Version of the journal's layout."""
CHANGED_SINCE = "lastupdatefromdate"
"""Halo's parameter for rows changed since a time, if a list has it."""

Filters = Mapping[str, Mapping[str, Any]]


@attrs.frozen
class ExportOptions:
    """Options of an export."""

    format: str = "jsonl"
    since: str | None = None
    """A time in ISO 8601, `last`, or None for everything."""
    filters: Mapping[str, tuple[tuple[str, str], ...]] = attrs.field(factory=dict)
    """Query parameters by resource."""
    flatten: tuple[str, ...] = ()
    """Fields whose `{name, value}` pairs become columns."""
    concurrency: int | None = None
    """Requests in flight for one resource; None: by the limit."""
    span: str | None = None
    """The span that `since` was given as, which another run gives again at another moment."""
    all_parents: bool = False
    """True to ask for the rows of all parents in an incremental run."""
    nested: str | None = None
    """`json`: objects and lists are JSON text; None: they have types where the format has some."""
    never_as_null: bool = False
    """Dates that mean "never" are null in tables."""
    columns: Columns = attrs.field(factory=dict)
    """Names of fields by resource, for those that are not to have all."""
    layouts: Layouts = attrs.field(factory=dict)
    """Layouts by resource, for those that are not to have one file."""

    def needed_columns(self, resource: str) -> tuple[str, ...]:
        """Return the fields that are gathered: the chosen ones, ids and the ids of parents; none for all."""
        child = CHILDREN.get(resource)
        return needed_by(self.columns.get(resource, ()), None if child is None else child.key)

    def hides(self, resource: str) -> bool:
        """Return whether fields are gathered that the file is not to have."""
        return self.columns.get(resource, ()) != self.needed_columns(resource)

    @property
    def codec(self) -> str:
        """Compression of the rows while they are gathered: none for tables, which is the cheapest in time.

        Packing and unpacking a page of 250 kB takes 0.76 ms of CPU with zstd, 0.48 with LZ4; writing and reading it as
        it is takes 0.12.
        """
        return self.format.partition(".")[2] if self.format in LINES else ""

    @property
    def suffix(self) -> str:
        """Suffix of the file of gathered lines."""
        return f".{self.codec}" if self.codec else ""


def options(
    operations: Iterable[Operation],
    *,
    format: str,
    since: Since | None,
    filters: Filters | None,
    flatten: Iterable[str],
    concurrency: int | None,
    all_parents: bool = False,
    columns: GivenColumns | None = None,
    partition_by: str | Mapping[str, str] | None = None,
    rows_per_file: int | None = None,
    nested: str | None = None,
    never_as_null: bool = False,
) -> ExportOptions:
    """The options, checked.

    :raises SettingsError: one of them cannot work.
    :raises TypeError: a filter has a value of the wrong type.
    :raises InvalidRequestError: a filter's list is empty, or one of its values would read as several.
    """
    if format not in FORMATS:
        hint = did_you_mean(format, FORMATS) or f". Use one of {', '.join(FORMATS)}."
        raise SettingsError(f"There is no format {format!r}{hint}")
    if concurrency is not None and (type(concurrency) is not int or not 1 <= concurrency <= 64):
        raise SettingsError("The concurrency must be from 1 to 64.")
    if format in LINES and tuple(flatten):
        raise SettingsError(f"{format} has no columns. Use flatten only with formats that have columns.")
    if nested not in (None, "json"):
        raise SettingsError(f'nested must be "json", not {nested!r}. Leave it out to have types.')
    if format in LINES and (nested or never_as_null):
        name = "nested" if nested else "never_as_null"
        raise SettingsError(f"{format} has no columns. Use {name} only with formats that have columns.")
    operations = list(operations)
    chosen = checked_columns(operations, columns)
    return ExportOptions(
        format,
        moment_of(since),
        _check_filters(operations, filters or {}),
        tuple(flatten),
        concurrency,
        span_of(since),
        all_parents,
        nested,
        never_as_null,
        chosen,
        checked_layouts(operations, format, partition_by, rows_per_file, chosen),
    )


def _check_filters(
    operations: Iterable[Operation], filters: Filters
) -> dict[str, tuple[tuple[str, str], ...]]:
    known = {resource_name(operation): operation for operation in operations}
    if not (isinstance(filters, Mapping) and all(isinstance(values, Mapping) for values in filters.values())):
        raise SettingsError('Filters must be by resource. Give filters={"tickets": {"open_only": True}}.')
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    for given, values in filters.items():
        name = given if given in known or not isinstance(given, str) else own_name(given)
        if name in found:
            raise SettingsError(
                f"{given!r} is another name of {name!r}. Give the filters of a list together."
            )
        if values:
            found[name] = _encode_filters(known, name if name in known else given, values)
    return found


def _encode_filters(
    known: Mapping[str, Operation], resource: str, values: Mapping[str, Any]
) -> tuple[tuple[str, str], ...]:
    operation = known.get(resource)
    if operation is None:
        raise SettingsError(f"There is a filter for {resource!r}, which is not exported.")
    pairs: list[tuple[str, str]] = []
    for name, value in values.items():
        if name not in operation.keywords:
            hint = did_you_mean(name, operation.keywords) or "."
            raise SettingsError(f"{resource} has no filter {name!r}{hint}")
        if name in READING:
            raise SettingsError(f"{name} is set by the export and cannot be a filter.")
        pairs += query_pairs(operation.api_name(name), check_argument(operation, name, value))
    _check_search(dict(pairs).get("advanced_search"))
    return tuple(pairs)


def with_inactive(
    operations: Iterable[Operation], filters: Mapping[str, tuple[tuple[str, str], ...]]
) -> dict[str, tuple[tuple[str, str], ...]]:
    """The filters, and each list's switches for inactive rows that they say nothing about."""
    found = dict(filters)
    for operation in operations:
        name = resource_name(operation)
        given = found.get(name, ())
        said = dict(given)
        switches = {
            operation.api_name(switch): value for switch, value in operation.inactive_switches.items()
        }
        more = [pair for wire, on in switches.items() if wire not in said for pair in query_pairs(wire, on)]
        if more:
            found[name] = (*given, *more)
    return found


def leaves_out_inactive(
    operation: Operation, pairs: Iterable[tuple[str, str]], measurements: Measurements | None = None
) -> bool:
    """Return whether a list has switches for inactive rows and a query does not turn all of them on.

    :param measurements: of an instance that may show such rows anyway.
    """
    said = dict(pairs)
    switches = map(operation.api_name, operation.inactive_switches)
    return any(
        said.get(switch, "").lower() != "true"
        for switch in switches
        if measurements is None or not measurements.shows_without(operation.resource, switch)
    )


def _check_search(text: str | None) -> None:
    """Check the caller's conditions: the export adds its own on ids, and has to parse them."""
    try:
        tests = json.loads(text) if text else []
    except ValueError:
        tests = None
    if not (isinstance(tests, list) and all(isinstance(test, dict) for test in tests)):
        raise SettingsError("advanced_search must be a JSON list of objects.")


def surface_hash(operations: Iterable[Operation]) -> str:
    """Return a hash of this release's operations."""
    digest = hashlib.sha256()
    for operation in operations:
        parts = (operation.path, str(operation.rows_key), str(operation.paged), operation.result)
        digest.update("\0".join((*parts, *operation.keywords, "\n")).encode())
    return digest.hexdigest()[:16]


def plain(filters: Mapping[str, tuple[tuple[str, str], ...]]) -> dict[str, list[list[str]]]:
    """Return the filters in JSON form."""
    return {name: [list(pair) for pair in pairs] for name, pairs in filters.items()}


def header(instance: str, operations: Iterable[Operation], options: ExportOptions) -> dict[str, Any]:
    """Return the journal's header: all that must be the same to resume. It contains no secrets."""
    operations = list(operations)
    return {
        "halo-export": VERSION,
        "instance": instance,
        "resources": [resource_name(operation) for operation in operations],
        "format": options.format,
        "filters": plain(options.filters),
        "since": options.since,
        "span": options.span,
        "flatten": list(options.flatten),
        "nested": options.nested,
        "never_as_null": options.never_as_null,
        "all_parents": options.all_parents,
        "columns": {name: list(columns) for name, columns in options.columns.items()},
        "layouts": {name: layout.as_json() for name, layout in options.layouts.items()},
        "order": "id",
        "surface": surface_hash(operations),
    }


_SAID = {
    "instance": "the instance",
    "resources": "the resources",
    "format": "the format",
    "filters": "the filters",
    "since": "since",
    "flatten": "flatten",
    "nested": "nested",
    "never_as_null": "never_as_null",
    "all_parents": "all_parents",
    "columns": "the columns",
    "layouts": "the layout",
    "order": "the order",
    "surface": "the surface (another release of halo-async)",
}


def difference(theirs: Mapping[str, Any], ours: Mapping[str, Any]) -> str | None:
    """Return the difference that makes two headers belong to different exports, in words."""
    # What an earlier release did not have is off in its journal.
    changed = [name for name in _SAID if (theirs.get(name) or None) != (ours.get(name) or None)]
    if "resources" in changed and "surface" in changed:
        changed.remove("surface")  # the difference is in the resources
    return ", ".join(_SAID[name] for name in changed) or None
