"""results.json: the figures, and the machine and versions behind them. Format: docs/benchmarks.md."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from benchmarks.core.figures import Figure
from benchmarks.core.lines import Line

LAYOUT = 1
"""Format version; incremented when older files can no longer be read."""


class ResultsError(Exception):
    """The file is not a valid results file."""


@attrs.frozen
class Table:
    """Cases with the same figures for each."""

    title: str
    columns: tuple[str, ...]
    rows: Mapping[str, tuple[Figure, ...]]
    """Figures by the name of the case."""
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        rows = {case: [figure.as_json() for figure in figures] for case, figures in self.rows.items()}
        return {"title": self.title, "columns": list(self.columns), "rows": rows, "note": self.note}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Table:
        """Return the report from the values of `as_json`."""
        rows = {case: tuple(map(Figure.from_json, row)) for case, row in values["rows"].items()}
        return cls(values["title"], tuple(values["columns"]), rows, values["note"])


@attrs.frozen
class Subject:
    """All results of one subject."""

    title: str
    method: str
    tables: Sequence[Table]
    lines: Sequence[Line]
    seconds: float = 0.0
    """Duration of the measurement."""

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "title": self.title,
            "method": self.method,
            "seconds": round(self.seconds, 1),
            "lines": [line.as_json() for line in self.lines],
            "tables": [table.as_json() for table in self.tables],
        }

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Subject:
        """Return the report from the values of `as_json`."""
        tables = tuple(map(Table.from_json, values["tables"]))
        lines = tuple(map(Line.from_json, values["lines"]))
        return cls(values["title"], values["method"], tables, lines, values["seconds"])


@attrs.frozen
class Results:
    """The results of one run."""

    command: str
    made: str
    """Date and time in UTC."""
    seconds: float
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    subjects: Mapping[str, Subject] = attrs.field(factory=dict)

    @property
    def lines(self) -> list[Line]:
        """The lines of every subject."""
        return [line for subject in self.subjects.values() for line in subject.lines]

    def as_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "layout": LAYOUT,
            "command": self.command,
            "made": self.made,
            "seconds": round(self.seconds, 1),
            "machine": dict(self.machine),
            "versions": dict(self.versions),
            "subjects": {name: subject.as_json() for name, subject in self.subjects.items()},
        }

    def write(self, path: Path) -> None:
        """Write the results to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def read(cls, path: Path) -> Results:
        """Read results from a file.

        :raises ResultsError: the file cannot be read, or is not a results file.
        """
        try:
            values = json.loads(path.read_bytes())
            if values["layout"] != LAYOUT:
                raise ResultsError(f"{path}: layout {values['layout']}; this suite reads layout {LAYOUT}")
            subjects = {name: Subject.from_json(item) for name, item in values["subjects"].items()}
            plain = {name: values[name] for name in ("command", "made", "seconds", "machine", "versions")}
            return cls(**plain, subjects=subjects)
        except OSError as error:
            raise ResultsError(f"{path}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ResultsError(f"{path} holds no results of `python -m benchmarks`: {error!r}") from None
