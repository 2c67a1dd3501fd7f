"""`halo.report.run` and `halo.report.sql`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async._operations.common_mistakes import called_as
from halo_async._operations.resource import Resource

if TYPE_CHECKING:
    from halo_async.resources.reports.rows import ReportRows


class ReportQueries(Resource):
    """Methods of `halo.report` beside its operations."""

    @called_as("run(12)")
    def run(self, id: int, /, *, parse_dates: bool = False, **parameters: Any) -> ReportRows:
        """Return the rows of a saved report: `async for row in halo.report.run(7)`, or `await` it first.

        One request returns all rows, 50,000 at most: Halo silently truncates the rest, and
        `ReportCutWarning` is issued if there are exactly so many. Nothing is sent before the rows are read.

        ```python
        rows = await halo.report.run(1, parse_dates=True)
        print(len(rows), [column.name for column in rows.columns])
        ```

        :param parse_dates: return the values of date columns as `datetime`, not as the string received.
        :param parameters: those of `GET /Report/{id}`, such as `client_id` or `reportingperiod`.
        :raises TypeError: a parameter is not known.
        :raises ReportError: (when read) Halo could not run it, in Halo's words.
        :raises ServerError: (when read) with 504 it exceeded the gateway's timeout of about a minute; it is
            not retried.
        """
        from halo_async.resources.reports.requests import saved
        from halo_async.resources.reports.rows import ReportRows

        return ReportRows(self.sender, saved(self, id, parameters), parse_dates=parse_dates)

    @called_as('sql("SELECT ...")')
    def sql(self, query: str, /, *, parse_dates: bool = False, allow_writes: bool = False) -> ReportRows:
        """Return a query's rows: `async for row in halo.report.sql("SELECT TOP 5 faultid FROM faults")`.

        Halo runs it as it would run a report of that SQL, with the rights of the reporting login, and
        stores nothing. Rows, limits and errors are as with `run`.

        :param allow_writes: send any SQL. Without it anything but one SELECT (or WITH … SELECT) is refused
            before anything is sent. This prevents mistakes and is not a security boundary: the rights of
            the login are.
        :raises InvalidRequestError: the query is not one SELECT.
        """
        from halo_async.resources.reports.requests import ad_hoc
        from halo_async.resources.reports.rows import ReportRows

        return ReportRows(
            self.sender, ad_hoc(self, query, allow_writes=allow_writes), parse_dates=parse_dates
        )
