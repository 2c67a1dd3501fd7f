"""Rows that were not written, as JSON lines: to be inspected, corrected, and written by another run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from halo_async._operations.serialization import plain_json
from halo_async._utils.json_depth import decode
from halo_async._utils.own_file import open_own_file, write_whole
from halo_async.custom_fields.naming import by_name
from halo_async.errors import ApiError, HaloError, SettingsError
from halo_async.writing.result import RowResult
from halo_async.writing.rows import shown


class ErrorFile:
    """One line per row: `index`, `row`, `not_written` (if that is certain), `repeatable` and `error`."""

    def __init__(self, path: str | os.PathLike[str], *, replace: bool) -> None:
        """Create or truncate the file: its content follows from the journal and the rows.

        :raises SettingsError: it exists and must not be replaced, or is a link, a pipe or another user's.
        :raises OSError: it cannot be written.
        """
        try:
            self._fd = _opened(path, replace=replace)
        except FileExistsError:
            raise SettingsError(f"{path} already exists. Give another name, or move the file away.") from None

    def add(self, lines: Iterable[dict[str, Any]]) -> None:
        """Add lines of rows, all or none of them. Returns after they are on the disk."""
        end = os.lseek(self._fd, 0, os.SEEK_CUR)
        try:
            write_whole(self._fd, b"".join([msgspec.json.encode(line) + b"\n" for line in lines]))
            os.fsync(self._fd)
        except OSError:
            with suppress(OSError):
                os.ftruncate(self._fd, end)
                os.lseek(self._fd, end, os.SEEK_SET)
            raise

    def close(self) -> None:
        """Close the file. Closing it again has no effect."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)


def _opened(path: str | os.PathLike[str], *, replace: bool) -> int:
    fd = open_own_file(path, os.O_WRONLY | os.O_CREAT | (0 if replace else os.O_EXCL))
    os.ftruncate(fd, 0)
    return fd


def line_of(result: RowResult[Any]) -> dict[str, Any]:
    """Return the line of one row."""
    return {
        "index": result.index,
        "row": _encode_row(result.row),
        "not_written": result.outcome == "refused",
        "repeatable": result.repeatable,
        "error": _describe_error(result.error),
    }


def _encode_row(row: Any) -> Any:
    try:
        return msgspec.Raw(msgspec.json.encode(plain_json(by_name(row))))
    except (HaloError, TypeError, ValueError, RecursionError):
        return shown(row)  # not serializable to JSON, so it could not be sent


def _describe_error(error: HaloError | None) -> dict[str, Any]:
    if error is None:
        return {}
    said: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, ApiError):
        said["status"] = error.status
        said["fields"] = {item.field: list(item.messages) for item in error.fields}
    return said


def failed_rows(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of an error file that can be written again without creating a duplicate.

    Those are the rows that were certainly not written, and those with an id, each followed by later rows of the
    same record; see `unknown_rows` for the others.

    :param path: the error file of a bulk write.
    :raises SettingsError: it is not an error file of a bulk write, or a row in it was not serializable to
        JSON.
    :raises OSError: it cannot be read.
    """
    for number, line in enumerate(_read_lines(path), start=1):
        if line["repeatable"]:
            if not isinstance(line["row"], dict):
                raise SettingsError(
                    f"{path}, line {number}: The row could not be serialized to JSON. Correct it, or remove the line."
                )
            yield line["row"]


def unknown_rows(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    """Return the rows of an error file that may have been created: look for them in Halo first.

    :param path: the error file of a bulk write.
    :raises SettingsError: it is not an error file of a bulk write.
    :raises OSError: it cannot be read.
    """
    return (line["row"] for line in _read_lines(path) if not line["repeatable"])


def _read_lines(path: str | os.PathLike[str]) -> Iterator[dict[str, Any]]:
    with Path(path).open("rb") as file:
        for number, text in enumerate(file, start=1):
            if not text.endswith(b"\n"):
                return  # the process was killed while writing this line
            try:
                line = decode(text)
            except (ValueError, RecursionError):
                line = None
            if not isinstance(line, dict) or not {"row", "repeatable", "not_written"} <= line.keys():
                raise SettingsError(f"{path} is not an error file of a bulk write (line {number}).")
            yield line
