"""Standard input and output, which the client that started this process holds."""

from __future__ import annotations

import asyncio
import math
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from threading import Semaphore, Thread
from typing import TYPE_CHECKING, Any, cast

from anyio import CancelScope, create_memory_object_stream
from mcp.server.stdio import stdio_server

from halo_async._utils.background import running_loop

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

_PIECE = 65536
_AHEAD = 64
"""Lines that are read before they are handled."""


async def serve_stdio(server: Server[Any], on_signals: Callable[[Callable[[], object]], None]) -> None:
    """Serve one client, until it closes its end or a signal is received.

    :param on_signals: has a function called at the signals that end a server.
    """
    with suppress(asyncio.CancelledError), CancelScope() as signalled:
        on_signals(signalled.cancel)
        async with stdio_server(stdin=cast(Any, _read_lines(sys.stdin.fileno()))) as (read, write):
            await server.run(read, write, server.create_initialization_options())


async def _read_lines(fd: int) -> AsyncIterator[str]:
    """The lines of a pipe, read by a thread that does not keep the process from ending.

    The reader of the SDK does: it waits for the next line, also after the signal that ends the process.
    """
    loop, room = running_loop(), Semaphore(_AHEAD)
    end, lines = create_memory_object_stream[bytes](math.inf)

    def hand_over(line: bytes | None) -> None:
        room.acquire()
        loop.call_soon_threadsafe(end.close) if line is None else loop.call_soon_threadsafe(
            end.send_nowait, line
        )

    Thread(target=_read_pipe, args=(fd, hand_over), name="halo-mcp-stdin", daemon=True).start()
    with end, lines:
        async for line in lines:
            room.release()
            yield line.decode("utf-8", "replace")


def _read_pipe(fd: int, hand_over: Callable[[bytes | None], None]) -> None:
    rest = b""
    with suppress(RuntimeError):  # the loop is closed: the process ends
        with suppress(OSError):
            while piece := os.read(fd, _PIECE):
                *whole, rest = (rest + piece).split(b"\n")
                for line in whole:
                    hand_over(line + b"\n")
        if rest:
            hand_over(rest)
        hand_over(None)
