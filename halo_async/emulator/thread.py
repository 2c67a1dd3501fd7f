"""An emulator on its own thread, for test sessions in which each test has its own event loop or none."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from halo_async.emulator.instance import Emulator

STOPPING = 10.0


@contextmanager
def in_thread(**options: Any) -> Iterator[Emulator]:
    """Run an `Emulator` with these options on an event loop of its own thread.

    Its plain methods (``reset``, ``faults.add``, ``advance`` …) may be called from any thread while no
    request is in progress.

    :raises OSError: the port is in use.
    """
    loop = asyncio.new_event_loop()
    thread = Thread(target=_run_loop, args=(loop,), name="halo-emulator", daemon=True)
    thread.start()
    try:
        emulator = Emulator(**options)
        asyncio.run_coroutine_threadsafe(emulator.start(), loop).result(STOPPING)
        try:
            yield emulator
        finally:
            asyncio.run_coroutine_threadsafe(emulator.stop(), loop).result(STOPPING)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOPPING)
        loop.close()


def _run_loop(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    loop.run_forever()
