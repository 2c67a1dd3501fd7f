"""Where an emulator keeps files that are too large for memory, and what its files do."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from itertools import count
from pathlib import Path

import attrs

from halo_async.emulator.files.content import FileContent, StoredFile

MARK = "emulator-file:"
"""Before a file's key, in place of its base64: no base64 has a colon."""


@attrs.define(eq=False)
class UploadSlot:
    """An address that was given for one upload."""

    key: str
    asked: Mapping[str, object]
    content: FileContent | None = None


@attrs.define(eq=False)
class UploadedFiles:
    """The files of an emulator; the folder is made when the first large one comes, and goes with it.

    :ivar ranges: whether parts of a file can be asked for; ``validators``: whether a file has an ETag. Neither is
        known of live instances.
    :ivar dispositions: the Content-Disposition of single attachments, as it is; an empty one is not sent.
    :ivar origin: where addresses for uploads lead to; None: the instance offers none.
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
        """A place for a file that is about to come."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="halo-emulator-")
        return Path(self._folder.name) / str(next(self._numbers))

    def keep(self, content: FileContent) -> str:
        """Take a file in; what is written into a row for it."""
        key = f"{MARK}{next(self._numbers)}"
        self._contents[key] = content
        return key

    def keep_file(self, path: Path) -> str:
        """Take in a file that was written to a new path."""
        return self.keep(StoredFile(path, path.name, path.stat().st_size))

    def content(self, key: str) -> FileContent | None:
        """The file behind what is written in a row, if it is one of these."""
        return self._contents.get(key)

    def forget(self) -> None:
        """As new: nothing is kept."""
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
