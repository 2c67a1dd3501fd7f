"""Large JSON bodies that contain a file: the file is streamed to disk, the rest stays JSON."""

from __future__ import annotations

import re
from base64 import b64decode
from pathlib import Path
from typing import BinaryIO

from aiohttp import StreamReader

from halo_async.emulator.files.file_store import UploadedFiles

LARGE = 2**20
_KEY = re.compile(rb'"data_base64"\s*:\s*"')
_LONGEST_KEY = 64


async def without_files(stream: StreamReader, shelf: UploadedFiles) -> bytes:
    """Return the body with a mark in place of each file's base64. Base64 with escapes is not supported."""
    scanner = _Scanner(shelf)
    try:
        while piece := await stream.readany():
            scanner.feed(piece)
    finally:
        scanner.close()
    return bytes(scanner.kept + scanner.pending)


class _Scanner:
    def __init__(self, shelf: UploadedFiles) -> None:
        self.kept = bytearray()
        self.pending = b""
        self._shelf = shelf
        self._path: Path | None = None
        self._file: BinaryIO | None = None

    def feed(self, piece: bytes) -> None:
        self.pending += piece
        while self._in_file() if self._file else self._in_json():
            pass

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def _in_json(self) -> bool:
        found = _KEY.search(self.pending)
        end = found.end() if found else max(0, len(self.pending) - _LONGEST_KEY)
        self.kept += self.pending[:end]
        self.pending = self.pending[end:]
        if found:
            self._path = self._shelf.new_path()
            self._file = self._path.open("wb")
        return found is not None

    def _in_file(self) -> bool:
        assert self._file is not None
        assert self._path is not None
        if self.pending.startswith(b"data:"):
            _, comma, rest = self.pending.partition(b",")
            self.pending = rest if comma else self.pending
            return bool(comma)
        end = self.pending.find(b'"')
        usable = len(self.pending) // 4 * 4 if end < 0 else end
        self._file.write(b64decode(self.pending[:usable]))
        self.pending = self.pending[usable:]
        if end < 0:
            return False
        self._file.close()
        self._file = None
        self.kept += self._shelf.keep_file(self._path).encode()
        return True
