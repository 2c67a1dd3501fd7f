"""Token stores: none by default, a file, the system's keychain; that in Redis is in a file of its own.

Every store saves one string per key. The string contains secrets: stores neither log nor show it.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, TypeVar

import attrs
import msgspec

from halo_async._utils.secret import Secret
from halo_async._utils.threads import open_in_thread, run_in_thread
from halo_async._utils.tracebacks import strip_traceback
from halo_async.auth.private_files import FileLock, make_own_folder, read_private, write_private
from halo_async.auth.token_locks import LocalLocks, TokenLock
from halo_async.auth.unreadable_logins import UnreadableLogins
from halo_async.errors import SettingsError

T = TypeVar("T")

_DISABLED = "keyring is disabled here: it discards every token (keyring.backends.null)."
_FORGETS = "The system's keychain did not keep the token that was stored in it."


@attrs.frozen(eq=False)
class StoredToken:
    """The stored data of a login."""

    access_token: Secret = attrs.field(converter=Secret)
    expires: float
    """Expiry, in seconds since 1970."""
    scope: str = ""
    refresh_token: Secret | None = None


class TokenStore(Protocol):
    """A token store. `key` stands for everything that decides whose token it is, and reveals nothing of it.

    It is ASCII, without blanks, at most 330 characters long. A store that several processes share should
    have `try_lock(key)` too, as `LockingStore`: otherwise two of them may use one refresh token at the same
    time.
    """

    async def load(self, key: str) -> StoredToken | None:
        """Return the value saved last; None if there is none, or none that can be read.

        :param key: whose token it is; see the class.
        """
        ...

    async def save(self, key: str, stored: StoredToken) -> None:
        """Replace the saved value. Once this returns, a crash loses nothing.

        :param key: whose token it is; see the class.
        :param stored: the token, with its expiry as a Unix timestamp.
        """
        ...


class LockingStore(TokenStore, Protocol):
    """A token store in which one process at a time refreshes a login."""

    async def try_lock(self, key: str) -> TokenLock | None:
        """Acquire the lock beside a token without waiting; None while another holder has it.

        It must be released when its holder exits, however that happens.

        :param key: as in `TokenStore`.
        """
        ...


class MemoryStore:
    """In-memory token store for several clients in one process that share a login."""

    def __init__(self) -> None:
        self._kept: dict[str, StoredToken] = {}
        self._locks = LocalLocks()

    async def load(self, key: str) -> StoredToken | None:
        """See `TokenStore.load`."""
        return self._kept.get(key)

    async def save(self, key: str, stored: StoredToken) -> None:
        """See `TokenStore.save`."""
        self._kept[key] = stored

    async def try_lock(self, key: str) -> TokenLock | None:
        """See `LockingStore.try_lock`."""
        return await self._locks.try_lock(key)


class FileStore:
    """Token store with one private file per login in a folder of its own, replaced atomically.

    A folder that others can read is made private if it contains only logins; anything else that others
    could have read or planted is rejected.

    :param folder: created on the first save, for this user only.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self._folder = Path(folder)
        self._unreadable = UnreadableLogins()

    async def load(self, key: str) -> StoredToken | None:
        """See `TokenStore.load`.

        :raises SettingsError: others can read or change the file or its folder, or it is not a file.
        """
        return await run_in_thread(self._read_token, key)

    async def save(self, key: str, stored: StoredToken) -> None:
        """See `TokenStore.save`.

        :raises SettingsError: others can change the folder.
        """
        await hushed(run_in_thread(self._write_token, key, stored))

    async def try_lock(self, key: str) -> TokenLock | None:
        """See `LockingStore.try_lock`. The lock is a file beside the token, for as long as it is held.

        :raises SettingsError: others can change the folder, or the path is not a file.
        :raises OSError: there is no room for a token.
        """
        return await open_in_thread(self._lock, release_lock, key)

    def _find_file(self, key: str) -> Path:
        return self._folder / f"{sha256(key.encode()).hexdigest()}.token"

    def _read_token(self, key: str) -> StoredToken | None:
        path = self._find_file(key)
        if not path.parent.exists():
            return None
        make_own_folder(path.parent)
        text = read_private(path)
        found = None if text is None else deserialize(text, key)
        if found is None and text is not None:
            self._unreadable.note(str(path))
        return found

    def _write_token(self, key: str, stored: StoredToken) -> None:
        make_own_folder(self._folder)
        write_private(self._find_file(key), serialize(stored, key))

    def _lock(self, key: str) -> FileLock | None:
        make_own_folder(self._folder)
        return FileLock.take_with_room(self._find_file(key).with_suffix(".lock"))


