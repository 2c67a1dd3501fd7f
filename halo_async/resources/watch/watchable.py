"""`watch()` of the lists that can be asked for changes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from halo_async._operations.common_mistakes import called_as
from halo_async._operations.operation import OVERLAP, READING
from halo_async._operations.resource import Resource
from halo_async.errors import SettingsError

if TYPE_CHECKING:
    import os

    from halo_async._utils.clock import Clock
    from halo_async.resources.watch.trigger import ChangeTrigger
    from halo_async.resources.watch.watching import ListWatch
    from halo_async.transport.transport import Transport

R = TypeVar("R")
EVERY = timedelta(seconds=30)


class Watchable(Resource, Generic[R]):
    """A list with a filter for changes."""

    @called_as("watch(every=timedelta(seconds=30))")
    def watch(
        self,
        *,
        every: timedelta = EVERY,
        since: str | date | timedelta | None = None,
        state: str | os.PathLike[str] | None = None,
        overlap: timedelta = OVERLAP,
        trigger: ChangeTrigger | None = None,
        once: bool = False,
        **filters: Any,
    ) -> ListWatch[R]:
        """Return the changes of the list as they happen, each state of a row that is found once.

        ```python
        async for change in halo.tickets.watch(since="7d", once=True):
            print(change.kind, change.id, change.row.summary)
        ```

        It looks at the list every so often, by requests that count for the rate limit as any other. A look that fails
        is repeated later, from the same position. A row that changes twice between two looks is told once, as it is
        then; a row that is deleted is not told.

        :param every: time between two looks.
        :param since: beginning: a moment, or a span before now (`"7d"`, a timedelta); now by default. What `state` has
            comes first.
        :param state: a file in which the position is kept, to continue after a restart.
        :param overlap: how far each look goes back behind the one before, since changes may show late.
        :param trigger: has it look at once when it fires, such as a `webhooks.WatchTrigger`.
        :param once: end after what has changed by now.
        :param filters: those of the list, such as `client_id=12`.
        :raises SettingsError: an option is not valid; while reading, the state is not of this watch, or in use.
        :raises TypeError: the list has no such filter.
        :raises ApiError: (while reading) the request is refused for good, as without permission.
        """
        from halo_async.resources.watch.watching import LEAST_OVERLAP, ListWatch, WatchOptions

        for name in filters:
            if name in READING or name == "lastupdatefromdate":
                raise SettingsError(f"{name} is set by the watch and cannot be a filter.")
        sender = cast("Transport", self.sender)
        options = WatchOptions(
            every=_seconds("every", every),
            overlap=max(_seconds("overlap", overlap), LEAST_OVERLAP),
            since=_beginning(since, sender.options.clock),
            state=state,
            trigger=trigger,
            once=once,
        )
        return ListWatch(self, sender.options.clock, sender.data_of, filters, options)


def _seconds(name: str, span: timedelta) -> float:
    if not isinstance(span, timedelta) or span <= timedelta(0):
        raise SettingsError(f"{name} must be a timedelta above 0. Use {name}=timedelta(seconds=30).")
    return span.total_seconds()


def _beginning(since: str | date | timedelta | None, clock: Clock) -> float | None:
    """Return a moment in seconds since 1970; without a zone it is UTC."""
    from halo_async._utils.since import LAST, moment_of, span_of

    if since == LAST:
        raise SettingsError('A watch has no last run. Give state="FILE", which continues where it ended.')
    if since is None:
        return None
    if (span := span_of(since)) is not None:
        return clock.time() - int(span[2:-1])
    moment = since if isinstance(since, datetime) else datetime.fromisoformat(moment_of(since) or "")
    return (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp()
