"""Whether a request carries the user name and password that Halo was given (RFC 7617)."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets

from halo_async._utils.secret import Secret
from halo_async.errors import SettingsError

_LONGEST = 8192
"""Characters of a header that is looked at."""
_CHARSETS = ("utf-8", "latin-1")
"""In which Halo may encode the two; RFC 7617 leaves it to the sender."""


class BasicAuthentication:
    """The credentials that are wanted. The password itself is not kept, only a keyed digest of it."""

    def __init__(self, username: str, password: str | Secret) -> None:
        """:raises SettingsError: one of them is empty, or the user name holds a colon."""
        password = Secret(password)  # a traceback with locals must not show it
        _check(username, password)
        self._key = secrets.token_bytes(32)
        self._wanted = self._digests(username, password)

    def _digests(self, username: str, password: Secret) -> tuple[bytes, ...]:
        texts = (f"{username}:{password.reveal()}".encode(charset, "replace") for charset in _CHARSETS)
        return tuple(self._digest(text) for text in texts)

    def _digest(self, text: bytes) -> bytes:
        return hmac.digest(self._key, text, "sha256")

    def allow(self, header: str | None) -> bool:
        """Whether an Authorization header is the right one, in a time that tells nothing of the password."""
        given = self._digest(_credentials(header))
        # Each is compared whole, whatever the other gave.
        same = [hmac.compare_digest(given, wanted) for wanted in self._wanted]
        return any(same)

    def __repr__(self) -> str:
        return "Basic(***)"


def _check(username: str, password: Secret) -> None:
    if not isinstance(username, str) or not isinstance(password.reveal(), str):
        raise SettingsError("the user name and the password of a webhook must be text")
    if not username or not password:
        raise SettingsError(
            "the user name and the password of a webhook must not be empty: "
            "give both as they are set in Halo, or None for both where it has no authentication"
        )
    if ":" in username:
        raise SettingsError("a user name with a colon cannot be sent by Basic authentication: choose another")


def _credentials(header: str | None) -> bytes:
    """`user:password` as sent; empty, which no right one is, where the header is missing or garbled."""
    scheme, _, encoded = (header or "")[:_LONGEST].strip().partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return b""
