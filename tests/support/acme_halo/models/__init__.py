from __future__ import annotations

from halo_async._utils.lazy_imports import attach

__getattr__, __dir__ = attach(__name__, {"Parcel": "parcel", "ParcelSummary": "parcel"})
