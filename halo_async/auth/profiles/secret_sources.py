"""Sources of a client secret, as a file of profiles names them: the file itself never has it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.secret import Secret
from halo_async._utils.secret_file import read_secret_file
from halo_async.auth.credentials import Credentials, SecretSourceCredentials
from halo_async.errors import SettingsError
from halo_async.settings import ClientCredentials

Variable = Callable[[str], Secret]
"""Returns a variable of the environment, empty if it is not set."""

KINDS = ("env", "file", "command", "keychain")
SETTINGS = tuple(f"client_secret_{kind}" for kind in KINDS)
_PROGRAM = '["op", "read", "op://Private/Halo/secret"]'


def environment_variable(environ: Mapping[str, str] | None = None) -> Variable:
    """Return a reader of the environment; a mapping in a frame would show in a traceback with locals."""

    def read(name: str) -> Secret:
        return Secret((os.environ if environ is None else environ).get(name, "").strip())

    return read


def own_variable(name: str) -> str:
    """Return the variable that has the secret of an instance if no other source is named.

    :param name: of the instance or profile, such as `acme`.
    """
    return f"HALO_{re.sub('[^A-Z0-9]', '_', name.upper())}_CLIENT_SECRET"


@attrs.frozen
class SecretSource:
    """Place that a client secret comes from."""

    kind: str
    """`env`, `file`, `command` or `keychain`."""
    value: str | tuple[str, ...]
    """The variable, the path, the command with its arguments, or the keychain's account."""
    folder: Path
    """The folder that paths are relative to."""

    @classmethod
    def of(cls, kind: str, given: Any, folder: Path) -> SecretSource:
        """Return the source that a setting names.

        :raises SettingsError: the setting is not valid.
        """
        if kind == "command":
            return cls(kind, _command(given), folder)
        if not isinstance(given, str) or not given.strip():
            raise SettingsError(f"client_secret_{kind} is missing. Give it as a string.")
        return cls(kind, given.strip(), folder)

    @property
    def description(self) -> str:
        """The source for people, such as `environment HALO_ACME_CLIENT_SECRET`."""
        if self.kind == "command":
            return f"command {self.value[0]}"
        return f"{'environment' if self.kind == 'env' else self.kind} {self.value}"

    def is_there(self, variable: Variable) -> bool | None:
        """Return whether the variable is set, or the file exists; None if only reading would show it."""
        if self.kind == "env":
            return bool(variable(str(self.value)))
        return self._find_file.is_file() if self.kind == "file" else None

    def credentials(self, client_id: str, variable: Variable) -> Credentials:
        """Return the credentials; commands and keychains are asked at the login, since they may ask a person.

        :raises SettingsError: the variable is not set, or the file cannot be read.
        """
        match self.kind:
            case "env":
                return ClientCredentials(client_id, _from(variable, str(self.value)))
            case "file":
                return ClientCredentials(client_id, read_secret_file(self._find_file))
            case _:
                return SecretSourceCredentials(client_id, self.read)

    def read(self) -> Secret:
        """Return the secret of a command or a keychain; this may take long.

        :raises SettingsError: there is none.
        """
        if self.kind == "command":
            from halo_async.auth.profiles.secret_command import run_secret_command

            return run_secret_command(self.value, self.folder)
        from halo_async.auth.profiles.keychain import read_from_keychain

        return read_from_keychain(str(self.value))

    @property
    def _find_file(self) -> Path:
        return self.folder / Path(str(self.value)).expanduser()


def _from(variable: Variable, name: str) -> Secret:
    if secret := variable(name):
        return secret
    raise SettingsError(
        f"The environment lacks {name}. Set it, or name another source of the secret, such as client_secret_file."
    )


def _command(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or not given or not all(isinstance(part, str) for part in given):
        raise SettingsError(
            f"client_secret_command must be a list of a program and its arguments. Write it as {_PROGRAM}."
        )
    if not given[0].strip() or any("\0" in part for part in given):
        raise SettingsError(f"client_secret_command has no program. Write it as {_PROGRAM}.")
    return tuple(given)


def check_nobody_else_writes(file: Path) -> None:
    """Check a file that names a command to run: whoever can change it can run commands as its user.

    :raises SettingsError: others can change it.
    """
    if os.name == "posix" and file.stat().st_mode & 0o022:
        raise SettingsError(
            f"{file} names a command for a secret, and others can change the file. Run chmod go-w on it."
        )
