"""Validation of credentials before anything is sent: unset variables, line breaks from files."""

from __future__ import annotations

import re
from typing import Any

from halo_async._utils.secret import Secret
from halo_async._utils.validation import article, check_callable, has_lone_surrogate
from halo_async.errors import SettingsError
from halo_async.settings import ClientCredentials

_TEXTS = {
    "client_id": "The client id",
    "client_secret": "The client secret",
    "username": "The user name",
    "password": "The password",
    "refresh_token": "The refresh token",
    "key": "The API key",
    "user": "The name of the user",
}
_NOT_SENT = re.compile(r"[\x00-\x1f\x7f]").search
_HEADER = re.compile(r"[!-~]+").fullmatch


def check_credentials(credentials: Any) -> None:
    """Validate credentials without quoting them in a message; the frames of these functions hold them.

    :raises TypeError: their type is not supported.
    :raises SettingsError: a part of them is invalid.
    """
    if not isinstance(credentials, ClientCredentials):
        from halo_async.auth import credentials as kinds

        if not isinstance(credentials, kinds.Credentials):
            raise TypeError(
                f"Unsupported credentials type {type(credentials).__name__!r}. "
                "Use ClientCredentials(client_id, client_secret)."
            )
        if isinstance(credentials, kinds.CallableCredentials | kinds.SecretSourceCredentials):
            check_callable("source", credentials.source)
    for name, told in _TEXTS.items():
        value = getattr(credentials, name, None)
        if value is not None or (name == "client_id" and hasattr(credentials, name)):
            _check_text(told, value.reveal() if isinstance(value, Secret) else value)
    _check_needed(credentials)


def is_header_value(token: str) -> bool:
    """Return whether the value can be sent in a header unchanged."""
    return _HEADER(token) is not None


def _check_text(told: str, text: Any) -> None:
    if not isinstance(text, str):
        raise SettingsError(
            f"{told} must be a string, not {article(text)}. Check that the variable that it comes from is set."
        )
    if _NOT_SENT(text) or has_lone_surrogate(text):
        raise SettingsError(f"{told} contains a line break, control character or lone surrogate. Remove it.")


def _check_needed(credentials: Any) -> None:
    """Return the fields that a login requires; a refresh token may be in a store instead."""
    key = getattr(credentials, "key", None)
    if key is not None and not is_header_value(key.reveal()):
        raise SettingsError("The API key is empty or not a valid header value.")
    if isinstance(credentials, ClientCredentials) and not (
        credentials.client_id and credentials.client_secret
    ):
        raise SettingsError(
            "The client id or the client secret is empty. Check that the variable that it comes from is set."
        )
