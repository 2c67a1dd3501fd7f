"""Basic authentication of a request with the user name and password set in Halo (RFC 7617)."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError

_LONGEST = 8192
"""Maximum characters of a header that are parsed."""
_CHARSETS = ("utf-8", "latin-1")
"""Charsets in which Halo may encode the credentials; RFC 7617 leaves the choice to the sender."""


class BasicAuthentication:
    """Expected credentials. Only a keyed digest of the password is stored."""

    def __init__(self, username: str, password: str | Secret) -> None:
        """:raises SettingsError: one of them is empty, or the user name contains a colon."""
        password = Secret(password)  # must not appear in a traceback with locals
        _check_login(username, password)
        self._key = secrets.token_bytes(32)
        self._wanted = self._digests(username, password)

    def _digests(self, username: str, password: Secret) -> tuple[bytes, ...]:
        texts = (f"{username}:{password.reveal()}".encode(charset, "replace") for charset in _CHARSETS)
        return tuple(self._digest_text(text) for text in texts)

    def _digest_text(self, text: bytes) -> bytes:
        return hmac.digest(self._key, text, "sha256")

    def allow(self, header: str | None) -> bool:
        """Return whether an Authorization header matches, in a time that is independent of the password."""
        given = self._digest_text(_credentials(header))
        # Always compare both, for constant time.
        same = [hmac.compare_digest(given, wanted) for wanted in self._wanted]
        return any(same)

    def __repr__(self) -> str:
        return "Basic(***)"


def _check_login(username: str, password: Secret) -> None:
    if not isinstance(username, str) or not isinstance(password.reveal(), str):
        raise SettingsError("The user name and the password of a webhook must be strings.")
    if not username or not password:
        raise SettingsError(
            "The user name or the password of the webhook is empty. "
            "Give both as set in Halo, or None for both if the webhook has no authentication."
        )
    if ":" in username:
        raise SettingsError("Basic authentication cannot send a user name with a colon. Choose another.")


def _credentials(header: str | None) -> bytes:
    """Return `user:password` as sent; empty, which never matches, if the header is missing or malformed."""
    scheme, _, encoded = (header or "")[:_LONGEST].strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
