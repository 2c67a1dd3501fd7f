"""The bytes of one file, without holding them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Protocol

import attrs

STEP = 2**16


class FileContent(Protocol):
    """Bytes that can be read from anywhere."""

    @property
    def size(self) -> int:
        """How many."""
        ...

    @property
    def tag(self) -> str:
        """Differs from that of other bytes."""
        ...

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """From there to the end."""
        ...


@attrs.frozen
class MemoryFile:
    """A small file."""

    data: bytes

    @property
    def size(self) -> int:
        """How many."""
        return len(self.data)

    @property
    def tag(self) -> str:
        """Of these bytes."""
        return sha256(self.data).hexdigest()[:16]

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """From there to the end."""
        yield self.data[start:]


@attrs.frozen
class StoredFile:
    """A file that somebody sent."""

    path: Path
    tag: str
    size: int

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """From there to the end."""
        with self.path.open("rb") as file:
            file.seek(start)
            while piece := file.read(STEP):
                yield piece


@attrs.frozen
class GeneratedFile:
    """A file of any size that is nowhere: each block follows from the seed and its number."""

    seed: int
    size: int

    @property
    def tag(self) -> str:
        """Of this seed and size."""
        return f"made-{self.seed}-{self.size}"

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """From there to the end."""
        for number in range(start // STEP, -(-self.size // STEP)):
            block = Random(f"{self.seed}:{number}").randbytes(min(STEP, self.size - number * STEP))  # noqa: S311
            yield block[max(0, start - number * STEP) :]


def digest(content: FileContent) -> str:
    """SHA-256 of all of it."""
    made = sha256()
    for piece in content.pieces():
        made.update(piece)
    return made.hexdigest()
