"""A Halo instance in the process: ``async with Emulator() as emulator: …``.

It behaves on the wire as live instances were seen to behave, holds seeded data made on demand, and forgets
everything when it stops.
"""

from __future__ import annotations

from halo_async.emulator.instance import Emulator
from halo_async.emulator.journal import Journal, RecordedRequest

__all__ = ["Emulator", "Journal", "RecordedRequest"]
