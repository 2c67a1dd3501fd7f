"""Files of lines, a few million bytes at a time: plain, compressed, also at an address of fsspec."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path, PurePath
from typing import Any, BinaryIO, cast

import msgspec

from halo_async.errors import DecodeError
from halo_async.tables.requirements import required
from halo_async.tables.rows import as_array

_BLOCK = 4 * 2**20


def file_name(path: str) -> str:
    """Return the name of a file of a path or address."""
    return path.rpartition("/")[2] if "://" in path else PurePath(path).name


def opened(path: str | Path) -> BinaryIO:
    """Open a file, or an address such as `s3://bucket/tickets.jsonl`.

    :raises OSError: it cannot be opened.
    :raises SettingsError: fsspec is not installed.
    """
    if "://" not in str(path):
        return Path(path).open("rb")
    fsspec = required("fsspec", f"{str(path).partition('://')[0]}://", "remote")
    return cast(BinaryIO, fsspec.open(str(path), "rb").open())


def line_blocks(path: str | Path) -> Iterator[tuple[bytes, int]]:
    """Yield some lines at a time, each of which ends in a line feed, with the number of the first one.

    :raises DecodeError: the file is not compressed as its name says, or is cut off.
    :raises OSError: the file cannot be read.
    """
    with ExitStack() as stack:
        file = stack.enter_context(_decompressed(str(path), stack.enter_context(opened(path))))
        number, rest = 1, b""
        while data := _read_block(file, str(path)):
            cut = data.rfind(b"\n") + 1
            if not cut:
                rest += data
                continue
            block, rest = rest + data[:cut], data[cut:]
            yield _drop_empty(block), number
            number += block.count(b"\n")
        if rest.strip():
            yield _drop_empty(rest + b"\n"), number


def _drop_empty(block: bytes) -> bytes:
    """Return lines without empty ones."""
    if b"\n\n" not in block and block[:1] != b"\n" and b"\r" not in block:
        return block
    return b"".join(line + b"\n" for line in map(bytes.strip, block.split(b"\n")) if line)


def _decompressed(path: str, file: BinaryIO) -> Any:
    if path.endswith(".gz"):
        return gzip.open(file, "rb")
    if path.endswith(".zst"):
        zstandard = required("zstandard", "A file compressed by zstd", "zstd")
        return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)
    return file


def _read_block(file: Any, path: str) -> bytes:
    broken: list[type[Exception]] = [EOFError, zlib.error, gzip.BadGzipFile]
    if path.endswith(".zst"):
        broken.append(import_module("zstandard").ZstdError)
    try:
        found: bytes = file.read(_BLOCK)
    except tuple(broken):
        raise DecodeError(
            f"{path} is not compressed as its name says, or is cut off. Export it again, or name another file."
        ) from None
    return found


def _is_json(lines: list[bytes]) -> bool:
    try:
        msgspec.json.decode(as_array(lines), type=list[msgspec.Raw])
    except (ValueError, RecursionError):
        return False
    return True


def check_lines(path: str | Path, block: bytes, number: int) -> None:
    """:raises DecodeError: a line is not JSON."""
    lines = block.removesuffix(b"\n").split(b"\n")
    if _is_json(lines):
        return
    for at, line in enumerate(lines, number):
        try:
            json.loads(line)
        except ValueError:
            raise DecodeError(
                f"Line {at} of {path} is not JSON. Name a file of JSON Lines, such as tickets.jsonl of an export."
            ) from None
