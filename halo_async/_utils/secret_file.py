"""Files that hold one secret."""

from __future__ import annotations

from pathlib import Path

from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError

_LARGEST = 4096


def read_secret_file(path: Path) -> Secret:
    """Return the one line of a file.

    :raises SettingsError: the file cannot be read, or does not contain the secret alone.
    """
    try:
        with path.open("rb") as file:
            secret = Secret(file.read(_LARGEST).decode().strip())
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SettingsError(f"The secret in {path} cannot be read ({reason}). Check the path.") from error
    except UnicodeDecodeError:
        raise SettingsError(f"{path} does not contain text. Put only the secret into it.") from None
    if not is_one_word(secret):
        raise SettingsError(f"{path} must contain only the secret, on one line.")
    return secret


def is_one_word(secret: Secret) -> bool:
    """Return whether there is a secret, without white space inside."""
    return len(secret.reveal().split()) == 1
