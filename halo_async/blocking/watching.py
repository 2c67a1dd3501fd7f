"""Watches without `await`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from halo_async.blocking.facade import Facade, stands_for
from halo_async.resources.watch.watching import ListWatch as AsyncListWatch


@stands_for(AsyncListWatch)
class ListWatch(Facade):
    """The changes of a list: `for change in halo.tickets.watch()`."""

    def __iter__(self) -> Iterator[Any]:
        changes: Iterator[Any] = self._wrap_result(self._wrapped.__aiter__())
        return changes
