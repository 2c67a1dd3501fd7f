"""In-process Halo instance: ``async with Emulator() as emulator: …``.

It behaves on the wire as live instances were seen to behave, holds seeded data made on demand, and discards
everything when it stops.
"""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach
from halo_async.emulator.behaviour import Behaviour
from halo_async.emulator.churn import Churn
from halo_async.emulator.faults import Fault, FiredFault
from halo_async.emulator.instance import Emulator
from halo_async.emulator.journal import RecordedRequest, RequestLog
from halo_async.emulator.proxies import Behind
from halo_async.emulator.serving import serve

__all__ = [
    "Behaviour",
    "Behind",
    "Churn",
    "Emulator",
    "Fault",
    "FiredFault",
    "RecordedRequest",
    "RequestLog",
    "serve",
]

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {})
