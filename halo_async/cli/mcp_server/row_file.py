"""A new file of rows: complete under its name, or not there."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from halo_async._utils.own_file import open_own_file, sync_folder, write_whole
from halo_async.cli.mcp_server.budget import to_json
from halo_async.cli.output import flat
from halo_async.export.sinks.csv_text import Writer

FORMATS = ("jsonl", "csv")


class RowFile:
    """Gathers rows beside the file; the methods block, and are called in a thread."""

    def __init__(self, path: Path, format: str) -> None:
        """Begin a file.

        :raises FileExistsError: there is one of that name.
        :raises OSError: nothing can be written there.
        """
        if os.path.lexists(path):
            raise FileExistsError(path)
        self.rows = 0
        self._path = path
        self._format = format
        self._columns: dict[str, None] = {}
        self._parts = [path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")]
        self._fd = _created(self._parts[0])

    def add(self, rows: Sequence[Any]) -> None:
        """Append rows.

        :raises OSError: they cannot be written.
        """
        if self._format == "csv":
            self._columns |= {name: None for row in rows for name in _cells(row)}
        write_whole(
            self._fd, "".join(f"{to_json(row)}\n" for row in rows).encode("utf-8", "backslashreplace")
        )
        self.rows += len(rows)

    def finish(self) -> None:
        """Give the file its name.

        :raises FileExistsError: another one has it meanwhile.
        :raises OSError: it cannot be written.
        """
        if self._format == "csv":
            self._convert()
        os.fsync(self._fd)
        self._close_file()
        whole = self._parts[-1]
        try:
            os.link(whole, self._path)  # unlike a rename, it never replaces a file
        except FileExistsError:
            raise
        except OSError:  # no links in this file system
            if os.path.lexists(self._path):
                raise FileExistsError(self._path) from None
            whole.rename(self._path)
        sync_folder(self._path.parent)

    def discard(self) -> None:
        """Remove what is under a name of its own; what is finished stays."""
        self._close_file()
        for part in self._parts:
            with suppress(OSError):
                part.unlink()

    def _close_file(self) -> None:
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)

    def _convert(self) -> None:
        """Write the lines again as CSV, now that all columns are known; a nested value is JSON text."""
        self._close_file()
        lines = self._parts[0]
        self._parts.append(lines.with_suffix(".csv"))
        self._fd = _created(self._parts[-1])
        text = partial(open, encoding="utf-8", errors="backslashreplace", newline="\n")
        with lines.open(encoding="utf-8") as read, text(self._fd, "w", closefd=False) as file:
            writer = Writer(file)
            writer.header([*self._columns]) if self._columns else writer.rows([[]])
            writer.rows(self._csv_rows(read))

    def _csv_rows(self, lines: Iterable[str]) -> Iterator[list[str]]:
        for line in lines:
            cells = _cells(json.loads(line))
            yield [_format_cell(cells.get(name)) for name in self._columns]


def _created(path: Path) -> int:
    return open_own_file(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)


def _cells(row: Any) -> dict[str, Any]:
    return row if isinstance(row, dict) else {"value": row}


def _format_cell(value: Any) -> str:
    return to_json(value) if isinstance(value, dict | list) else flat(value)
