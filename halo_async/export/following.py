"""A resource's file, made by its sink while the rows are still read: the network and the conversion share the time.

The sink follows the spool in a thread of its own, and gets the same blocks as it would at the end, so the file is the
same. Where rows that it has seen are taken back, or anything else goes wrong, nothing of its work is kept, and the file
is made of the spool when all rows are there.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

import attrs
from anyio import CapacityLimiter, WouldBlock

from halo_async._utils.background import finish
from halo_async._utils.threads import result_of, start_own_thread
from halo_async.export.notes import Notes
from halo_async.export.sinks import ExportSink, SinkInput, SinkOutcome
from halo_async.export.spool import Spool


class Follower:
    """One attempt to make a file beside the reading. Leaving the block ends it."""

    def __init__(self, sink: ExportSink, material: SinkInput, spool: Spool, places: CapacityLimiter) -> None:
        """`places`: how many are made at the same time; each holds some rows in memory."""
        self.notes = Notes()
        """Of the sink."""
        self._sink = sink
        self._material = material
        self._spool = spool
        self._places = places
        self._begun = False

    async def __aenter__(self) -> Self:
        material = self._material
        if self._sink.follows and not material.is_chosen_from and not material.codec.suffix:
            self._start_sink()  # of packed lines its work would be given up
        return self

    def _start_sink(self) -> None:
        try:
            self._places.acquire_on_behalf_of_nowait(self)
        except WouldBlock:
            return
        self._begun = True
        self._tail = self._spool.follow()
        material = attrs.evolve(self._material, tail=self._tail, notes=self.notes)
        self._made = start_own_thread(self._sink.finish, material)

    async def outcome(self) -> SinkOutcome | None:
        """Tell that all rows are there, and return the result; None if the file is still to be made of them."""
        if not self._begun:
            return None
        self._tail.complete()
        try:
            return await result_of(self._made, self._material.stop.set)
        except Exception:  # whatever it was: if it happens again, it is raised where the file is made
            return None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._begun:
            self._begun = False
            self._tail.lose()
            try:
                await finish(self._made)
            finally:
                self._places.release_on_behalf_of(self)
