"""A process that shares quota and login with others: `coordinated.py REQUESTS/SECONDS`, with HALO_COORDINATION set.

It says "ready" and reads lines: a number of requests to make, of which as many as `AT_ONCE` wait at the same time.
After each it prints a JSON object: how many succeeded, and the errors.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections import Counter

from halo_async import Halo, RateLimit
from halo_async.errors import HaloError

AT_ONCE = int(os.environ.get("AT_ONCE", "4"))


async def requests(halo: Halo, number: int) -> dict[str, object]:
    left, done, errors = iter(range(number)), 0, Counter[str]()

    async def some() -> None:
        nonlocal done
        for _ in left:
            try:
                await halo.request("GET", "/Status")
                done += 1
            except HaloError as error:
                errors[f"{type(error).__name__}: {error}"] += 1

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return {"done": done, "errors": errors, "throttled": halo.statistics().throttled}


async def main() -> None:
    loop = asyncio.get_running_loop()
    halo = Halo.from_env(rate_limit=RateLimit.parse(sys.argv[1]))
    mine = halo.with_options(headers={"X-Process": str(os.getpid())})
    print("ready", flush=True)
    while line := (await loop.run_in_executor(None, sys.stdin.readline)).strip():
        print(json.dumps(await requests(mine, int(line))), flush=True)
    await halo.aclose()


asyncio.run(main())
