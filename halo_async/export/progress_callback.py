"""Progress callback of an export: its exceptions stop the export and reach the caller unchanged."""

from __future__ import annotations

from collections.abc import Callable

from halo_async.export.progress import OnProgress, Progress


class CallbackError(Exception):
    """The callback raised: its exception is in `ProgressWatcher.error`. It is never taken for a fault of the disk."""


class ProgressWatcher:
    """Caller of `on_progress`, which is never called again once it has raised."""

    def __init__(self, on_progress: OnProgress | None) -> None:
        self._on_progress = on_progress
        self.error: Exception | None = None

    def tell(self, step: Callable[[], Progress]) -> None:
        """Report a step, which is only made if somebody watches.

        :raises CallbackError: the callback raised.
        """
        if self._on_progress is None or self.error is not None:
            return
        shown = step()
        try:
            self._on_progress(shown)
        except Exception as error:
            self.error = error
            raise CallbackError from error

    def object(self) -> None:
        """Raise what the watcher raised, if it did."""
        if self.error is not None:
            raise self.error
