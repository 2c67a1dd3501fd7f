"""What a test must not leave behind: tasks, connections, open files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

_OPEN_FILES = Path("/proc/self/fd")
FILES_ARE_VISIBLE = _OPEN_FILES.is_dir()


def open_files() -> set[str]:
    """What the process holds open, by number and target; nothing where the system does not tell."""
    return set(_targets()) if FILES_ARE_VISIBLE else set()


def _targets() -> Iterator[str]:
    for name in os.listdir(_OPEN_FILES):
        try:
            yield f"{name} {os.readlink(_OPEN_FILES / name)}"
        except FileNotFoundError:  # the listing's own
            continue


@asynccontextmanager
async def nothing_left() -> AsyncIterator[None]:
    """A block after which there are no more tasks and open files (sockets are) than before it."""
    tasks, files = asyncio.all_tasks(), open_files()
    yield
    for _ in range(500):
        left = asyncio.all_tasks() - tasks - {asyncio.current_task()}  # a fixture ends in a task of its own
        more = open_files() - files
        if not left and not more:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"left behind: {[*map(repr, left), *sorted(more)]}")
