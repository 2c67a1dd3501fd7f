"""Where tokens outlive the process: nowhere by default, a file, the system's keychain, Redis.

Every store keeps one text a key, and the text holds secrets: stores neither log nor show it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Awaitable
from contextlib import suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec
from attrs import field, frozen

from halo_async.errors import SettingsError
from halo_async.frames import without_frames
from halo_async.secret import Secret

T = TypeVar("T")


@frozen(eq=False)
class Stored:
    """What is kept of a login."""

    access_token: Secret = field(converter=Secret)
    expires: float
    """Seconds since 1970."""
    scope: str = ""
    refresh_token: Secret | None = None


class TokenStore(Protocol):
    """A place for tokens. `key` names instance, tenant and client; it holds no secret."""

    async def load(self, key: str) -> Stored | None:
        """What was saved last; None if nothing was, or nothing that can be read."""
        ...

    async def save(self, key: str, stored: Stored) -> None:
        """Replace what is there. When this returns, a crash loses nothing."""
        ...


class MemoryStore:
    """For several clients in one process that share a login."""

    def __init__(self) -> None:
        self._kept: dict[str, Stored] = {}

    async def load(self, key: str) -> Stored | None:
        """See `TokenStore.load`."""
        return self._kept.get(key)

    async def save(self, key: str, stored: Stored) -> None:
        """See `TokenStore.save`."""
        self._kept[key] = stored


class FileStore:
    """One file a login in a folder of its own; readable by its owner only, replaced as a whole."""

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)

    async def load(self, key: str) -> Stored | None:
        """See `TokenStore.load`.

        :raises SettingsError: others can read the file.
        """
        return await asyncio.to_thread(self._read, key)

    async def save(self, key: str, stored: Stored) -> None:
        """See `TokenStore.save`."""
        await _hushed(asyncio.to_thread(self._write, key, stored))

    def _path(self, key: str) -> Path:
        return self._folder / f"{sha256(key.encode()).hexdigest()[:32]}.token"

    def _read(self, key: str) -> Stored | None:
        text = read_private(self._path(key))
        return None if text is None else unpack(text)

    def _write(self, key: str, stored: Stored) -> None:
        write_private(self._path(key), pack(stored))


def read_private(path: Path) -> bytes | None:
    """What is in a file with secrets; None if there is no file.

    :raises SettingsError: others can read the file.
    """
    try:
        with path.open("rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise SettingsError(f"{path} can be read by others: chmod 600, or delete it and log in again")
            return file.read(1_000_000)
    except FileNotFoundError:
        return None


def write_private(path: Path, text: bytes) -> None:
    """Replace a file as a whole; its folder, where it has to be made, and the file are its owner's alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".new")  # made with mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


class KeychainStore:
    """The keychain of the desktop, through the package `keyring`."""

    def __init__(self, service: str = "halo-async") -> None:
        try:
            keyring = import_module("keyring")
        except ImportError:
            raise SettingsError(
                "the system's keychain needs the package keyring: pip install keyring"
            ) from None
        self._keyring: Any = keyring
        self._service = service

    async def load(self, key: str) -> Stored | None:
        """See `TokenStore.load`."""
        text = await self._ask("get_password", key)
        return unpack(text.encode()) if text else None

    async def save(self, key: str, stored: Stored) -> None:
        """See `TokenStore.save`."""
        await self._ask("set_password", key, pack(stored).decode())

    async def _ask(self, function: str, *arguments: str) -> str | None:
        """In a thread: a keychain may ask the person at the machine.

        :raises SettingsError: it is locked, or there is none on this machine.
        """
        try:
            answer: str | None = await asyncio.to_thread(
                getattr(self._keyring, function), self._service, *arguments
            )
        except Exception as error:
            failed = type(error).__name__  # nothing more of it: its frames hold the token
        else:
            return answer
        del arguments  # tracebacks show locals
        raise SettingsError(
            f"the system's keychain failed ({failed}): unlock it, or keep tokens in FileStore(folder)"
        )


class RedisStore:
    """Redis, for many workers that share a login. Takes a `redis.asyncio` client, and leaves it open."""

    def __init__(self, client: Any, prefix: str = "halo-async:token:") -> None:
        self._client = client
        self._prefix = prefix

    async def load(self, key: str) -> Stored | None:
        """See `TokenStore.load`."""
        text = await _hushed(self._client.get(self._prefix + key))
        return unpack(text if isinstance(text, bytes) else text.encode()) if text else None

    async def save(self, key: str, stored: Stored) -> None:
        """See `TokenStore.save`."""
        await _hushed(self._client.set(self._prefix + key, pack(stored)))


async def _hushed(work: Awaitable[T]) -> T:
    """What comes of it; an error of it without its frames, which hold tokens and passwords."""
    try:
        return await work
    except Exception as error:
        wrong = without_frames(error)
    raise wrong


def pack(stored: Stored) -> bytes:
    """The text that a store keeps."""
    kept = {
        "access_token": stored.access_token.reveal(),
        "expires": stored.expires,
        "scope": stored.scope,
        "refresh_token": stored.refresh_token.reveal() if stored.refresh_token else None,
    }
    return msgspec.json.encode(kept)


def unpack(text: bytes) -> Stored | None:
    """What `pack` made; None for anything else."""
    try:
        kept = msgspec.json.decode(text)
        refresh = kept["refresh_token"]
        return Stored(
            str(kept["access_token"]),
            float(kept["expires"]),
            str(kept["scope"]),
            Secret(refresh) if refresh else None,
        )
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError):
        return None
