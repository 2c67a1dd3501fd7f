"""Typed asyncio client for HaloPSA, HaloITSM and HaloServiceDesk.

Importing this package loads next to nothing; each public name loads its module when it is first touched.
"""

from __future__ import annotations

from halo_async.lazy import exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.record import Record as Record
    from halo_async.record import absent as absent
    from halo_async.record import asdict as asdict
    from halo_async.record import changes as changes
    from halo_async.record import is_set as is_set
    from halo_async.record import replace as replace
    from halo_async.record import wrap as wrap

_TABLE: dict[str, str] = {
    "Record": "halo_async.record",
    "absent": "halo_async.record",
    "asdict": "halo_async.record",
    "changes": "halo_async.record",
    "is_set": "halo_async.record",
    "replace": "halo_async.record",
    "wrap": "halo_async.record",
}

__getattr__, __dir__ = exports(__name__, _TABLE)
