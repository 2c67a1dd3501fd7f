"""The rows of one report: requested once, on first use."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import attrs
import msgspec

from halo_async._utils.dates import parse_date
from halo_async.errors import DecodeError, ReportError
from halo_async.resources.reports.columns import ReportColumn, columns_of
from halo_async.tables.tabular import RowSource, Tabular
from halo_async.transport.decode import decode_json
from halo_async.transport.error_messages import one_line

if TYPE_CHECKING:
    from halo_async._operations.resource import Sender
    from halo_async.tables.declared import DeclaredColumns
    from halo_async.transport.types import Request, Response

CUT = 50_000
"""Number of rows at which Halo silently truncates (measured)."""
_AT_A_TIME = 10_000
"""Rows that tables are made of at a time."""
_encode = msgspec.json.Encoder().encode
Row = dict[str, Any]


class ReportCutWarning(UserWarning):
    """A report has exactly Halo's maximum number of rows: there may be more."""


@attrs.frozen
class LoadedReport:
    """Content of a response."""

    rows: Sequence[Row]
    told: object
    name: str


class ReportRows(Tabular):
    """Rows of a report as plain dicts keyed by column, in Halo's order.

    `async for row in rows`, `await rows` (loads them and returns this object), `await rows.all()`. They are
    requested once, however often they are read.
    """

    def __init__(self, sender: Sender, request: Request, *, parse_dates: bool) -> None:
        self._sender = sender
        self._request = request
        self._parse_dates = parse_dates
        self._loading = asyncio.Lock()
        self._loaded: LoadedReport | None = None
        self._columns: tuple[ReportColumn, ...] | None = None

    def __await__(self) -> Generator[Any, None, Self]:
        return self._load_level(3).__await__()

    async def __aiter__(self) -> AsyncIterator[Row]:
        await self._load_level(4)
        for row in self._load_content.rows:
            yield row

    async def all(self) -> list[Row]:
        """Return every row."""
        await self._load_level(4)
        return list(self._load_content.rows)

    @property
    def columns(self) -> tuple[ReportColumn, ...]:
        """Names and types, in Halo's order; available once the rows are loaded."""
        if self._columns is None:
            self._columns = columns_of(self._load_content.rows, self._load_content.told)
        return self._columns

    @property
    def name(self) -> str:
        """Name of the report; empty for a query."""
        return self._load_content.name

    @property
    def cut(self) -> bool:
        """True if there are so many rows that Halo may have left out others."""
        return len(self._load_content.rows) == CUT

    def _rows_for_tables(self) -> RowSource:
        return RowSource(
            f"{self._request.method} {self._request.path}",
            self._encode_rows,
            lambda: None,
            self._declare_columns,
        )

    async def _encode_rows(self) -> AsyncGenerator[list[bytes], None]:
        await self._load_level(4)
        rows = self._load_content.rows
        for start in range(0, len(rows), _AT_A_TIME):
            yield list(map(_encode, rows[start : start + _AT_A_TIME]))

    def _declare_columns(self) -> DeclaredColumns:
        from halo_async.tables.column_types import BOOL, FLOAT, INT, TEXT, TIMESTAMP
        from halo_async.tables.declared import UNDECLARED, DeclaredType

        types = {bool: BOOL, int: INT, float: FLOAT, datetime: TIMESTAMP, str: TEXT}
        return {
            column.name: UNDECLARED if column.mixed else DeclaredType(types[column.type])
            for column in self.columns
        }

    def __len__(self) -> int:
        return len(self._load_content.rows)

    def __repr__(self) -> str:
        rows = "not loaded" if self._loaded is None else f"{len(self)} rows"
        return f"<ReportRows {self._request.method} {self._request.path}: {rows}>"

    def _repr_html_(self) -> str:
        from halo_async._utils.html_table import html_note
        from halo_async.records.html import html_of_rows

        if self._loaded is None:
            return html_note("The report has not been requested yet. Use await rows.")
        return html_of_rows(self._loaded.rows)

    @property
    def _load_content(self) -> LoadedReport:
        if self._loaded is None:
            raise RuntimeError(
                "The report is not loaded. Await it first, or read a row (a dry run sends no query that may write)."
            )
        return self._loaded

    async def _load_level(self, level: int) -> Self:
        async with self._loading:
            if self._loaded is None:
                found: Any = await self._sender.send(self._request, read)
                if not isinstance(found, LoadedReport):
                    return found  # type: ignore[no-any-return]  # prepared by a dry run
                self._keep_rows(found, level)
        return self

    def _keep_rows(self, found: LoadedReport, level: int) -> None:
        """Store the rows; `level` is the stack level of the line that requested them, for the warning."""
        self._loaded = found
        if self._parse_dates:
            self._loaded = attrs.evolve(found, rows=_with_dates(found.rows, self.columns))
        if self.cut:
            warnings.warn(
                f"{self._request.method} {self._request.path} returned {CUT:,} rows, Halo's maximum for a report. "
                "Request the report in parts.",
                ReportCutWarning,
                stacklevel=level,
            )


def read(response: Response) -> LoadedReport:
    """Return the content of a response to either request.

    :raises ReportError: Halo could not run the report.
    :raises DecodeError: the response contains no report.
    """
    whole = decode_json(response)
    value: Any = whole[0] if isinstance(whole, list) and len(whole) == 1 else whole
    report = value.get("report") if isinstance(value, dict) else None
    if not isinstance(report, dict):
        raise DecodeError("The response contains no loaded report.")
    if report.get("load_error"):
        raise ReportError(f"Halo could not run the report: {one_line(str(report['load_error']), 500)}")
    rows = report.get("rows") or []
    if not isinstance(rows, list) or not all(type(row) is dict for row in rows):
        raise DecodeError("The rows of the report are not a list of objects.")
    return LoadedReport(rows, value.get("columns"), str(value.get("name") or ""))


def _with_dates(rows: Sequence[Row], columns: Sequence[ReportColumn]) -> list[Row]:
    dates = {column.name for column in columns if column.type is datetime}
    return [
        {name: _parse_date(value) if name in dates else value for name, value in row.items()} for row in rows
    ]


def _parse_date(value: Any) -> Any:
    """Return a date; a string that only looks like one is returned as received."""
    try:
        return parse_date(value) if isinstance(value, str) else value
    except ValueError:
        return value
