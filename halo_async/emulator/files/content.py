"""Content of one file, not held in memory."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Protocol

import attrs

STEP = 2**16


class FileContent(Protocol):
    """Bytes that can be read from any offset."""

    @property
    def size(self) -> int:
        """Number of bytes."""
        ...

    @property
    def tag(self) -> str:
        """Return a tag that differs from that of other bytes."""
        ...

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from this offset to the end."""
        ...


@attrs.frozen
class MemoryFile:
    """Small file."""

    data: bytes

    @property
    def size(self) -> int:
        """Number of bytes."""
        return len(self.data)

    @property
    def tag(self) -> str:
        """Return the tag of these bytes."""
        return sha256(self.data).hexdigest()[:16]

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from this offset to the end."""
        yield self.data[start:]


@attrs.frozen
class StoredFile:
    """Uploaded file."""

    path: Path
    tag: str
    size: int

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from this offset to the end."""
        with self.path.open("rb") as file:
            file.seek(start)
            while piece := file.read(STEP):
                yield piece


@attrs.frozen
class GeneratedFile:
    """Virtual file of any size: each block follows from the seed and its number."""

    seed: int
    size: int

    @property
    def tag(self) -> str:
        """Return the tag of this seed and size."""
        return f"made-{self.seed}-{self.size}"

    def pieces(self, start: int = 0) -> Iterator[bytes]:
        """Yield the bytes from this offset to the end."""
        for number in range(start // STEP, -(-self.size // STEP)):
            block = Random(f"{self.seed}:{number}").randbytes(min(STEP, self.size - number * STEP))  # noqa: S311
            yield block[max(0, start - number * STEP) :]


def digest(content: FileContent) -> str:
    """Return the SHA-256 of the whole content."""
    made = sha256()
    for piece in content.pieces():
        made.update(piece)
    return made.hexdigest()
