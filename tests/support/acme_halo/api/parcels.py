# mypy: disable-error-code="empty-body"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async import decorators as op
from halo_async.writing.writable import Writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime as DateTime
    from datetime import timedelta as TimeDelta

    from halo_async.pagination.pages import OnIncomplete, Pages

    from .. import models


class Parcels(Writable["models.Parcel"]):
    """Parcels."""

    @op.list("/Parcels", rows_key="parcels", names={"global_": "global"})
    def list(
        self,
        *,
        count: int | None = None,
        global_: bool | None = None,
        page_no: int | None = None,
        page_size: int | None = None,
        pageinate: bool | None = None,
        since: DateTime | None = None,
        tags: Sequence[str] | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[models.ParcelSummary]:
        """List parcels."""

    @op.changes(list, since="since", stamp="moved")
    def changed_since(
        self,
        when: DateTime,
        overlap: TimeDelta = op.OVERLAP,
        *,
        page_size: int | None = None,
        tags: Sequence[str] | None = None,
        on_incomplete: OnIncomplete = "raise",
    ) -> Pages[models.ParcelSummary]:
        """Parcels that changed."""

    @op.list("/Parcels/stops", rows_key="stops", identity=("parcel_id", "id"))
    def list_stops(self, *, on_incomplete: OnIncomplete = "raise") -> Pages[Any]:
        """The stops of all parcels, numbered within each."""

    @op.list("/Parcels/all", paged=False)
    def list_all(self) -> Pages[models.ParcelSummary]:
        """All parcels at once."""

    @op.list("/Parcels/any")
    def list_any(self) -> Pages[Any]:
        """Rows of unknown kind."""

    @op.get("/Parcels/{id}")
    async def get(self, id: int, *, deep: bool | None = None) -> models.Parcel:
        """One parcel."""

    @op.get("/Parcels/{id}&{from}", names={"from_": "from"})
    async def between(self, id: int, from_: str) -> Any:
        """A parcel on its way."""

    @op.get("/Parcels/{id}/label")
    async def label(self, id: int) -> bytes:
        """The label as it is."""

    @op.get_raw("/Parcels/find")
    async def find(self, *, term: str) -> Any:
        """Whatever there is."""

    @op.upsert("/Parcels")
    async def upsert(self, records: Iterable[models.Parcel | Mapping[str, Any]]) -> Sequence[models.Parcel]:
        """Create or update."""

    @op.delete("/Parcels/{id}")
    async def delete(self, id: int, *, reason: str | None = None) -> models.Parcel | None:
        """Delete a parcel."""

    @op.call("/Parcels/weigh", body="json")
    async def weigh(self, body: models.Parcel | Mapping[str, Any], *, exact: bool | None = None) -> Any:
        """Weigh one."""

    @op.call("/Parcels/photo", body="multipart")
    async def photo(self, body: Mapping[str, Any]) -> Any:
        """Send a photo."""

    @op.call("/Parcels/ping")
    async def ping(self) -> Any:
        """Send nothing."""
