"""Storage of files that are too large for memory, and the behaviour of files."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import attrs

from halo_async.emulator.files.content import FileContent, StoredFile

MARK = "emulator-file:"
"""Prefix of a file's key, in place of its base64: base64 never contains a colon."""


@attrs.define(eq=False)
class UploadSlot:
    """Upload URL for one upload."""

    key: str
    asked: Mapping[str, object]
    content: FileContent | None = None


@attrs.define(eq=False)
class UploadedFiles:
    """Files of an emulator; the folder is created for the first large one and removed with it.

    :ivar ranges: whether parts of a file can be requested; ``validators``: whether a file has an ETag.
        Neither is known of live instances.
    :ivar dispositions: raw Content-Disposition of single attachments; an empty one is not sent.
    :ivar origin: base URL of uploads; None: the instance offers none.
    """

    ranges: bool = True
    validators: bool = True
    dispositions: dict[int, str] = attrs.field(factory=dict)
    origin: str | None = None
    slots: dict[str, UploadSlot] = attrs.field(factory=dict)
    _contents: dict[str, FileContent] = attrs.field(factory=dict)
    _folder: tempfile.TemporaryDirectory[str] | None = None
    _numbers: count[int] = attrs.field(factory=lambda: count(1))

    def new_path(self) -> Path:
        """Return a path for a file about to be received."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="halo-emulator-")
        return Path(self._folder.name) / str(next(self._numbers))

    def keep(self, content: FileContent) -> str:
        """Store a file; return the value to write into a row for it."""
        key = f"{MARK}{next(self._numbers)}"
        self._contents[key] = content
        return key

    def keep_file(self, path: Path) -> str:
        """Store a file that was written to a new path."""
        return self.keep(StoredFile(path, path.name, path.stat().st_size))

    def content(self, key: str) -> FileContent | None:
        """Return the file behind a value in a row, if it is one of these."""
        return self._contents.get(key)

    def forget(self) -> None:
        """Reset: discard all files."""
        self._contents.clear()
        self.slots.clear()
        self.dispositions.clear()
        self.ranges = self.validators = True

    def close(self) -> None:
        """Remove the folder."""
        self.forget()
        if self._folder is not None:
            folder, self._folder = self._folder, None
            folder.cleanup()
