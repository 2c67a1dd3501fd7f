"""A log that is written whole or not at all, and read as it was written or not at all."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from halo_async._utils.append_log import AppendLog, LogKind, read_log
from halo_async._utils.own_file import open_own_file, write_whole
from halo_async.errors import SettingsError
from tests.support.file_limit import limiting

KIND = LogKind("the journal of a test", b'{"test":', "{path}: in use", "Mend it.")
HEADER = {"test": 1, "name": "Zürich \ud800"}
ENTRIES = [{"sent": [1, 2]}, {"got": [[1, "written", 7]]}, {"sent": [3]}, {"sent": [3]}, {"got": [[3, "x"]]}]
posix = pytest.mark.skipif(os.name == "nt", reason="there are no such files")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def log(path: Path, *, create: bool = True) -> AppendLog:
    return AppendLog(path, KIND, create=create)


def written(path: Path) -> bytes:
    with log(path) as made:
        made.write_header(HEADER)
        for entry in ENTRIES:
            made.append(entry)
    return path.read_bytes()


def entries(path: Path) -> list[dict[str, Any]]:
    """As another process reads them, which is what one that opens it reads."""
    there = list(read_log(path, KIND))
    with log(path, create=False) as opened:
        assert list(opened.entries()) == there
    return there


def test_what_was_added_is_read_again(path: Path) -> None:
    written(path)
    assert entries(path) == [HEADER, *ENTRIES]
    with log(path, create=False) as again:
        again.append({"last": True}, sync=True)
    assert entries(path) == [HEADER, *ENTRIES, {"last": True}]


def damaged(path: Path, data: bytes) -> list[dict[str, Any]] | None:
    """What is read of damaged bytes; None where that is refused with the name of the file, the line and the mend."""
    path.write_bytes(data)
    try:
        return entries(path)
    except SettingsError as error:
        said = str(error)
        assert str(path) in said
        assert "line " in said or "earlier version" in said
        assert said.endswith(("Mend it.", "under another name."))
        assert path.read_bytes() == data
        return None


def test_any_changed_bit_is_noticed(path: Path) -> None:
    whole = written(path)
    for position in range(len(whole)):
        for bit in range(8):
            data = bytearray(whole)
            data[position] ^= 1 << bit
            assert damaged(path, bytes(data)) is None, (position, bit)


@given(position=st.integers(0, 10_000), value=st.integers(0, 255), more=st.binary(max_size=3))
@example(position=-1, value=0, more=b"\0\0")
def test_any_changed_or_added_byte_is_noticed(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int, more: bytes
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    whole = written(path)
    position %= len(whole)
    data = whole[:position] + bytes([value]) + more + whole[position + 1 :]
    if data == whole:
        return
    found = damaged(path, data)
    # Bytes after the last line feed may be the beginning of a line that nobody finished: it says nothing.
    assert found is None or (found == [HEADER, *ENTRIES] and data.startswith(whole))


@pytest.mark.parametrize(
    "left", [b"", b'{"sent":"' + b"x" * 400], ids=["its line feed is missing", "half a line"]
)
def test_two_lines_are_added_to_a_log_that_was_cut(path: Path, left: bytes) -> None:
    path.write_bytes(written(path)[:-1] + (b"\n" + left if left else b""))
    with log(path) as again:
        again.append({"a": 1})
        again.append({"b": 2})
    assert entries(path) == [HEADER, *ENTRIES, {"a": 1}, {"b": 2}]


def test_a_log_that_is_not_there_is_not_made_unless_that_is_asked_for(path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        log(path, create=False)
    assert not path.exists()


def test_a_damaged_log_is_not_held(path: Path) -> None:
    path.write_bytes(written(path).replace(b"written", b"wr1tten"))
    for _ in range(2):
        with pytest.raises(SettingsError, match="is damaged at line 3"):
            log(path)


def test_lines_that_are_lost_doubled_or_exchanged_are_noticed(path: Path) -> None:
    lines = written(path).splitlines(keepends=True)
    last = len(lines) - 1
    for number in range(last):
        assert damaged(path, b"".join(lines[:number] + lines[number + 1 :])) is None
        exchanged = [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]
        assert damaged(path, b"".join(exchanged)) is None
    for number in range(len(lines)):
        assert damaged(path, b"".join(lines[: number + 1] + lines[number:])) is None


def test_a_log_that_ends_anywhere_has_the_lines_before_and_goes_on(path: Path) -> None:
    whole = written(path)
    borders = [number + 1 for number, byte in enumerate(whole) if byte == 10]
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        lines = sum(border - 1 <= size for border in borders)  # one that lacks its line feed alone is whole
        assert entries(path) == [HEADER, *ENTRIES][:lines]
        with log(path, create=False) as again:
            assert again.is_new == (not lines)
            again.append({"test": "more"})
        assert entries(path) == [*[HEADER, *ENTRIES][:lines], {"test": "more"}]


@pytest.mark.parametrize("tail", [bytes(40), b"\xff\x00half", b'{"sent":['], ids=["zeros", "noise", "half"])
def test_what_a_machine_left_after_the_last_line_is_dropped(path: Path, tail: bytes) -> None:
    whole = written(path)
    path.write_bytes(whole + tail)
    assert entries(path) == [HEADER, *ENTRIES]
    assert path.read_bytes() == whole + tail  # looking changes nothing
    with log(path, create=False) as again:
        again.append({"a": 1})
    assert path.read_bytes().startswith(whole)
    assert entries(path)[-1] == {"a": 1}


@pytest.mark.parametrize("content", [b"precious", b"{}\n", b'{"other":1}\n', b"\n"])
def test_another_file_is_left_alone(path: Path, content: bytes) -> None:
    assert damaged(path, content) is None


def test_a_log_without_checksums_is_of_an_earlier_version(path: Path) -> None:
    path.write_bytes(b'{"test":1}\n{"sent":[1]}\n')
    with pytest.raises(SettingsError, match="earlier version"):
        log(path)


def test_a_log_is_open_once(path: Path) -> None:
    with log(path), pytest.raises(SettingsError, match="in use"):
        log(path)
    log(path).close()


# The disk -------------------------------------------------------------------------------------


def append_all(log: AppendLog, entries: list[dict[str, Any]], done: list[dict[str, Any]]) -> None:
    for entry in entries:
        log.append(entry, sync=True)
        done.append(entry)


class Disk:
    """Takes at most `step` bytes at a time, and `room` in all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, step: int = 1 << 30, room: int = 1 << 30) -> None:
        self.step, self.room = step, room
        self.real = os.write
        monkeypatch.setattr(os, "write", self.write)

    def write(self, fd: int, data: Any) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = self.real(fd, bytes(data)[: min(self.step, self.room)])
        self.room -= taken
        return taken


