"""On-premises emulator: `python -m benchmarks.emulator_server TICKETS` prints its port and login."""

from __future__ import annotations

import asyncio
import sys

from benchmarks.core.parent import end_with_parent
from halo_async.emulator import Emulator


async def serve(tickets: int) -> None:
    """Serve until stopped."""
    async with Emulator(tickets=tickets, rate_limit=None, tenant=None) as emulator:
        port = emulator.url.rpartition(":")[2].strip("/")
        print(port, emulator.client_id, emulator.client_secret, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    end_with_parent()
    asyncio.run(serve(int(sys.argv[1])))
