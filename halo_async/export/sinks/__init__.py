"""Where exported rows go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Sink(Protocol):
    """One resource's rows on their way to disk."""

    @property
    def name(self) -> str:
        """The name of the file as it is just now."""
        ...

    def write(self, rows: Sequence[bytes]) -> None:
        """Add rows, each one JSON value on one line without its line feed.

        :raises OSError: the disk is full, or worse.
        """
        ...

    def finish(self) -> None:
        """All rows are there: make them durable under the final name.

        :raises OSError: as above.
        """
        ...

    def abandon(self) -> None:
        """Stop here; what was written stays under its provisional name."""
        ...
