"""What an export did: a value, and `report.json` beside the files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from attrs import asdict, frozen

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
    """Lines of the file."""
    distinct_ids: int
    """Different `id` values among them; less than `rows` where `id` alone is no key, or rows have none."""
    duplicates_removed: int
    """Rows that came a second time, unchanged, because the list moved while it was read."""
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
    """`single-response`: one answer held all. `best-effort`: pages of a list that may have moved."""
    ids_ascending: bool | None
    """Whether the order by id that was asked for was kept; None where none could be asked for."""
    error: str | None = None
    error_type: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every row that the instance spoke of is in the file."""
        return self.state is State.DONE


@frozen
class Report:
    """A whole export."""

    instance: str
    """Its origin, such as `https://acme.halopsa.com`."""
    started: str
    """In UTC, ISO 8601."""
    seconds: float
    resources: tuple[ResourceReport, ...]

    @property
    def complete(self) -> bool:
        """Whether every resource is."""
        return all(item.complete for item in self.resources)

    def as_json(self) -> dict[str, Any]:
        """Plain values, as `report.json` holds them."""
        values = {"complete": self.complete, **asdict(self, recurse=False)}
        values["resources"] = [{**asdict(item), "complete": item.complete} for item in self.resources]
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
