"""Names in a folder are flushed to disk by one helper, which tells of a disk that fails and of nothing else."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from halo_async._utils.own_file import sync_folder
from halo_async.auth.private_files import write_private
from halo_async.cli.mcp_server.row_file import RowFile
from halo_async.export.changed_parents import write_changed
from halo_async.export.children import write_parents
from halo_async.export.report import write_json

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot open folders")
def test_the_folder_itself_is_flushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed, fsync = [], os.fsync

    def watched(fd: int) -> None:
        flushed.append(os.fstat(fd).st_ino)
        fsync(fd)

    monkeypatch.setattr(os, "fsync", watched)
    sync_folder(tmp_path)
    assert flushed == [tmp_path.stat().st_ino]


@pytest.mark.skipif(sys.platform != "linux", reason="a file system that cannot flush its folders")
def test_a_file_system_that_cannot_flush_a_folder_is_no_failure() -> None:
    fd = os.open("/proc", os.O_RDONLY)
    try:
        with pytest.raises(OSError, match="Invalid argument"):
            os.fsync(fd)
    finally:
        os.close(fd)
    sync_folder(Path("/proc"))


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot open folders")
def test_a_disk_that_fails_is_told_and_the_folder_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def fail(fd: int) -> None:
        opened.append(fd)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError) as caught:
        sync_folder(tmp_path)
    assert caught.value.errno == errno.EIO
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def _write_rows(path: Path) -> None:
    file = RowFile(path, "jsonl")
    file.add([{"id": 1}])
    file.finish()


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot open folders")
@pytest.mark.parametrize(
    "write",
    [
        lambda path: write_changed(path, [1]),
        lambda path: write_parents(path, [1]),
        lambda path: write_json(path, {}, indent=1),
        lambda path: write_private(path, b"login"),
        _write_rows,
    ],
    ids=["changed parents", "parents", "report", "login", "rows for an assistant"],
)
def test_the_name_that_a_file_gets_when_it_is_whole_is_flushed(
    write: Callable[[Path], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, fsync = [], os.fsync

    def watched(fd: int) -> None:
        fsync(fd)
        if os.path.samestat(os.fstat(fd), tmp_path.stat()):
            named.append((tmp_path / "file").exists())

    monkeypatch.setattr(os, "fsync", watched)
    write(tmp_path / "file")
    assert named == [True]


def test_there_is_one_helper() -> None:
    defining = [
        path for path in (ROOT / "halo_async").rglob("*.py") if "def sync_folder" in path.read_text("utf-8")
    ]
    opening = [
        path for path in (ROOT / "halo_async").rglob("*.py") if "_sync_folder" in path.read_text("utf-8")
    ]
    assert [path.name for path in defining] == ["own_file.py"]
    assert opening == []
