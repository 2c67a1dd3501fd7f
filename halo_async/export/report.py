"""Result of an export: a value, and `report.json` next to the files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.own_file import sync_folder
from halo_async.export.plan import ExportCondition
from halo_async.export.progress import State

NAME = "report.json"


@attrs.frozen
class ResourceReport:
    """Report of one resource."""

    resource: str
    path: str
    file: str
    """Its name in the folder; ends in `.part` unless the resource is complete."""
    state: State
    rows: int
    """Number of rows in the file."""
    distinct_ids: int
    """Number of distinct `id` values; less than `rows` if `id` alone is not unique, or rows have none."""
    duplicates_removed: int
    """Rows received twice because the list moved or overlapped while it was read."""
    record_count: int | None
    """Number of rows according to the instance's first page; None if it does not say."""
    requests: int
    """HTTP requests, including retries."""
    retries: int
    answers_429: int
    bytes: int
    """Received, decompressed."""
    seconds: float
    consistency: str
    """`keyset`, `descending`, `best-effort`, `single-response` or `by-parent`: see docs/export.md."""
    ids_ascending: bool | None
    """True if the requested order by id was followed; None if it could not be requested."""
    error: str | None = None
    error_type: str | None = None
    least_requests: int = 1
    """Minimum number of requests for as many rows, by the length of the pages."""
    conditions: tuple[ExportCondition, ...] = ()
    """The conditions that the consistency depends on, as observed."""
    warnings: tuple[str, ...] = ()
    since: str | None = None
    """Only rows changed since this time were requested."""
    asked_at: str | None = None
    """Time of the first request: the next incremental run starts from here."""
    changed: int | None = None
    """Rows received by an incremental run; `rows` is the number in the file after them."""
    deleted: int | None = None
    """Rows deleted from the file as the instance lists them as deleted; None without such a list."""
    inactive_left_out: bool = False
    """True if the list leaves out inactive, disabled or API-only rows unless asked, and was not asked for them."""
    parents: int | None = None
    """Number of parents whose rows were requested; None for lists that are not requested by parent."""
    parents_asked: str | None = None
    """The parents that an incremental run asked for, and the reason."""
    columns: int | None = None
    """Columns of the table; None for formats without."""
    columns_added: tuple[str, ...] = ()
    """Columns found in rows that are not in this release's surface."""
    columns_widened: tuple[str, ...] = ()
    """Columns whose values needed another type: `name: int -> text`."""

    @property
    def complete(self) -> bool:
        """True if every row that the instance counted is in the file."""
        return self.state is State.DONE

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as in `report.json`."""
        return {**attrs.asdict(self), "complete": self.complete}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ResourceReport:
        """Return the report from the values of `as_json`.

        :param values: a mapping of its fields; unknown ones are ignored.
        """
        known = {item.name for item in attrs.fields(cls)}
        kept: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in known
        }
        kept["state"] = State(kept["state"])
        kept["conditions"] = tuple(ExportCondition(**item) for item in kept.get("conditions", ()))
        return cls(**kept)


@attrs.frozen
class Report:
    """Report of a whole export."""

    instance: str
    """Whose data it is, such as `https://acme.halopsa.com`, with a prefix and `?tenant=…` where they were given."""
    started: str
    """In UTC, ISO 8601."""
    seconds: float
    resources: tuple[ResourceReport, ...]
    format: str = "jsonl"
    stamps: Mapping[str, str] = attrs.field(factory=dict)
    """Start of the last successful run, for each resource of the folder."""
    filters: Mapping[str, list[list[str]]] = attrs.field(factory=dict)
    """Query parameters by resource: the next incremental run uses the same."""
    flatten: tuple[str, ...] = ()
    """Fields whose named values have their own columns."""
    nested: str | None = None
    """`json` if objects and lists are JSON text in all formats."""
    never_as_null: bool = False
    """True if dates that mean "never" are null in tables."""
    columns: Mapping[str, list[str]] = attrs.field(factory=dict)
    """The chosen fields by resource; the next incremental run has the same."""
    layouts: Mapping[str, dict[str, Any]] = attrs.field(factory=dict)
    """By resource: `field`, `unit` and `rows_per_file` of a folder of Parquet files."""

    def _repr_html_(self) -> str:
        from halo_async._utils.html_table import html_table

        rows = [(one.resource, one.state, f"{one.rows:,}", one.file, one.error) for one in self.resources]
        note = f"{self.instance}, {self.seconds:.1f} s"
        return html_table(("resource", "state", "rows", "file", "error"), rows, note)

    @property
    def complete(self) -> bool:
        """True if every resource is complete."""
        return all(item.complete for item in self.resources)

    def as_json(self) -> dict[str, Any]:
        """Return plain values, as in `report.json`."""
        values = {"complete": self.complete, **attrs.asdict(self, recurse=False)}
        values["stamps"] = dict(self.stamps)
        values["resources"] = [item.as_json() for item in self.resources]
        return values

    def write(self, folder: Path) -> None:
        """Write `report.json` into a folder atomically.

        :param folder: folder of an export, which exists.
        :raises OSError: it cannot be written.
        """
        write_json(folder / NAME, self.as_json(), indent=2)

    @classmethod
    def read(cls, folder: Path) -> Report | None:
        """Return the report in a folder; None if there is no readable one.

        :param folder: folder of an export.
        """
        try:
            return cls.parse((folder / NAME).read_bytes())
        except OSError:
            return None

    @classmethod
    def parse(cls, data: bytes) -> Report | None:
        """Parse a report from its bytes; None if they are not valid.

        :param data: content of a `report.json`.
        """
        try:
            values = json.loads(data)
            return cls(
                instance=values["instance"],
                started=values["started"],
                seconds=values["seconds"],
                resources=tuple(ResourceReport.from_json(item) for item in values["resources"]),
                format=values.get("format", "jsonl"),
                stamps=values.get("stamps", {}),
                filters=values.get("filters", {}),
                flatten=tuple(values.get("flatten", values.get("explode", ()))),
                nested=values.get("nested"),
                never_as_null=values.get("never_as_null", False),
                columns=values.get("columns", {}),
                layouts=values.get("layouts", {}),
            )
        except (ValueError, KeyError, TypeError):
            return None


def write_json(path: Path, value: Any, *, indent: int) -> None:
    """Write a file of JSON atomically.

    :raises OSError: it cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    with part.open("w", encoding="utf-8") as file:
        json.dump(value, file, indent=indent, ensure_ascii=False)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)
