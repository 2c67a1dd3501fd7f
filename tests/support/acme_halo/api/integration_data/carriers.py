# mypy: disable-error-code="empty-body"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async import decorators as op
from halo_async._operations.resource import Resource

if TYPE_CHECKING:
    from halo_async.pagination.pages import CursorPath, OnIncomplete, Pages


class Carriers(Resource):
    """One proxy of each kind of cursor."""

    @op.proxy("/IntegrationData/Get/Paged", cursor="page", parameter="page", paging_flag="paginate")
    def paged(
        self,
        *,
        page: int | None = None,
        paginate: bool | None = None,
        rows_path: CursorPath | None = None,
        next_path: CursorPath | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """By page number."""

    @op.proxy("/IntegrationData/Get/Offset", cursor="offset", parameter="offset", rows="result.found")
    def offset(
        self,
        *,
        datatype: str | None = None,
        offset: int | None = None,
        rows_path: CursorPath | None = None,
        next_path: CursorPath | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """By offset."""

    @op.proxy(
        "/IntegrationData/Get/Linked",
        cursor="token",
        parameter="nextLink",
        paging_flag="doPaginate",
        secondary_parameter="continuationToken",
    )
    def linked(
        self,
        *,
        doPaginate: bool | None = None,
        nextLink: str | None = None,
        rows_path: CursorPath | None = None,
        next_path: CursorPath | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """By link or token."""

    @op.proxy(
        "/IntegrationData/Get/Odd", cursor="token", parameter="after", names={"rows_path_": "rows_path"}
    )
    def odd(
        self,
        *,
        after: str | None = None,
        rows_path_: str | None = None,
        rows_path: CursorPath | None = None,
        next_path: CursorPath | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """With a parameter of its own that is called like one of ours."""
