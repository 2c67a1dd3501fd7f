"""Blocks of a spool that is still being written: each as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition
from typing import BinaryIO

BLOCK = 4_000_000
"""Bytes of a block, without the rest of its last line."""


class SpoolTailLostError(Exception):
    """Rows that were read of a spool are not in it any more."""


def read_block(file: BinaryIO, size: int | None = None) -> bytes:
    """Return the next lines of a file, each with its line feed; empty at the end.

    :param size: bytes without the rest of the last line; None for those of a block.
    """
    block = file.read(BLOCK if size is None else size)
    return block if block.endswith(b"\n") or not block else block + file.readline()


class SpoolTail:
    """Lets a thread read a spool while the event loop appends to it.

    The blocks are the same as those of the whole file. A block is read under a lock: after `lose`, nothing has the file
    open, which on Windows could not be replaced.
    """

    def __init__(self, path: Path, size: int) -> None:
        """`size`: bytes of whole lines that are there."""
        self._path = path
        self._size = size
        self._wanted = 0
        self._changed = Condition()
        self._is_whole = self._is_lost = False

    # Of the event loop ----------------------------------------------------------------------------

    def grow(self, size: int) -> None:
        """Tell that the file has so many bytes, all of whole lines."""
        self._size = size
        if size >= self._wanted:
            with self._changed:
                self._changed.notify_all()

    def complete(self) -> None:
        """Tell that nothing more is appended."""
        with self._changed:
            self._is_whole = True
            self._changed.notify_all()

    def lose(self) -> None:
        """Tell that the file is cut, replaced or given up: whoever reads it has to begin again."""
        with self._changed:
            self._is_lost = True
            self._changed.notify_all()

    # Of the thread --------------------------------------------------------------------------------

    def blocks(self, go_on: Callable[[], None]) -> Iterator[bytes]:
        """Yield the lines from the beginning, many at a time; wait for those that are still to come.

        :param go_on: is called before each block, and raises to end it.
        :raises SpoolTailLostError: what was read before is not in the file any more.
        """
        position = 0
        while block := self._wait_for_block(position):
            go_on()
            position += len(block)
            yield block

    def _wait_for_block(self, position: int) -> bytes:
        with self._changed:
            self._wanted = position + BLOCK
            self._changed.wait_for(lambda: self._is_lost or self._is_whole or self._size >= self._wanted)
            if self._is_lost:
                raise SpoolTailLostError
            with self._path.open("rb") as file:
                file.seek(position)
                return read_block(file)
