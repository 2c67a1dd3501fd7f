"""What a test must not leave behind: tasks, connections, open files."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from halo_async.transport import Transport

_TURNS = 10_000
"""Milliseconds, at least, for what ends by itself: a busy machine needs more of them."""
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
async def nothing_left(turns: int = _TURNS) -> AsyncIterator[None]:
    """A block after which there are no more tasks and open files (sockets are) than before it.

    :param turns: how many milliseconds, at least, they have to end by themselves.
    """
    tasks, files = asyncio.all_tasks(), open_files()
    yield
    for _ in range(turns):
        left = asyncio.all_tasks() - tasks - {asyncio.current_task()}  # a fixture ends in a task of its own
        more = open_files() - files
        if not left and not more:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"left behind: {[*map(repr, left), *sorted(more)]}")


async def nothing_held(transport: Transport) -> None:
    """A client that is not used holds no place in the queue and no connection outside its pool.

    A login is everybody's, and goes on when the call that began it is over.
    """
    login = getattr(transport._tokens, "_refresh", None)
    if login is not None and not login.done():
        return
    session = transport._session
    connector = None if session is None or session.closed else session._session.connector
    for _ in range(_TURNS):
        if not transport._limiter._in_flight and not (connector is not None and connector._acquired):
            return
        await asyncio.sleep(0.001)
    raise AssertionError(f"held: {transport._limiter._in_flight} places, {connector and connector._acquired}")
