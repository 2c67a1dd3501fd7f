"""Turns of the event loop: one piece of work in each, or work of many parts that holds none of them for long."""

from __future__ import annotations

import asyncio
from collections import deque
from time import perf_counter

from halo_async._utils.background import running_loop

LONGEST_TURN = 0.003
"""Seconds for which work of many parts holds the loop."""


class LoopTurns:
    """Gives a turn to one task at a time, in the order in which they ask.

    Sixteen responses that arrive together would be decoded in one turn of the loop: for 20 ms nothing else happens, and
    the requests that replace them all leave afterwards, not one after each.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._is_taken = False

    async def turn(self) -> None:
        """Return in a turn of the loop in which it has not returned before."""
        loop = running_loop()
        if self._loop is not loop:  # the one before ended with turns that nobody took
            self._loop, self._is_taken = loop, False
            self._waiting.clear()
        if not self._is_taken:
            self._take_turn(loop)
            return
        place: asyncio.Future[None] = loop.create_future()
        self._waiting.append(place)
        await place

    def _take_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        self._is_taken = True
        loop.call_soon(self._end_turn, loop)

    def _end_turn(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is not loop:
            return
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():  # else its task was cancelled
                place.set_result(None)
                self._take_turn(loop)
                return
        self._is_taken = False


class TurnBudget:
    """The time for which work of many small parts has held the loop, so that others run in between where it is long.

    Turns by the number of parts are too many where the parts are short, and too few where they are long.
    """

    def __init__(self) -> None:
        self._end = perf_counter() + LONGEST_TURN

    async def spend(self) -> None:
        """Let others run if the work has held the loop for long; call it after each part."""
        if perf_counter() >= self._end:
            await asyncio.sleep(0)
            self._end = perf_counter() + LONGEST_TURN
