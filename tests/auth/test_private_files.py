"""Folders and files of logins that others could have read, changed or planted."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from halo_async._utils import own_file
from halo_async._utils.secret import Secret
from halo_async.auth.private_files import FileLock, read_private, write_private
from halo_async.auth.token_stores import FileStore, StoredToken
from halo_async.errors import SettingsError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="other systems have other permissions")

KEPT = StoredToken("canary-token", 1.0, "", Secret("canary-refresh"))


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A store's folder with one login, under the key `a`."""
    await FileStore(tmp_path / "tokens").save("a", KEPT)
    return tmp_path / "tokens"


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def refusal(folder: Path) -> str:
    """What loading and saving say; nothing of it is a token."""
    with pytest.raises(SettingsError) as caught:
        await FileStore(folder).load("a")
    assert "canary" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("bits", [0o640, 0o604, 0o620, 0o602, 0o660, 0o666])
async def test_a_file_that_others_can_read_or_change_is_not_used(folder: Path, bits: int) -> None:
    only(folder).chmod(bits)
    said = await refusal(folder)
    assert f"{only(folder)} can be read by others or changed by them. Run chmod 600 on it" in said
    only(folder).chmod(0o600)
    assert await FileStore(folder).load("a") is not None


async def test_a_file_of_another_user_is_not_used(folder: Path, monkeypatch) -> None:
    path = only(folder)
    real = os.fstat

    def of_another(fd: int) -> os.stat_result:
        found = list(real(fd))
        found[stat.ST_UID] += 1
        return os.stat_result(found)

    monkeypatch.setattr(os, "fstat", of_another)
    assert f"{path} belongs to another user. Give a path of your own" in await refusal(folder)


@pytest.mark.parametrize("work", ["load", "save", "lock"])
async def test_a_folder_of_another_user_is_not_used(folder: Path, monkeypatch, work: str) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    store = FileStore(folder)
    does: dict[str, Callable] = {
        "load": lambda: store.load("a"),
        "save": lambda: store.save("a", KEPT),
        "lock": lambda: store.try_lock("a"),
    }
    with pytest.raises(SettingsError, match=f"The folder {folder} belongs to another user"):
        await does[work]()
    assert only(folder).suffix == ".token"


@pytest.mark.parametrize("bits", [0o755, 0o750, 0o770, 0o777, 0o1777])
async def test_a_folder_of_logins_alone_is_made_private(folder: Path, bits: int) -> None:
    folder.chmod(bits)
    assert await FileStore(folder).load("a") is not None
    assert mode(folder) == 0o700
    folder.chmod(bits)
    await FileStore(folder).save("b", KEPT)
    assert mode(folder) == 0o700


async def test_an_empty_folder_made_beforehand_is_made_private(tmp_path: Path) -> None:
    (tmp_path / "tokens").mkdir(mode=0o755)
    await FileStore(tmp_path / "tokens").save("a", KEPT)
    assert mode(tmp_path / "tokens") == 0o700


@pytest.mark.parametrize("bits", [0o755, 0o777])
async def test_a_folder_with_other_things_is_left_as_it_is_and_not_used(folder: Path, bits: int) -> None:
    (folder / "notes.txt").write_text("")
    folder.chmod(bits)
    assert "is open to others and holds more than logins. Run chmod 700 on it" in await refusal(folder)
    with pytest.raises(SettingsError, match="open to others"):
        await FileStore(folder).save("a", KEPT)
    assert mode(folder) == bits


async def test_a_symbolic_link_in_the_place_of_a_login_is_not_followed(folder: Path, tmp_path: Path) -> None:
    path = only(folder)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert f"{path} is a symbolic link, not a file. Remove it" in await refusal(folder)
    await FileStore(folder).save("a", StoredToken("new", 2.0))
    assert not path.is_symlink()
    assert b"canary-token" in (tmp_path / "elsewhere").read_bytes()  # what it led to is not written to


async def test_nor_one_that_is_put_there_between_two_looks(folder: Path, tmp_path: Path, monkeypatch) -> None:
    path = only(folder)
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    monkeypatch.setattr(Path, "is_symlink", lambda self: False)
    with pytest.raises(SettingsError, match="symbolic link"):
        await FileStore(folder).load("a")


async def test_a_pipe_or_a_folder_in_the_place_of_a_login_keeps_nobody_waiting(folder: Path) -> None:
    path = only(folder)
    path.unlink()
    os.mkfifo(path)
    assert f"{path} is a named pipe, not a file. Remove it" in await refusal(folder)
    path.unlink()
    path.mkdir()
    assert f"{path} is a folder, not a file. Give another path." in await refusal(folder)


