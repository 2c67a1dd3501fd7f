"""Run by itself: a large file up and down again, and what memory that took. Prints JSON."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import sys
from pathlib import Path
from random import Random

from halo_async import Halo

MB = 2**20


def resident(most: bool = False) -> int:
    """Bytes of this process in memory now, or at most so far.

    Not getrusage: a process inherits the maximum of the one that started it.
    """
    found = re.search(rf"{'VmHWM' if most else 'VmRSS'}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1]) * 1024


def make(path: Path, megabytes: int) -> None:
    dice = Random(7)
    with path.open("wb") as file:
        for _ in range(megabytes):
            file.write(dice.randbytes(MB))


def digest(path: Path) -> str:
    made = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(MB):
            made.update(piece)
    return made.hexdigest()


async def main(folder: Path, megabytes: int) -> None:
    source = folder / "up.bin"
    make(source, megabytes)
    expected = digest(source)
    async with Halo.from_env(rate_limit=None) as halo:
        start = resident()
        made = await halo.attachment.upload(source, ticket_id=1)
        up = resident(most=True) - start
        found = await halo.attachment.download(made.id, to=folder / "down.bin")
        both = resident(most=True) - start
    same = digest(found.path) == expected
    print(json.dumps({"up": up / MB, "both": both / MB, "size": found.size, "same": same}))


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
