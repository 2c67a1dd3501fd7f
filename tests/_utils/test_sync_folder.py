"""Names in a folder are flushed to disk by one helper, which tells of a disk that fails and of nothing else."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from halo_async._utils.own_file import sync_folder

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


def test_there_is_one_helper() -> None:
    defining = [
        path for path in (ROOT / "halo_async").rglob("*.py") if "def sync_folder" in path.read_text("utf-8")
    ]
    opening = [
        path for path in (ROOT / "halo_async").rglob("*.py") if "_sync_folder" in path.read_text("utf-8")
    ]
    assert [path.name for path in defining] == ["own_file.py"]
    assert opening == []
