"""The login that `halo-async login` stores: one file, readable by its owner only."""

from __future__ import annotations

import asyncio
import os
import re
import time
from pathlib import Path
from typing import Any

import attrs
import msgspec

from halo_async._utils.threads import open_in_thread, run_in_thread
from halo_async.auth.private_files import FileLock, check_folder, open_file, read_private, write_private
from halo_async.auth.token_locks import TokenLock
from halo_async.auth.token_response import time_left
from halo_async.auth.token_stores import StoredToken, deserialize, release_lock, serialize, settings_folder
from halo_async.errors import SettingsError

_MARK = "halo_async_login"
_FORMAT = 2
"""Version of the file format. An older file does not identify its login well enough, so it is not used."""
_WORTH_USING = 60.0
"""Minimum seconds that an access token without a refresh token must have left."""
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}").fullmatch
_LOOK_AGAIN = 0.1
_PATIENCE = 30.0
"""Seconds for which a new login waits for a process that refreshes the previous one."""


@attrs.frozen
class StoredLogin:
    """The stored login and its owner."""

    path: Path
    api_url: str
    """As `Instance.api_url`: the token is sent nowhere else."""
    client_id: str
    tenant: str | None
    token: StoredToken | None = None
    auth_url: str | None = None
    """Authorization server URL, if the instance does not provide it."""
    scope: str = "all"
    """Requested scope."""
    login: str = ""
    """Random id of a browser login, unchanged by refreshes: the same application can have another user."""

    @property
    def ended(self) -> bool:
        """Return whether the login is no longer usable."""
        token = self.token
        return token is None or (
            token.refresh_token is None and time_left(token.expires, time.time()) < _WORTH_USING
        )


class LoginFileStore:
    """A `TokenStore` of one login. Every key it is called with belongs to this login."""

    def __init__(self, kept: StoredLogin, *, fresh: bool = False) -> None:
        self.kept = kept
        self._fresh = fresh
        """True if the stored login is to be replaced, not used."""

    async def load(self, key: str) -> StoredToken | None:
        """See `halo_async.auth.token_stores.TokenStore`.

        :raises SettingsError: the file holds another login by now, or none.
        """
        return None if self._fresh else await run_in_thread(self._read_token)

    async def save(self, key: str, stored: StoredToken) -> None:
        """See `halo_async.auth.token_stores.TokenStore`.

        :raises SettingsError: the file holds another login by now, or none, and this one is not new.
        """
        self.kept, fresh, self._fresh = attrs.evolve(self.kept, token=stored), self._fresh, False
        if fresh:
            await self._replace()
        else:
            await run_in_thread(self._read_token)
            # Looked at again at the last moment: a disk can be slow, and nobody is logged in again who has logged out.
            await run_in_thread(write_private, self.kept.path, _encode_login(self.kept), self._read_token)

    async def try_lock(self, key: str) -> TokenLock | None:
        """See `halo_async.auth.token_stores.LockingStore`. Somebody at a browser keeps nobody from renewing."""
        if self._fresh:
            return _NoLock()
        return await open_in_thread(FileLock.take_with_room, release_lock, self._lock)

    async def _replace(self) -> None:
        """Delete the login, even during a refresh: that process then finds that the file is not its own."""
        self.kept.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = await self._lock_in_time()
        try:
            await run_in_thread(write_private, self.kept.path, _encode_login(self.kept))
        finally:
            if lock is not None:
                await lock.release()

    async def _lock_in_time(self) -> FileLock | None:
        for _ in range(round(_PATIENCE / _LOOK_AGAIN)):
            lock = await open_in_thread(FileLock.take, release_lock, self._lock)
            if lock is not None:
                return lock
            await asyncio.sleep(_LOOK_AGAIN)
        return None

    @property
    def _lock(self) -> Path:
        return self.kept.path.with_name(f"{self.kept.path.name}.lock")

    def _read_token(self) -> StoredToken | None:
        path = self.kept.path
        found = read(path)
        if found is None:
            raise SettingsError(f"The login in {path} was deleted meanwhile.")
        if found.login != self.kept.login:
            raise SettingsError(f"{path} holds another login by now. Run the command again to use that one.")
        return found.token


