"""A watch: looks, what they have that is new, and the waits between them."""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

from halo_async._utils.background import complete
from halo_async._utils.threads import open_in_thread, run_in_thread
from halo_async.errors import (
    AttemptTimeoutError,
    CertificateError,
    ConnectionFailedError,
    DeadlineExceededError,
    DecodeError,
    HaloError,
    LoginUnavailableError,
    PaginationError,
    RateLimitError,
    ServerError,
)
from halo_async.resources.watch.change import ChangeKind, PendingChange, RowChange
from halo_async.resources.watch.looking import ListLooker, Look
from halo_async.resources.watch.position import WatchPosition
from halo_async.resources.watch.state_file import WatchStateFile
from halo_async.resources.watch.trigger import ChangeTrigger, sleep_or_fire
from halo_async.resources.watch.versions import RowVersion

if TYPE_CHECKING:
    from halo_async._operations.resource import Resource
    from halo_async._utils.clock import Clock

R = TypeVar("R")
logger = logging.getLogger("halo_async.watch")
SETTLING = 1.5
"""Seconds after which a row that changed during a look is looked at again."""
LEAST_OVERLAP = 4.0
"""Seconds: a row that is not settled must be asked for once more."""
_LONGEST_WAIT = 600.0
_PASSING = (
    AttemptTimeoutError,
    ConnectionFailedError,
    DeadlineExceededError,
    DecodeError,
    LoginUnavailableError,
    PaginationError,
    RateLimitError,
    ServerError,
)
"""Errors after which the next look may well succeed."""


@attrs.frozen
class WatchOptions:
    """Options of a watch; times in seconds."""

    every: float
    overlap: float
    since: float | None
    """Beginning, in seconds since 1970; None for now."""
    state: str | os.PathLike[str] | None
    trigger: ChangeTrigger | None
    once: bool


