from __future__ import annotations

from halo_async.lazy import exports

__getattr__, __dir__ = exports(__name__, {"Parcel": "parcel", "ParcelSummary": "parcel"})