class KeychainStore:
    """Token store in the desktop's keychain, through the package `keyring`.

    A keychain has no locks: `locks` is a folder for them, `halo-async/locks` below the user's settings by
    default.

    :param service: name under which the keychain lists the entries.
    :raises SettingsError: the package `keyring` is not installed.
    """

    def __init__(self, service: str = "halo-async", *, locks: str | os.PathLike[str] | None = None) -> None:
        try:
            keyring = import_module("keyring")
        except ImportError:
            raise SettingsError(
                "The system's keychain requires the package keyring. Run pip install keyring."
            ) from None
        self._keyring: Any = keyring
        self._service = service
        self._unreadable = UnreadableLogins()
        self._locks = FileStore(settings_folder() / "locks" if locks is None else locks)

    async def load(self, key: str) -> StoredToken | None:
        """See `TokenStore.load`.

        :raises SettingsError: see `save`; before a login, which may use up a refresh token.
        """
        if type(self._backend()).__module__ == "keyring.backends.null":
            raise SettingsError(f"{_DISABLED} Enable it, or keep tokens in FileStore(folder).")
        text = await self._ask_keychain("get_password", key)
        found = deserialize(text.encode(), key) if text else None
        if text and found is None:
            self._unreadable.note(f"the system's keychain, {self._service}, {key}")
        return found

    async def save(self, key: str, stored: StoredToken) -> None:
        """See `TokenStore.save`.

        :raises SettingsError: the keychain is locked, disabled, or does not keep what it is given.
        """
        await self._ask_keychain("set_password", key, serialize(stored, key).decode())
        if await self._ask_keychain("get_password", key) != serialize(stored, key).decode():
            raise SettingsError(f"{_FORGETS} Keep tokens in FileStore(folder).")

    def _backend(self) -> object:
        """Return the keychain that the package chose; some packages in its place do not tell."""
        get: Callable[[], object] = getattr(self._keyring, "get_keyring", lambda: None)
        return get()

    async def try_lock(self, key: str) -> TokenLock | None:
        """See `LockingStore.try_lock`.

        :raises SettingsError: see `FileStore.try_lock`.
        """
        return await self._locks.try_lock(f"{self._service}/{key}")

    async def _ask_keychain(self, function: str, *arguments: str) -> str | None:
        """Run in a thread: a keychain may prompt the user.

        :raises SettingsError: it is locked, or there is none on this machine.
        """
        try:
            found: str | None = await run_in_thread(
                getattr(self._keyring, function), self._service, *arguments
            )
        except Exception as error:
            failed = type(error).__name__  # not chained: its frames hold the token
        else:
            return found
        del arguments  # tracebacks show locals
        raise SettingsError(
            f"The system's keychain failed ({failed}). Unlock it, or store tokens in FileStore(folder)."
        )


def release_lock(lock: FileLock | None) -> None:
    """Release a lock whose taker was cancelled."""
    if lock is not None:
        lock.let_go()


async def hushed(work: Awaitable[T]) -> T:
    """Await the result; strip the traceback of an error, whose frames hold tokens and passwords."""
    try:
        return await work
    except Exception as error:
        wrong = strip_traceback(error)
    raise wrong


def serialize(stored: StoredToken, key: str = "") -> bytes:
    """Return the string that a store saves. It includes the key, so it is invalid under another one."""
    kept = {
        "key": key,
        "access_token": stored.access_token.reveal(),
        "expires": stored.expires,
        "scope": stored.scope,
        "refresh_token": stored.refresh_token.reveal() if stored.refresh_token else None,
    }
    return msgspec.json.encode(kept)


def deserialize(text: bytes, key: str = "") -> StoredToken | None:
    """Read what `serialize` made for this key; None for anything else.

    An end that is not a moment costs the access token alone: without the refresh token its owner is locked out.
    """
    try:
        kept = msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    token, refresh, expires, scope = map(kept.get, ("access_token", "refresh_token", "expires", "scope"))
    refresh = Secret(refresh) if isinstance(refresh, str) and refresh else None
    usable = isinstance(token, str) and token and type(expires) in (int, float)
    if kept.get("key") != key or not (usable or refresh):
        return None
    return StoredToken(
        str(token) if usable else "",
        _parse_seconds(expires) if usable else 0.0,
        scope if isinstance(scope, str) else "",
        refresh,
    )


def _parse_seconds(seconds: Any) -> float:
    try:
        return float(seconds)
    except OverflowError:  # an integer of more than 308 digits
        return 0.0


def settings_folder() -> Path:
    """Return the folder of our settings for this user, whether it exists or not."""
    named = os.environ.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", "")
    return (Path(named) if named else Path.home() / ".config") / "halo-async"
