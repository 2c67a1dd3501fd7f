"""Sources of the client secret: never an argument."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from halo_async._utils.secret import Secret
from halo_async.cli.errors import UsageError

_LARGEST = 4096


def find(file: Path | None) -> Secret:
    """Return the secret from a file, else the environment, else an interactive prompt.

    :raises UsageError: there is none.
    """
    if file is not None:
        return _from_file(file)
    if given := environment():
        return given
    if sys.stdin is not None and sys.stdin.isatty():
        return _from_prompt()
    raise UsageError("set HALO_CLIENT_SECRET, give --client-secret-file FILE, or run `halo-async login`")


def environment() -> Secret | None:
    """Return the secret in `HALO_CLIENT_SECRET`."""
    given = os.environ.get("HALO_CLIENT_SECRET", "").strip()
    return Secret(given) if given else None


def _from_file(path: Path) -> Secret:
    try:
        with path.open("rb") as file:
            secret = Secret(file.read(_LARGEST).decode().strip())
    except OSError as error:
        raise UsageError(f"{path}: the secret cannot be read: {(error.strerror or '').lower()}") from error
    except UnicodeDecodeError:
        raise UsageError(f"{path} holds no text: put the secret alone into it") from None
    return _checked(secret, str(path))


def _from_prompt() -> Secret:
    from getpass import getpass

    try:
        return _checked(Secret(getpass("Client secret: ").strip()), "the input")
    except EOFError:
        raise UsageError("no secret was given: set HALO_CLIENT_SECRET or use --client-secret-file") from None


def _checked(secret: Secret, where: str) -> Secret:
    if not secret or len(secret.reveal().split()) != 1:
        raise UsageError(f"{where} must hold the secret alone, on one line")
    return secret
