"""A bulk write in a process whose files may have so many bytes.

Reads a JSON object: rows, journal, and the code that sets the limit.
Prints what it ended with, and the outcome of each row.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from halo_async import Halo


async def write(rows: list[dict[str, Any]], journal: str) -> tuple[str, list[str]]:
    found: list[str] = []
    async with Halo.from_env(rate_limit=None) as halo:
        try:
            async for result in halo.tickets.bulk_upsert(rows, batch_size=20, journal=journal, resume=True):
                found.append(result.outcome)
        except OSError as error:
            return f"OSError {error.errno}", found
    return "", found


def main() -> None:
    job = json.load(sys.stdin)
    if job["limit"] is not None:
        exec(job["limit"])
    print(json.dumps(asyncio.run(write(job["rows"], job["journal"]))))


if __name__ == "__main__":
    main()