class ListWatch(Generic[R]):
    """The changes of a list: `async for change in halo.tickets.watch()`.

    Each version of a row that a look finds is told once, oldest first. A change counts as handled when the loop asks
    for the next one; leaving the loop earlier, or a crash, has it told again (at least once, never lost).

    :param resource: the list; a watch is made by its `watch()`.
    :param clock: the clock of the client.
    :param instance: the name of the instance, as the state has it.
    :param filters: query parameters of the list.
    :param options: see `watch()`.
    :raises TypeError: the list has no such filter.
    """

    def __init__(
        self,
        resource: Resource,
        clock: Clock,
        instance: str,
        filters: Mapping[str, Any],
        options: WatchOptions,
    ) -> None:
        self._options = options
        self._clock = clock
        self._looker = ListLooker(resource, filters, clock)
        self._looker.pages(0.0)  # raises for a filter that the list does not have
        self._watched = {
            "instance": instance,
            "list": self._looker.operation.resource,
            "filters": _format_filters(filters),
        }
        self._made_at = clock.time()
        self._position: WatchPosition | None = None
        self._file: WatchStateFile | None = None
        self._held: dict[tuple[str, str], float] = {}
        self._told_last: PendingChange | None = None
        self._last_look = self._last_complete = clock.monotonic()
        self._running = False

    def __aiter__(self) -> AsyncGenerator[RowChange[R], None]:
        return self._changes()

    async def _changes(self) -> AsyncGenerator[RowChange[R], None]:
        if self._running:
            raise RuntimeError("This watch is being read already. Make another one by watch().")
        self._running = True
        try:
            await self._open_state()
            async with aclosing(self._find_changes()) as found:
                async for pending in found:
                    self._told_last = pending
                    yield pending.change
                    await self.handled()
        finally:
            self._running = False
            await self._close_file()

    async def handled(self) -> None:
        """Mark the last change as handled, for a loop that is left by `break`.

        :raises OSError: the state cannot be written.
        """
        pending, self._told_last = self._told_last, None
        if pending is None or self._position is None:
            return
        if self._file is not None:
            await run_in_thread(self._file.tell, pending.key, pending.version)
        self._position.told.add(pending.key, pending.version)

    async def _open_state(self) -> None:
        if self._options.state is not None:
            self._file = await open_in_thread(
                WatchStateFile, WatchStateFile.close, self._options.state, self._watched
            )
            self._position = self._file.position

    async def _close_file(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            await complete(run_in_thread(file.close))

    async def _find_changes(self) -> AsyncGenerator[PendingChange, None]:
        failures = 0
        while True:
            fired = self._options.trigger.count if self._options.trigger is not None else 0
            trouble: HaloError | None = None
            unsettled = False
            try:
                look, position = await self._look_for_changes()
            except _PASSING as error:
                trouble = error
            else:
                trouble = look.incomplete
                new = [row for row in look.rows if not position.told.is_told(row)]
                ready = [row for row in new if self._is_settled(row, look)]
                for row in ready:
                    yield PendingChange(row.key, row.version, self._change(row, position))
                if trouble is None:
                    await self._end_look(look, ready, position)
                unsettled = len(ready) < len(new)
            if self._options.once and trouble is None and not unsettled:
                return
            if trouble is not None and (self._options.once or isinstance(trouble, CertificateError)):
                raise trouble
            failures = 0 if trouble is None else failures + 1
            await self._wait_for_turn(unsettled, fired) if trouble is None else await self._wait_after(
                trouble, failures
            )

    async def _look_for_changes(self) -> tuple[Look, WatchPosition]:
        """Look from the position on; the first time also find out what was there before.

        :raises HaloError: a request failed; the position stays.
        """
        self._last_look = self._clock.monotonic()
        position = self._position
        if position is None:
            return await self._first_look()
        look = await self._looker.look(position.since(self._options.overlap))
        if position.at is not None and look.began < position.at - self._options.overlap / 2:
            # The instance's clock was ahead: changes since then are dated before the moment asked from.
            logger.warning(
                "the clock of the instance was set back while %s was watched", self._looker.operation.resource
            )
            position.go_back(look.began - (self._last_look - self._last_complete), self._options.overlap)
            look = await self._looker.look(position.since(self._options.overlap))
        return look, position

    async def _first_look(self) -> tuple[Look, WatchPosition]:
        overlap = self._options.overlap
        highest = await self._looker.highest_id()
        if self._options.since is not None:
            look = await self._looker.look(self._options.since)
            return look, await self._keep_beginning(WatchPosition(self._options.since, highest=highest))
        wall = self._made_at
        before = await self._looker.look(wall - overlap)
        skew = before.began - self._clock.time()
        start = wall if abs(skew) < SETTLING else wall + skew
        if abs(skew) >= overlap / 2:
            before = await self._looker.look(start - overlap)
        look = before if self._looker.has_stamps else await self._looker.look(start)
        if before.incomplete is not None:
            raise before.incomplete
        position = WatchPosition(start - overlap, highest=highest, caught_up=True)
        later = {row.key for row in look.rows if _began_later(row, look, start)}
        for row in before.rows:
            if row.key not in later:
                position.told.add(row.key, row.version)
        return look, await self._keep_beginning(position)

    async def _keep_beginning(self, position: WatchPosition) -> WatchPosition:
        """Keep the beginning before anything is told: what changed since is told after a restart, too."""
        await self._keep_position(position)
        self._position = position
        return position

    def _is_settled(self, row: RowVersion, look: Look) -> bool:
        """Return whether a later change of the row has another time than this one.

        One that changed as it was looked at could change once more within the resolution of its time. It is told by the
        next look, which is soon, and then once.
        """
        if row.changed_at is None:
            return True
        now = self._clock.monotonic()
        since = self._held.setdefault((row.key, row.version), now)
        return row.changed_at.timestamp() < look.began - _resolution(row) or now - since >= SETTLING

    def _change(self, row: RowVersion, position: WatchPosition) -> RowChange[Any]:
        return RowChange(
            self._looker.operation.resource, row.id, _choose_kind(row, position), row.changed_at, row.row
        )

    async def _end_look(self, look: Look, told: list[RowVersion], position: WatchPosition) -> None:
        there = {(row.key, row.version) for row in look.rows}
        self._held = {row: since for row, since in self._held.items() if row in there}
        self._last_complete = self._last_look
        position.told.end_look(row.key for row in look.rows)
        position.end_look(look.began, max((row.id for row in told if isinstance(row.id, int)), default=0))
        await self._keep_position(position)

    async def _keep_position(self, position: WatchPosition) -> None:
        if self._file is not None:
            await run_in_thread(self._file.keep, position)

    async def _wait_for_turn(self, unsettled: bool, fired: int) -> None:
        seconds = min(self._options.every, SETTLING) if unsettled else self._options.every
        await sleep_or_fire(self._clock, seconds, self._options.trigger, fired)
        early = self._last_look + min(1.0, self._options.every) - self._clock.monotonic()
        if early > 0:  # many deliveries at once are one look
            await self._clock.sleep(early)

    async def _wait_after(self, error: HaloError, failures: int) -> None:
        every = self._options.every
        seconds = min(every * 2.0 ** min(failures - 1, 10), max(every, _LONGEST_WAIT))
        name = self._looker.operation.resource
        logger.warning("%s could not be read, retried in %.0f s: %s", name, seconds, error)
        await self._clock.sleep(seconds)

    def __repr__(self) -> str:
        return f"<ListWatch of {self._looker.operation.resource}>"


def _resolution(row: RowVersion) -> float:
    """Return the resolution of a row's time in seconds, at most; a fraction of nothing is not written."""
    return 0.01 if "." in row.version else 1.0


def _began_later(row: RowVersion, look: Look, start: float) -> bool:
    """Return whether a row of the first look changed after the watch was made, by what can be known."""
    if row.changed_at is None:
        return True
    finest = min(map(_resolution, look.rows))
    return start - finest <= row.changed_at.timestamp() <= look.began + 2 * SETTLING


def _choose_kind(row: RowVersion, position: WatchPosition) -> ChangeKind | None:
    if row.key in position.told:
        return "updated"
    if position.highest is None or not isinstance(row.id, int):
        return None
    if row.id > position.highest:
        return "created"
    return "updated" if position.caught_up else None


def _format_filters(filters: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in sorted(filters.items())}