@pytest.mark.parametrize("step", [1, 3, 50])
def test_a_line_that_the_system_takes_in_pieces_is_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    Disk(monkeypatch, step=step)
    written(path)
    assert entries(path) == [HEADER, *ENTRIES]


def test_a_full_disk_is_an_error_at_any_byte_and_leaves_a_log_to_go_on_with(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = len(written(path))
    for room in range(0, size, 3):
        path.unlink()
        disk = Disk(monkeypatch, step=7, room=room)
        done: list[dict[str, Any]] = []
        with log(path) as made, pytest.raises(OSError, match="No space"):
            append_all(made, [HEADER, *ENTRIES], done)
        assert entries(path) == done
        disk.room = 1 << 30
        with log(path) as again:
            for entry in [HEADER, *ENTRIES][len(done) :]:
                again.append(entry)
        assert entries(path) == [HEADER, *ENTRIES]


def test_a_device_that_takes_nothing_is_full(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(os, "write", lambda fd, data: 0)
    with path.open("wb") as file, pytest.raises(OSError, match="space"):
        write_whole(file.fileno(), b"x")


def test_after_a_line_that_could_not_be_forced_to_the_disk_nothing_is_added(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system may forget what it could not write, and say of the next attempt that it worked."""
    written(path)

    def fail(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with log(path) as made:
        monkeypatch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="Input/output"):
            made.append({"sent": [9]}, sync=True)
        monkeypatch.undo()
        with pytest.raises(OSError, match="An earlier line"):
            made.append({"sent": [10]}, sync=True)
    assert entries(path) == [HEADER, *ENTRIES]


def test_where_half_a_line_cannot_be_taken_back_nothing_is_added(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(path)

    def fail(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with log(path) as made:
        Disk(monkeypatch, room=9)
        monkeypatch.setattr(os, "ftruncate", fail)
        with pytest.raises(OSError, match="No space"):
            made.append({"sent": [9, 10, 11]})
        monkeypatch.undo()
        with pytest.raises(OSError, match="An earlier line"):
            made.append({"sent": [10]})
    assert entries(path) == [HEADER, *ENTRIES]


@posix
def test_the_kernels_own_refusal_of_a_larger_file_is_an_error(path: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from halo_async._utils.append_log import AppendLog, LogKind\n"
        f"{limiting(300)}"
        "log = AppendLog(sys.argv[1], LogKind('n', b'{\"test\":', 'u', 'm'), create=True)\n"
        "log.write_header({'test': 1})\n"
        "count = 0\n"
        "try:\n"
        "    while True:\n"
        "        log.append({'n': 'x' * 50}, sync=True)\n"
        "        count += 1\n"
        "except OSError as error:\n"
        "    print(count, error.errno)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split() == ["3", str(errno.EFBIG)]
    assert len(entries(path)) == 4


def test_lines_of_many_threads_are_all_there(path: Path) -> None:
    with log(path) as made:
        made.write_header(HEADER)

        def add(number: int) -> None:
            for _ in range(50):
                made.append({"by": number}, sync=False)

        threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(entries(path)) == 401


# What may be laid in its place ------------------------------------------------------------------


def laid(path: Path) -> Iterator[tuple[str, str]]:
    target = path.with_name("target")
    target.write_bytes(b"")
    path.symlink_to(target)
    yield "symbolic link", "link"
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))
    yield "symbolic link", "dangling link"
    path.unlink()
    os.link(target, path)
    yield "hard link", "hard link"
    path.unlink()
    os.mkfifo(path)
    yield "named pipe", "pipe"
    path.unlink()


@posix
def test_nothing_that_was_laid_in_its_place_is_followed(path: Path) -> None:
    for said, _ in laid(path):
        with pytest.raises(SettingsError, match=said):
            log(path)
        with pytest.raises(SettingsError, match=said):
            list(read_log(path, KIND))
    assert path.with_name("target").read_bytes() == b""
    assert not path.with_name("nowhere").exists()


@posix
def test_another_users_file_is_refused_and_ones_own_is_not(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.write_bytes(b"")
    log(path).close()
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(path).st_uid + 1)
    with pytest.raises(SettingsError, match="another user"):
        log(path)


@posix
def test_a_folder_in_its_place_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(SettingsError, match="a folder, not a file"):
        log(path)
    with pytest.raises(SettingsError, match="a folder, not a file"):
        list(read_log(path, KIND))


def test_where_the_system_follows_links_one_is_refused_by_looking(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not hasattr(os, "O_NOFOLLOW"):
        pytest.skip("it is so here")
    monkeypatch.delattr(os, "O_NOFOLLOW")
    path.symlink_to(path.with_name("target"))
    path.with_name("target").write_bytes(b"kept")
    with pytest.raises(SettingsError, match="symbolic link"):
        open_own_file(path, os.O_RDWR)
