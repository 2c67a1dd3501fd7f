"""Lists and reports without `await`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

from halo_async.blocking.facade import Facade, stands_for
from halo_async.pagination.pages import Pages as AsyncPages
from halo_async.resources.reports.rows import ReportRows as AsyncReportRows


@stands_for(AsyncPages)
class Pages(Facade):
    """The rows of a list call, page after page: `for row in pages` reads every row, `next(pages.by_page())` a page."""

    def __iter__(self) -> Iterator[Any]:
        for page in self._wrap_result(self._wrapped.by_page()):
            yield from page
            page.clear()  # before the next one is received, which then fits into the same memory

    def _repr_html_(self) -> str:
        from halo_async._utils.html_table import html_note

        mend = "Use pages.first(), pages.all(), or pages.to_pandas() for all rows."
        return html_note(f"{self!r}: Nothing has been requested yet. {mend}")

    def __len__(self) -> NoReturn:
        raise TypeError(f"{self!r} has fetched nothing yet. Use 'pages.count()'.")

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} has fetched nothing yet. Test 'pages.first() is not None'.")

    def __getitem__(self, place: object) -> NoReturn:
        raise TypeError(f"{self!r} has fetched nothing yet. Use 'pages.first()' or 'pages.all()'.")

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name, name=name, obj=self)
        mend = "Use 'for row in pages', or 'pages.all()' for a list."
        raise AttributeError(f"{self!r} has no {name!r}. {mend}", name=name, obj=self)

    def __enter__(self) -> NoReturn:
        raise TypeError(f"{self!r} is not a context manager. Leave out 'with', since 'for' closes.")

    def __exit__(self, *error: object) -> None:
        """Python looks for it before it enters."""


@stands_for(AsyncReportRows)
class ReportRows(Facade):
    """Rows of a report as plain dicts keyed by column, requested once, on first use."""

    def _repr_html_(self) -> str:
        html: str = self._wrapped._repr_html_()
        return html.replace("Use await rows.", "Use rows.load(), or read its rows.")

    def load(self) -> Any:
        """Request the rows unless they are there, and return them; in a dry run, what was not sent.

        :raises ReportError: Halo could not run the report.
        """
        return self._wrap_result(_read_rows(self._wrapped))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._wrap_result(self._wrapped.all()))

    def __len__(self) -> int:
        self.load()
        return len(self._wrapped)

    @property
    def columns(self) -> Any:
        """Names and types, in Halo's order."""
        self.load()
        return self._wrapped.columns

    @property
    def name(self) -> Any:
        """Name of the report; empty for a query."""
        self.load()
        return self._wrapped.name

    @property
    def cut(self) -> Any:
        """True if there are so many rows that Halo may have left out others."""
        self.load()
        return self._wrapped.cut


async def _read_rows(rows: AsyncReportRows) -> Any:
    return await rows
