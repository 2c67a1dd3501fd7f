# mypy: disable-error-code="empty-body"
from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async import decorators as op
from halo_async._operations.resource import ResourceGroup

if TYPE_CHECKING:
    from .carriers import Carriers


class IntegrationData(ResourceGroup):
    """The carriers' systems."""

    _members = {"carriers": ("carriers", "Carriers")}

    if TYPE_CHECKING:
        carriers: Carriers

    @op.call("/IntegrationData/Format")
    async def format(self) -> Any:
        """An operation of the group's own."""
