"""`run_report`: rows of one SELECT, or of a report that is one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from halo_async._operations.serialization import plain_json
from halo_async.cli.mcp_server.budget import ENVELOPE, fitting, tokens_of
from halo_async.cli.mcp_server.cursors import ResultCursor, digest_of, read_cursor
from halo_async.cli.mcp_server.options import ServerOptions
from halo_async.cli.mcp_server.redaction import mask_secrets
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.cli.mcp_server.results import DATA_NOTE, ResultShape, too_long
from halo_async.resources.reports.guard import objection

if TYPE_CHECKING:
    from halo_async.client import Halo
    from halo_async.resources.reports.rows import ReportRows


class ReportRunner:
    """Runs reports of one client."""

    def __init__(self, halo: Halo, options: ServerOptions) -> None:
        self._halo = halo
        self._options = options

    async def rows(self, query: str | None, id: int | None, given: Mapping[str, Any]) -> ReportRows:
        """Return the loaded rows of a query or a saved report.

        :raises RefusedError: it is not one SELECT, or reports are not among the resources.
        :raises HaloError: the report cannot be run.
        """
        if not self._options.includes("report"):
            raise RefusedError(
                "A report can read everything, and this server was started for some resources only. "
                "Use call_operation for these, or ask the user to add report to --resources."
            )
        if (query is None) == (id is None):
            raise RefusedError("Give either `query`, one SELECT, or `id`, that of a saved report.")
        if query is not None:
            if given:
                raise RefusedError("`arguments` are those of a saved report. Put the values into the query.")
            _check_query(query, "The query")
            return await self._halo.report.sql(query)
        return await self._saved(id or 0, given)

    async def _saved(self, id: int, given: Mapping[str, Any]) -> ReportRows:
        report = plain_json(await self._halo.report.get(id, includedetails=True))
        sql = report.get("sql") if isinstance(report, dict) else None
        if not isinstance(sql, str) or not sql.strip():
            raise RefusedError(
                f"The SQL of report {id} is not visible to this login, so that it cannot be checked. "
                "Write the query yourself, or ask the user to run the report in Halo."
            )
        _check_query(sql, f"The SQL of report {id}")
        return await self._halo.report.run(id, **given)

    async def run(
        self,
        query: str | None,
        id: int | None,
        given: Mapping[str, Any],
        cursor: str | None,
        shape: ResultShape,
    ) -> dict[str, Any]:
        """Return rows from a cursor on, as many as fit.

        :raises RefusedError: see `rows`; or the cursor is of another report.
        """
        call = digest_of("run_report", query, id, dict(given))
        place = read_cursor(cursor, call)
        found = await self.rows(query, id, given)
        rows = [mask_secrets(plain_json(row)) for row in await found.all()]
        return _build_result(rows, [column.name for column in found.columns], place, shape)


def _check_query(query: str, what: str) -> None:
    why = objection(query)
    if why:
        raise RefusedError(f"{what} must be a single SELECT, and {why}. Correct it: this tool only reads.")


def _build_result(
    rows: list[Any], columns: list[str], place: ResultCursor, shape: ResultShape
) -> dict[str, Any]:
    rest = rows[place.skip :][: shape.limit]
    room = shape.budget - ENVELOPE - tokens_of(columns)
    count = fitting(rest, room)
    if rest and not count:
        raise too_long("One row", rest[0], tokens_of(rest[0]), shape)
    done = place.skip + count
    more = ResultCursor(place.call, done).text() if done < len(rows) else None
    part = (
        f"Rows {place.skip + 1:,} to {done:,} of {len(rows):,}. Repeat the call with this `cursor`. "
        if more
        else ""
    )
    return {
        "status": "done",
        "data": {"columns": columns, "rows": rest[:count]},
        "rows": count,
        "total": len(rows),
        "cursor": more,
        "note": f"{part}{DATA_NOTE}",
    }