class _NoLock:
    async def release(self) -> None:
        """See `halo_async.auth.token_locks.TokenLock`."""


def default_path(profile: str | None = None) -> Path:
    """Return the path in the user's settings folder.

    :param profile: of which the login is; None for the one without a profile.
    :raises SettingsError: a file cannot have its name.
    """
    if profile is None:
        return settings_folder() / "login.json"
    if not _FILE_NAME(profile):
        raise SettingsError(
            f"The login of the profile {profile!r} cannot be stored under its name. Use letters, digits, dots, - and _."
        )
    return settings_folder() / "logins" / f"{profile}.json"


def read(path: Path) -> StoredLogin | None:
    """Return the login in a file; None if there is no file.

    :raises SettingsError: others can read it, or it has another content.
    """
    try:
        text = read_private(path)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read ({(error.strerror or '').lower()}). Name another file with --store."
        ) from error
    return None if text is None else _parse_login(path, text)


def remove(path: Path) -> bool:
    """Delete the file of a login, even if others can read it; return whether there was one.

    :raises SettingsError: it has another content, or cannot be deleted.
    """
    try:
        fd = open_file(path)
        if fd is None:
            return False
        with os.fdopen(fd, "rb") as file:
            if not _is_login(file.read(1_000_000)):
                raise SettingsError(_no_login(path))
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be deleted ({(error.strerror or '').lower()}). Delete it yourself."
        ) from error
    return True


def check_place(path: Path) -> None:
    """Check before the login that it can be stored there.

    :raises SettingsError: it cannot.
    """
    if path.exists():
        with_token = path.is_file() and not path.is_symlink() and _is_login(path.read_bytes())
        if not with_token:
            raise SettingsError(f"{path} is not a login file. Name another file with --store.")
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise SettingsError(
            f"{folder} is not a folder that can be written to. Name another file with --store."
        )
    check_folder(folder)


def _encode_login(kept: StoredLogin) -> bytes:
    assert kept.token is not None
    return msgspec.json.encode(
        {
            _MARK: _FORMAT,
            "instance": kept.api_url,
            "client_id": kept.client_id,
            "tenant": kept.tenant,
            "auth_url": kept.auth_url,
            "scope": kept.scope,
            "login": kept.login,
            "token": msgspec.Raw(serialize(kept.token)),
        }
    )


def _parse_login(path: Path, text: bytes) -> StoredLogin:
    found = _parse_fields(path, text)
    if found is None or found.token is None:
        old = _is_login(text)
        raise SettingsError(
            f"{path} holds a login of an older version. Run `halo-async login` again."
            if old
            else _no_login(path)
        )
    return found


def _no_login(path: Path) -> str:
    return f"{path} is not a login file. Delete it, or name another file with --store."


# Apart from the functions that raise: the fields contain tokens, and tracebacks show locals.


def _is_login(text: bytes) -> bool:
    """Return whether it is a login file, including older versions."""
    fields = _decode_fields(text)
    return isinstance(fields.get("token"), dict) and "access_token" in fields["token"]


def _decode_fields(text: bytes) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = msgspec.json.decode(text, type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return fields if fields.get(_MARK) in (1, _FORMAT) else {}


def _parse_fields(path: Path, text: bytes) -> StoredLogin | None:
    fields = _decode_fields(text)
    if fields.get(_MARK) != _FORMAT:
        return None
    named = [fields.get(name) for name in ("instance", "client_id", "scope", "login")]
    others = [fields.get(name) for name in ("tenant", "auth_url")]
    if not all(isinstance(one, str) for one in (*named, *(one for one in others if one is not None))):
        return None
    token = deserialize(msgspec.json.encode(fields.get("token")))
    api_url, client_id, scope, login = map(str, named)
    return StoredLogin(path, api_url, client_id, others[0], token, others[1], scope, login)
