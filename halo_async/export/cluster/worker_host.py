"""The worker that runs a task, as the task sees it."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Protocol

_ENDING = ("closing", "closing_gracefully", "closed", "failed")


class Host(Protocol):
    """Process in which a task runs."""

    def is_wanted(self) -> bool:
        """Return whether somebody still waits for the task."""
        ...

    def send(self, message: Mapping[str, Any]) -> None:
        """Tell the driver something, if it listens."""
        ...


class DaskHost:
    """A worker of Dask.

    A cancelled task that runs as a coroutine is not interrupted (distributed 2026.8.0), but the worker notes it as
    cancelled: where a future was cancelled, where the driver died, and where the scheduler forgot the driver. A worker
    that lost its scheduler is closing.
    """

    def __init__(self, key: str, topic: str) -> None:
        """Find the worker of this task."""
        self._worker: Any = import_module("distributed").get_worker()
        self._key = key
        self._topic = topic

    def is_wanted(self) -> bool:
        """See `Host.is_wanted`."""
        if self._worker.status.name in _ENDING:
            return False
        task = self._worker.state.tasks.get(self._key)
        return task is not None and task.state != "cancelled"

    def send(self, message: Mapping[str, Any]) -> None:
        """See `Host.send`."""
        self._worker.log_event(self._topic, dict(message))
