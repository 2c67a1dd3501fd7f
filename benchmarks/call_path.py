"""Count the files of `halo_async` that one call enters on its way to aiohttp: `python -m benchmarks.call_path`.

The call is `await halo.tickets.list(agent_id=3)`, repeated once, so that imports made on first use do not count. A file
counts when one of its functions runs before `aiohttp.ClientSession._request` begins.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import FrameType
from typing import Any

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import halo_async
from halo_async import ClientCredentials, Halo
from halo_async.emulator import Emulator

MOST = 16
"""More files than this make a call hard to follow."""

_PACKAGE = Path(halo_async.__file__).resolve().parent


class FileRecorder:
    """Files that are entered, in order, until aiohttp takes over."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self._reached = False

    def __call__(self, frame: FrameType, event: str, argument: Any) -> None:
        """Record one event of `sys.setprofile`."""
        code = frame.f_code
        if self._reached or event != "call":
            return
        if code.co_name == "_request" and code.co_filename.endswith("aiohttp/client.py"):
            self._reached = True
        elif code.co_filename.startswith(str(_PACKAGE)) and "/emulator/" not in code.co_filename:
            name = str(Path(code.co_filename).relative_to(_PACKAGE))
            if name not in self.files:
                self.files.append(name)


async def entered_files() -> list[str]:
    """The files that the call enters, in order."""
    async with (
        Emulator(tickets=5) as emulator,
        Halo(emulator.url, ClientCredentials(emulator.client_id, emulator.client_secret)) as halo,
    ):
        await halo.tickets.list(agent_id=3)
        recorder = FileRecorder()
        sys.setprofile(recorder)
        try:
            await halo.tickets.list(agent_id=3)
        finally:
            sys.setprofile(None)
        return recorder.files


def main() -> int:
    """Print the files and their number; exit code 1 if there are more than 16."""
    files = asyncio.run(entered_files())
    print("\n".join(files))
    print(f"{len(files)} files, at most {MOST}")
    return int(len(files) > MOST)


if __name__ == "__main__":
    sys.exit(main())
