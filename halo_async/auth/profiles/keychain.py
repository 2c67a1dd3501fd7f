"""The client secret in the system's keychain, through the package `keyring`."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError

SERVICE = "halo-async"
"""Name under which the keychain lists our secrets."""


def place(named: str) -> tuple[str, str]:
    """Return service and account of `SERVICE/ACCOUNT`, or of an account of our own service."""
    service, slash, account = named.partition("/")
    return (service, account) if slash else (SERVICE, named)


def read_from_keychain(named: str) -> Secret:
    """Return a secret.

    :param named: an account, or `SERVICE/ACCOUNT` for an entry that another program made.
    :raises SettingsError: there is none, or the keychain cannot be used.
    """
    service, account = place(named)
    found = _ask_keychain("get_password", service, account)
    if not found:
        raise SettingsError(
            f"The system's keychain has no secret for {account!r} of {service!r}. Store it by"
            " `halo-async profiles add NAME --client-secret-keychain --replace`."
        )
    return found


def write_to_keychain(named: str, secret: Secret) -> None:
    """Store a secret, and read it again: some keychains keep nothing.

    :param named: as in `read_from_keychain`.
    :raises SettingsError: the keychain is missing, locked, or does not keep it.
    """
    service, account = place(named)
    _ask_keychain("set_password", service, account, secret)
    if _ask_keychain("get_password", service, account) != secret:
        raise SettingsError(
            "The system's keychain did not keep the secret. Use --client-secret-file or --client-secret-command."
        )


def _ask_keychain(function: str, service: str, account: str, secret: Secret | None = None) -> Secret | None:
    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        raise SettingsError(
            'The system\'s keychain requires the package keyring. Run pip install "halo-async[keyring]".'
        ) from None
    try:
        found = getattr(keyring, function)(service, account, *(() if secret is None else (secret.reveal(),)))
        return None if found is None else Secret(found)
    except Exception as error:
        failed = type(error).__name__  # not chained: its frames hold the secret
    if failed == "NoKeyringError":
        raise SettingsError(
            "This system has no keychain that Python can use. Use --client-secret-file or --client-secret-command."
        )
    raise SettingsError(
        f"The system's keychain failed ({failed}). Unlock it, or use another source of the secret."
    )
