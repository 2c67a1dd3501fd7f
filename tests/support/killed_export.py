"""Exports in processes that kill themselves. Reads a JSON list a line: [INSTANT, OUT, FORMAT, RESOURCE...], in
which `OPTION=VALUE` is an option of the export.

INSTANT is the number of the call that changes files (write, sync, truncate, rename, remove, or the next row of a
file that is made) at which SIGKILL comes; a write has then been done by half. 0 means never. Each export is a fork,
which spares the imports; the response is a JSON list: how it ended, and how many calls it made. The login is in the
environment.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from itertools import count
from typing import Any

from halo_async import Halo
from halo_async.export import export
from halo_async.export.engine import run_export as _loaded  # noqa: F401 - before the first fork
from halo_async.export.names import list_operations
from halo_async.export.sinks import SinkInput


class Instants:
    """Counts what changes files, and kills the process at one of them."""

    def __init__(self, last: int) -> None:
        self.seen = 0
        self._last = last
        self._numbers = count(1)

    def wrap(self, module: Any, name: str, before: Callable[..., Any] = lambda *_: None) -> None:
        original = getattr(module, name)

        def counted(*args: Any, **options: Any) -> Any:
            self.seen = next(self._numbers)
            if self.seen == self._last:
                before(original, *args)
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **options)

        setattr(module, name, counted)


def half(write: Callable[[int, bytes], int], fd: int, data: bytes) -> None:
    write(fd, bytes(data)[: len(data) // 2])


def watched(last: int) -> Instants:
    instants = Instants(last)
    instants.wrap(os, "write", half)
    for name in ("fsync", "ftruncate", "replace", "unlink"):
        instants.wrap(os, name)
    instants.wrap(SinkInput, "go_on")  # between any two rows of a file that is made
    return instants


async def main(out: str, format: str, resources: list[str]) -> None:
    options: dict[str, Any] = dict(word.split("=", 1) for word in resources if "=" in word)
    if "columns" in options:
        options["columns"] = {"tickets": options["columns"].split(",")}
    names = [word for word in resources if "=" not in word]
    async with Halo.from_env(rate_limit=None) as halo:
        report = await export(halo, names, out, format=format, resume=True, concurrency=4, **options)
    assert report.complete, report


def child(pipe: int, instant: int, out: str, format: str, *resources: str) -> None:
    original = os.write
    watching = watched(instant)
    try:
        asyncio.run(main(out, format, list(resources)))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    original(pipe, str(watching.seen).encode())
    os._exit(0)


def forked(job: list[Any]) -> tuple[int, int]:
    reader, writer = os.pipe()
    process = os.fork()
    if not process:
        child(writer, *job)
    os.close(writer)
    _, status = os.waitpid(process, 0)
    seen = int(os.read(reader, 20) or 0)
    os.close(reader)
    return os.waitstatus_to_exitcode(status), seen


if __name__ == "__main__":
    list_operations()
    for line in sys.stdin:
        print(json.dumps(forked(json.loads(line))), flush=True)
