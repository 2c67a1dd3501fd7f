"""Bulk writes in processes that kill themselves. Reads a JSON object a line, the arguments of `write`.

`instant` is the number of the step at which SIGKILL comes: before or after a request, or within a line of the journal,
which is then written by half, or before that is on the disk. 0 means never. Each write is a fork, which spares the
imports; the response is a JSON list: the exit code, how many steps were made, and the outcome of each row.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from typing import Any

from halo_async import Halo
from halo_async._utils import append_log as _append_log
from halo_async.transport import session as _session
from halo_async.writing import bulk as _bulk  # noqa: F401 - before the first fork
from halo_async.writing import journal as _journal  # noqa: F401


class Steps:
    """Counts the steps, and kills the process at one of them."""

    def __init__(self, last: int) -> None:
        self.made = 0
        self._last = last

    def is_last(self) -> bool:
        self.made += 1
        return self.made == self._last

    def step(self) -> None:
        if self.is_last():
            os.kill(os.getpid(), signal.SIGKILL)


def watch(steps: Steps) -> None:
    exchange, whole, fsync = _session.Session.exchange, _append_log.write_whole, os.fsync

    async def exchanged(self: Any, outgoing: Any) -> Any:
        steps.step()
        response = await exchange(self, outgoing)
        steps.step()
        return response

    def written(fd: int, data: bytes) -> None:
        if steps.is_last():
            whole(fd, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        whole(fd, data)

    def forced(fd: int) -> None:
        steps.step()
        fsync(fd)

    _session.Session.exchange = exchanged  # type: ignore[method-assign]
    _append_log.write_whole = written
    os.fsync = forced


async def write(rows: list[dict[str, Any]], journal: str, batch_size: int, concurrency: int) -> list[Any]:
    found = []
    async with Halo.from_env(rate_limit=None) as halo:
        async for result in halo.tickets.bulk_upsert(
            rows,
            batch_size=batch_size,
            concurrency=concurrency,
            on_error="continue",
            journal=journal,
            resume=True,
        ):
            found.append([result.outcome, result.id, result.earlier])
    return found


def child(pipe: int, instant: int, arguments: dict[str, Any]) -> None:
    steps = Steps(instant)
    watch(steps)
    try:
        found = asyncio.run(write(**arguments))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os.write(pipe, json.dumps([steps.made, found]).encode())
    os._exit(0)


def forked(instant: int, **arguments: Any) -> list[Any]:
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        child(writer, instant, arguments)
    os.close(writer)
    with os.fdopen(reader, "rb") as output:
        said = output.read()
    _, status = os.waitpid(process, 0)
    made, found = json.loads(said) if said else (0, [])
    return [os.waitstatus_to_exitcode(status), made, found]


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(forked(**json.loads(line))), flush=True)
