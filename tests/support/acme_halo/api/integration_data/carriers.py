# mypy: disable-error-code="empty-body"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async import decorators as op
from halo_async._operations.resource import Resource

if TYPE_CHECKING:
    from halo_async.pagination.pages import Locator, OnIncomplete, Pages


class Carriers(Resource):
    """One proxy of each kind of continuation."""

    @op.proxy("/IntegrationData/Get/Paged", continuation="page", parameter="page", switch="paginate")
    def paged(
        self,
        *,
        page: int | None = None,
        paginate: bool | None = None,
        records: Locator | None = None,
        continuation: Locator | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """By page number."""

    @op.proxy("/IntegrationData/Get/Offset", continuation="offset", parameter="offset", rows="result.found")
    def offset(
        self,
        *,
        datatype: str | None = None,
        offset: int | None = None,
        records: Locator | None = None,
        continuation: Locator | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """By offset."""

    @op.proxy(
        "/IntegrationData/Get/Linked",
        continuation="token",
        parameter="nextLink",
        switch="doPaginate",
        also="continuationToken",
    )
    def linked(
        self,
        *,
        doPaginate: bool | None = None,
        nextLink: str | None = None,
        records: Locator | None = None,
        continuation: Locator | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """By link or token."""

    @op.proxy(
        "/IntegrationData/Get/Odd", continuation="token", parameter="after", names={"records_": "records"}
    )
    def odd(
        self,
        *,
        after: str | None = None,
        records_: str | None = None,
        records: Locator | None = None,
        continuation: Locator | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[Any]:
        """With a parameter of its own that is called like one of ours."""
