"""The login that `halo-async login` keeps: one file, readable by its owner only."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any

import msgspec
from attrs import evolve, frozen

from halo_async.auth.private_files import read_private, write_private
from halo_async.auth.stores import Stored, pack, settings_folder, unpack
from halo_async.cli.errors import UsageError

_MARK = "halo_async_login"
_WORTH_USING = 60.0
"""Seconds of life without which an access token alone is no login any more."""


@frozen
class Kept:
    """Whose login it is, and the login."""

    path: Path
    api_url: str
    """As `Instance.api_url`: the token is sent nowhere else."""
    client_id: str
    tenant: str | None
    token: Stored | None = None
    auth_url: str | None = None
    """Where it is renewed, if the instance does not know that itself."""

    @property
    def ended(self) -> bool:
        """Whether nothing can be done with it any more."""
        token = self.token
        return token is None or (token.refresh_token is None and token.expires < time.time() + _WORTH_USING)


class KeptStore:
    """A `TokenStore` of one login. The keys it is asked for are all this login's."""

    def __init__(self, kept: Kept, *, fresh: bool = False) -> None:
        self.kept = kept
        self._fresh = fresh
        """Whether what is there is to be replaced, not used."""

    async def load(self, key: str) -> Stored | None:
        """See `halo_async.auth.stores.TokenStore`."""
        if self._fresh:
            return None
        found = await asyncio.to_thread(read, self.kept.path)
        return found.token if found is not None and same(found, self.kept) else None

    async def save(self, key: str, stored: Stored) -> None:
        """See `halo_async.auth.stores.TokenStore`."""
        self.kept, self._fresh = evolve(self.kept, token=stored), False
        await asyncio.to_thread(write_private, self.kept.path, _text(self.kept))


def same(one: Kept, other: Kept) -> bool:
    """Whether two are logins of the same application at the same instance."""
    return (one.api_url, one.client_id, one.tenant) == (other.api_url, other.client_id, other.tenant)


def default_path() -> Path:
    """In the folder where a user's programs keep their settings."""
    return settings_folder() / "login.json"


def read(path: Path) -> Kept | None:
    """The login in a file; None if there is no file.

    :raises SettingsError: others can read it.
    :raises UsageError: it is something else.
    """
    try:
        text = read_private(path)
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be read').lower()}") from error
    return None if text is None else _read(path, text)


def remove(path: Path) -> bool:
    """Delete the file of a login, whoever else can read it; whether there was one.

    :raises UsageError: it is something else, or cannot be deleted.
    """
    try:
        with path.open("rb") as file:
            _read(path, file.read(1_000_000))
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise UsageError(f"{path}: {(error.strerror or 'cannot be deleted').lower()}") from error
    return True


def check_place(path: Path) -> None:
    """Find out before anybody logs in that the login can be kept there.

    :raises UsageError: it cannot.
    """
    if path.exists():
        with_token = path.is_file() and _is_login(path)
        if not with_token:
            raise UsageError(f"{path} is something else than a login: name another file")
    folder = next(folder for folder in path.absolute().parents if folder.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        raise UsageError(f"{path}: nothing can be written to {folder}")


def _is_login(path: Path) -> bool:
    try:
        _read(path, path.read_bytes())
    except (OSError, UsageError):
        return False
    return True


def _text(kept: Kept) -> bytes:
    assert kept.token is not None
    return msgspec.json.encode(
        {
            _MARK: 1,
            "instance": kept.api_url,
            "client_id": kept.client_id,
            "tenant": kept.tenant,
            "auth_url": kept.auth_url,
            "token": msgspec.Raw(pack(kept.token)),
        }
    )


def _read(path: Path, text: bytes) -> Kept:
    found = _parsed(path, text)
    if found is None or found.token is None:
        raise UsageError(f"{path} holds no login: delete it, or name another file with --store")
    return found


def _parsed(path: Path, text: bytes) -> Kept | None:
    # Apart from the function that raises: the fields hold tokens, and tracebacks show locals.
    try:
        fields: dict[str, Any] = msgspec.json.decode(text, type=dict)
        if fields.get(_MARK) != 1:
            return None
        token = unpack(msgspec.json.encode(fields["token"]))
        who = str(fields["client_id"])
        return Kept(path, str(fields["instance"]), who, fields["tenant"], token, fields.get("auth_url"))
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError):
        return None