@pytest.mark.parametrize("planted", ["link", "pipe", "folder"])
async def test_something_in_the_place_of_a_lock_is_told(folder: Path, tmp_path: Path, planted: str) -> None:
    place = only(folder).with_suffix(".lock")
    plant: dict[str, Callable[[], object]] = {
        "link": lambda: place.symlink_to(tmp_path / "made by the link"),
        "pipe": lambda: os.mkfifo(place),
        "folder": place.mkdir,
    }
    plant[planted]()
    with pytest.raises((SettingsError, IsADirectoryError)):
        await FileStore(folder).try_lock("a")
    assert not (tmp_path / "made by the link").exists()


@pytest.mark.parametrize("bits", [0o770, 0o707, 0o777])
def test_a_shared_folder_in_which_others_could_plant_a_login_is_refused(tmp_path: Path, bits: int) -> None:
    write_private(tmp_path / "login.json", b"canary")
    tmp_path.chmod(bits)
    for work in (lambda: read_private(tmp_path / "login.json"), lambda: write_private(tmp_path / "b", b"")):
        with pytest.raises(
            SettingsError, match=f"The folder {tmp_path} can be changed by others. Run chmod go-w"
        ):
            work()
    tmp_path.chmod(0o700)
    assert read_private(tmp_path / "login.json") == b"canary"


def test_a_folder_of_another_user_is_refused_for_a_login_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_private(tmp_path / "login.json", b"canary")
    tmp_path.chmod(0o755)
    real = Path.stat

    def of_another(self: Path, **options: bool) -> os.stat_result:
        found = list(real(self, **options))
        found[stat.ST_UID] = 4711
        return os.stat_result(found)

    monkeypatch.setattr(Path, "stat", of_another)
    for work in (lambda: read_private(tmp_path / "login.json"), lambda: write_private(tmp_path / "b", b"")):
        with pytest.raises(SettingsError, match=f"The folder {tmp_path} belongs to another user"):
            work()


@pytest.mark.parametrize("bits", [0o755, 0o1777])
def test_one_in_which_they_cannot_is_left_as_it_is(tmp_path: Path, bits: int) -> None:
    tmp_path.chmod(bits)
    write_private(tmp_path / "login.json", b"canary")
    assert read_private(tmp_path / "login.json") == b"canary"
    assert (mode(tmp_path), mode(tmp_path / "login.json")) == (bits, 0o600)


async def test_a_lock_is_held_once_and_leaves_nothing(tmp_path: Path) -> None:
    first = FileLock.take(tmp_path / "a.lock")
    assert first is not None
    assert FileLock.take(tmp_path / "a.lock") is None
    await first.release()
    await first.release()
    second = FileLock.take(tmp_path / "a.lock")
    assert second is not None
    await second.release()
    assert not any(tmp_path.iterdir())


async def test_a_lock_on_a_file_that_its_holder_deleted_holds_nobody_off(tmp_path: Path, monkeypatch) -> None:
    """Who opened the file before it was deleted would else share the lock with whoever makes it anew."""
    from halo_async.auth import private_files

    path = tmp_path / "a.lock"
    first = FileLock.take(path)
    assert first is not None
    real = private_files.lock
    released = []

    def late(fd: int) -> bool:
        if not released:
            released.append(path.unlink())
            first._close_file()
        return real(fd)

    monkeypatch.setattr(private_files, "lock", late)
    assert FileLock.take(path) is None
    second = FileLock.take(path)
    assert second is not None
    assert FileLock.take(path) is None
    await second.release()


def test_a_lock_that_nobody_holds_any_more_is_free(tmp_path: Path) -> None:
    taken = FileLock.take(tmp_path / "a.lock")
    assert taken is not None
    del taken
    assert FileLock.take(tmp_path / "a.lock") is not None


def test_a_lock_of_another_user_is_told(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "a.lock").touch(mode=0o600)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(SettingsError, match=r"a\.lock belongs to another user"):
        FileLock.take(tmp_path / "a.lock")


def test_a_lock_that_is_released_while_it_is_taken_is_taken_anew(tmp_path, monkeypatch) -> None:
    """Its file is deleted between the attempt to create it and the attempt to open it."""
    path, opened = tmp_path / "a.lock", []
    path.touch(mode=0o600)
    real = own_file._open_file

    def once_gone(where: Any, flags: int, mode: int) -> int:
        opened.append(flags)
        if not flags & os.O_CREAT and path.exists() and len(opened) == 2:
            path.unlink()
        return real(where, flags, mode)

    monkeypatch.setattr(own_file, "_open_file", once_gone)
    lock = FileLock.take(path)
    assert lock is not None
    assert len(opened) == 3
    assert FileLock.take(path) is None


def test_locks_taken_and_released_side_by_side_exclude_each_other_and_never_fail(tmp_path) -> None:
    path, holders, most = tmp_path / "a.lock", [], []

    def work() -> None:
        for _ in range(150):
            lock = FileLock.take(path)
            if lock is not None:
                holders.append(1)
                most.append(len(holders))
                holders.pop()
                asyncio.run(lock.release())

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    assert max(most) == 1
