"""What an export did: a value, and `report.json` beside the files."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import asdict, field, fields, frozen

from halo_async.export.plan import ExportCondition
from halo_async.export.progress import State

NAME = "report.json"


@frozen
class ResourceReport:
    """One resource of an export."""

    resource: str
    path: str
    file: str
    """Its name in the folder; ends in `.part` unless the resource is complete."""
    state: State
    rows: int
    """Rows of the file."""
    distinct_ids: int
    """Different `id` values among them; less than `rows` where `id` alone is no key, or rows have none."""
    duplicates_removed: int
    """Rows that came a second time because the list moved, or was read so, while it was read."""
    record_count: int | None
    """How many rows the instance said there were, on its first page; None where it does not say."""
    requests: int
    """HTTP requests, repeats included."""
    retries: int
    answers_429: int
    bytes: int
    """Received, decompressed."""
    seconds: float
    consistency: str
    """`keyset`, `descending`, `best-effort`, `single-response` or `by-parent`: see docs/export.md."""
    ids_ascending: bool | None
    """Whether the order by id that was asked for was kept; None where none could be asked for."""
    error: str | None = None
    error_type: str | None = None
    least_requests: int = 1
    """The fewest that could have brought as many rows, by the length of the pages."""
    conditions: tuple[ExportCondition, ...] = ()
    """What the consistency rests on, as it was found."""
    warnings: tuple[str, ...] = ()
    since: str | None = None
    """Only rows changed since this moment were asked for."""
    asked_at: str | None = None
    """When the first request was sent: the next incremental run goes on from here."""
    changed: int | None = None
    """Rows that an incremental run brought; `rows` is what the file holds after them."""
    deleted: int | None = None
    """Rows that it took out because the instance lists them as deleted; None where that cannot be asked."""
    inactive_left_out: bool = False
    """Whether the list leaves out inactive, disabled or API-only rows unless asked, and was not asked for them."""
    columns: int | None = None
    """Columns of the table; None for formats without."""
    columns_added: tuple[str, ...] = ()
    """Those that rows had and this release's surface does not name."""
    columns_widened: tuple[str, ...] = ()
    """Those whose values needed another type: `name: int -> text`."""

    @property
    def complete(self) -> bool:
        """Whether every row that the instance spoke of is in the file."""
        return self.state is State.DONE

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `report.json` holds them."""
        return {**asdict(self), "complete": self.complete}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ResourceReport:
        """Back from `as_json`."""
        known = {item.name for item in fields(cls)}
        kept: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in values.items()
            if name in known
        }
        kept["state"] = State(kept["state"])
        kept["conditions"] = tuple(ExportCondition(**item) for item in kept.get("conditions", ()))
        return cls(**kept)


@frozen
class Report:
    """A whole export."""

    instance: str
    """Whose data it is, such as `https://acme.halopsa.com`, with a prefix and `?tenant=…` where they were given."""
    started: str
    """In UTC, ISO 8601."""
    seconds: float
    resources: tuple[ResourceReport, ...]
    format: str = "jsonl"
    stamps: Mapping[str, str] = field(factory=dict)
    """For each resource of the folder, when its last good run began."""
    filters: Mapping[str, list[list[str]]] = field(factory=dict)
    """Query parameters by resource: the next incremental run has the same."""
    explode: tuple[str, ...] = ()
    """Fields whose named values have columns of their own."""

    @property
    def complete(self) -> bool:
        """Whether every resource is."""
        return all(item.complete for item in self.resources)

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `report.json` holds them."""
        values = {"complete": self.complete, **asdict(self, recurse=False)}
        values["stamps"] = dict(self.stamps)
        values["resources"] = [item.as_json() for item in self.resources]
        return values

    def write(self, folder: Path) -> None:
        """Put `report.json` into a folder, whole or not at all.

        :raises OSError: it cannot be written.
        """
        part = folder / f"{NAME}.part"
        with part.open("w", encoding="utf-8") as file:
            json.dump(self.as_json(), file, indent=2, ensure_ascii=False)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(folder / NAME)

    @classmethod
    def read(cls, folder: Path) -> Report | None:
        """The report in a folder; None if there is none that can be read."""
        try:
            return cls.parse((folder / NAME).read_bytes())
        except OSError:
            return None

    @classmethod
    def parse(cls, data: bytes) -> Report | None:
        """A report out of its bytes; None if they are none."""
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
                explode=tuple(values.get("explode", ())),
            )
        except (ValueError, KeyError, TypeError):
            return None
