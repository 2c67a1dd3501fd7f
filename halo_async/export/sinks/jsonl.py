"""JSON Lines: one row a line, as bytes from the wire."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

PART = ".part"


class JsonlSink:
    """Writes `NAME.jsonl.part`; only a complete file loses the `.part`."""

    def __init__(self, folder: Path, name: str) -> None:
        self._final = folder / f"{name}.jsonl"
        self._part = self._final.with_name(self._final.name + PART)
        self._file = self._part.open("xb")
        self._finished = False

    @property
    def name(self) -> str:
        """See `Sink.name`."""
        return (self._final if self._finished else self._part).name

    def write(self, rows: Sequence[bytes]) -> None:
        """See `Sink.write`."""
        if rows:
            self._file.write(b"\n".join(rows))
            self._file.write(b"\n")

    def finish(self) -> None:
        """See `Sink.finish`."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.replace(self._final)
        self._finished = True

    def abandon(self) -> None:
        """See `Sink.abandon`."""
        with suppress(OSError):  # a full disk has been reported already
            self._file.close()
