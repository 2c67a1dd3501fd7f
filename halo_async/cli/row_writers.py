"""Rows on standard output for programs: JSON, JSON Lines and CSV, written as they are received."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from halo_async.cli.errors import UsageError, remark
from halo_async.cli.output import flat
from halo_async.export.sinks.csv_text import Writer

FORMS = ("table", "json", "jsonl", "csv")
SHOWN = 5
"""Names that a remark lists."""


class RowWriter(Protocol):
    """A form of output."""

    def rows(self, rows: Sequence[Any]) -> None:
        """Write some rows: plain JSON values."""

    def end(self) -> None:
        """Write what comes after the last one."""


class JsonWriter:
    """A JSON list, one row per line."""

    def __init__(self) -> None:
        self._start = "[\n"

    def rows(self, rows: Sequence[Any]) -> None:
        """See `RowWriter.rows`."""
        for row in rows:
            print(self._start + json.dumps(row, ensure_ascii=False), end="")
            self._start = ",\n"
        sys.stdout.flush()

    def end(self) -> None:
        """See `RowWriter.end`."""
        print("[]" if self._start == "[\n" else "\n]")


class JsonLinesWriter:
    """One row per line, without anything around it."""

    def rows(self, rows: Sequence[Any]) -> None:
        """See `RowWriter.rows`."""
        for row in rows:
            print(json.dumps(row, ensure_ascii=False))
        sys.stdout.flush()

    def end(self) -> None:
        """See `RowWriter.end`."""


class CsvWriter:
    """CSV whose columns are the paths that were named, else the fields of the first page."""

    def __init__(self, columns: Sequence[str] = ()) -> None:
        self._columns = list(columns)
        self._began = False
        self._left_out: dict[str, None] = {}
        self._writer = Writer(sys.stdout)

    def rows(self, rows: Sequence[Any]) -> None:
        """See `RowWriter.rows`."""
        found = [row if isinstance(row, Mapping) else {"value": row} for row in rows]
        if not self._began and found:
            self._columns = self._columns or list(dict.fromkeys(name for row in found for name in row))
            self._write_header()
        known = set(self._columns)
        for row in found:
            self._left_out |= dict.fromkeys(name for name in row if name not in known)
            self._writer.rows([[flat(row.get(name)) for name in self._columns]])
        sys.stdout.flush()

    def end(self) -> None:
        """See `RowWriter.end`."""
        if not self._began and self._columns:
            self._write_header()
        if self._left_out:
            names = ", ".join(list(self._left_out)[:SHOWN])
            more = f" and {len(self._left_out) - SHOWN} more" if len(self._left_out) > SHOWN else ""
            remark(f"Later rows have fields without a column: {names}{more}. Name them by --select.")

    def _write_header(self) -> None:
        self._began = True
        self._writer.header(self._columns)


def writer_of(form: str, columns: Sequence[str] = ()) -> RowWriter:
    """Return the writer of a form other than a table.

    :param columns: the paths that were named.
    """
    if form == "csv":
        return CsvWriter(columns)
    return JsonLinesWriter() if form == "jsonl" else JsonWriter()


def chosen_form(given: str | None, *, as_json: bool) -> str:
    """Return the form of `--output`, of which `--json` is a short one.

    :raises UsageError: there is no such form, or two are given.
    """
    form = None if given is None else given.strip().lower()
    if form is not None and form not in FORMS:
        raise UsageError(f"--output {given!r} is not supported. Use one of {', '.join(FORMS)}.")
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --output {form} exclude each other. Give one of them.")
    return "json" if as_json else form or "table"
