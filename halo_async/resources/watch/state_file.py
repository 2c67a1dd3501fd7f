"""The file of a watch that continues after a restart: what was told, line by line."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from halo_async._utils.append_log import AppendLog, LogKind
from halo_async._utils.own_file import sync_folder
from halo_async.errors import SettingsError
from halo_async.resources.watch.position import WatchPosition

_NAME = "halo-async watch"
_KIND = LogKind(
    "the state of a watch",
    b'{"state":"halo-async watch"',
    "{path}: another watch has this state open. End it, or give another file.",
    "Delete it to begin a new watch: changes since the last one are then not told.",
)
_LINES = 4000
"""Lines beyond the versions themselves after which the file is written anew."""


class WatchStateFile:
    """State on disk. Its methods block, and are called in a thread."""

    def __init__(self, path: str | os.PathLike[str], watched: Mapping[str, Any]) -> None:
        """Open the file, or create it.

        :param watched: the instance, the list and its filters.
        :raises SettingsError: it is of another watch, damaged, in use, or not such a file.
        :raises OSError: it cannot be opened or written.
        """
        self._path = Path(path)
        self._watched = dict(watched)
        self._log = AppendLog(self._path, _KIND, create=True)
        self._lines = 0
        self.position: WatchPosition | None = None
        try:
            if self._log.is_new:
                self._log.write_header(self._header())
            else:
                self.position = self._read_position()
        except BaseException:
            self._log.close()
            raise

    def _header(self) -> dict[str, Any]:
        return {"state": _NAME, "version": 1, **self._watched}

    def _read_position(self) -> WatchPosition | None:
        entries: Iterator[dict[str, Any]] = self._log.entries()
        header = next(entries)
        if any(header.get(name) != value for name, value in self._watched.items()):
            raise SettingsError(
                f"{self._path} is the state of another watch: of {header.get('list')} on {header.get('instance')}, or "
                "with other filters. Give another file."
            )
        told: dict[str, str] = {}
        at: dict[str, Any] | None = None
        for entry in entries:
            self._lines += 1
            told |= {str(key): str(version) for key, version in entry.get("told", ())}
            at = entry.get("position", at)
        return None if at is None else WatchPosition.of(at, told)

    def tell(self, key: str, version: str) -> None:
        """Note one change as handled.

        :raises OSError: it cannot be written.
        """
        self._log.append({"told": [[key, version]]})
        self._lines += 1

    def keep(self, position: WatchPosition) -> None:
        """Note the position before anything is told, and after each look; on disk when this returns.

        :raises OSError: it cannot be written.
        """
        if self.position is None or self._lines > _LINES + 4 * len(position.told):
            self._rewrite(position)
        else:
            self._log.append({"position": position.entry()}, sync=True)
            self._lines += 1
        self.position = position

    def _rewrite(self, position: WatchPosition) -> None:
        """Replace the file by one with what still counts. It is locked before it has the name."""
        beside = self._path.with_name(f".{self._path.name}.new")
        with suppress(FileNotFoundError):
            beside.unlink()  # of a process that was killed
        new = AppendLog(beside, _KIND, create=True)
        try:
            new.write_header(self._header())
            new.append(
                {"told": [list(pair) for pair in position.told.items()], "position": position.entry()},
                sync=True,
            )
            if os.name == "nt":
                self._log.close()  # an open file cannot be replaced there
            beside.replace(self._path)
        except BaseException:
            new.remove()
            raise
        new.path = self._path
        self._log.close()
        self._log, self._lines = new, 1
        sync_folder(self._path.parent)  # last: the name is taken, even if the disk fails now

    def close(self) -> None:
        """Close and unlock the file."""
        self._log.close()
