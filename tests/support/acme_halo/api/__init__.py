from __future__ import annotations

from typing import TYPE_CHECKING

from halo_async._operations.resource import ResourceGroup

if TYPE_CHECKING:
    from .integration_data import IntegrationData
    from .parcels import Parcels


class Resources(ResourceGroup):
    """The resources."""

    _members = {
        "parcels": ("parcels", "Parcels"),
        "integration_data": ("integration_data", "IntegrationData"),
    }

    if TYPE_CHECKING:
        parcels: Parcels
        integration_data: IntegrationData
