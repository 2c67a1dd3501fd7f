"""Sources of the client secret on a command line: never an argument."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from halo_async._utils.secret import Secret
from halo_async._utils.secret_file import is_one_word, read_secret_file
from halo_async.cli.errors import UsageError
from halo_async.errors import SettingsError


def find_secret(file: Path | None) -> Secret:
    """Return the secret from a file, else the environment, else an interactive prompt.

    :raises UsageError: there is none.
    """
    if file is not None:
        return secret_from_file(file)
    if given := secret_from_environment():
        return given
    if can_prompt():
        return secret_from_prompt()
    raise UsageError(
        "No client secret was given. Set HALO_CLIENT_SECRET, give --client-secret-file FILE, or run `halo-async login`."
    )


def secret_from_environment() -> Secret | None:
    """Return the secret in `HALO_CLIENT_SECRET`."""
    given = os.environ.get("HALO_CLIENT_SECRET", "").strip()
    return Secret(given) if given else None


def secret_from_file(path: Path) -> Secret:
    """Return the secret in a file.

    :raises UsageError: it cannot be read, or has more than the secret.
    """
    try:
        return read_secret_file(path)
    except SettingsError as error:
        raise UsageError(str(error)) from error


def can_prompt() -> bool:
    """Return whether a person can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def secret_from_prompt() -> Secret:
    """Return the secret that a person types without an echo.

    :raises UsageError: it is not one word.
    """
    from getpass import getpass

    try:
        secret = Secret(getpass("Client secret: ").strip())
    except EOFError:
        raise UsageError(
            "No secret was given. Set HALO_CLIENT_SECRET, or use --client-secret-file."
        ) from None
    return _one_word(secret)


def secret_from_stdin() -> Secret:
    """Return the secret that a person types, or that is piped in.

    :raises UsageError: it is not one word.
    """
    return secret_from_prompt() if can_prompt() else _one_word(Secret(sys.stdin.read(4096).strip()))


def _one_word(secret: Secret) -> Secret:
    if not is_one_word(secret):
        raise UsageError("The input is not one secret. Type it alone, on one line.")
    return secret
