"""Encryption of stored tokens: AES-256-GCM with a key that every process derives from the same secret."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import pbkdf2_hmac
from typing import Any

from halo_async._utils.secret import Secret
from halo_async._utils.threads import run_in_thread
from halo_async.auth.login_key import LONG, ROUNDS, encode_parts
from halo_async.errors import SettingsError

_VERSION = b"1"
_NONCE = 12


class TokenCipher:
    """Encrypts what is stored under a key, and reads only what was encrypted for that key.

    The secret is one that every process of a login has: the client secret, a password, or one made for this purpose.
    One that a person may have chosen is stretched as `login_key` does, since whoever reads the store can try guesses.
    """

    def __init__(self, secrets: Sequence[Secret]) -> None:
        """:raises SettingsError: the package `cryptography` is not installed."""
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            raise SettingsError(
                "Encrypted tokens require the package cryptography. Run pip install 'halo-async[redis]'."
            ) from None
        self._algorithm = AESGCM
        self._secrets = tuple(secrets)
        self._ready: dict[str, Any] = {}

    async def encrypt(self, text: bytes, key: str) -> bytes:
        """Return the text, encrypted under `key`.

        :raises SettingsError: there is no secret to encrypt with.
        """
        if not self._secrets:
            raise SettingsError("This login has no secret to encrypt its token with. Give the store a key=.")
        cipher, nonce = await self._cipher(key), os.urandom(_NONCE)
        return _VERSION + nonce + bytes(cipher.encrypt(nonce, text, key.encode()))

    async def decrypt(self, stored: bytes, key: str) -> bytes | None:
        """Return the text; None if it was encrypted for another key, with another secret, or was changed."""
        from cryptography.exceptions import InvalidTag

        nonce, rest = stored[1 : 1 + _NONCE], stored[1 + _NONCE :]
        if not self._secrets or stored[:1] != _VERSION or len(rest) < 16:
            return None
        cipher = await self._cipher(key)
        try:
            return bytes(cipher.decrypt(nonce, rest, key.encode()))
        except InvalidTag:
            return None

    async def _cipher(self, key: str) -> Any:
        if key not in self._ready:
            self._ready[key] = self._algorithm(await run_in_thread(_derived, self._secrets, key.encode()))
        return self._ready[key]


def _derived(secrets: tuple[Secret, ...], salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    material = encode_parts(secret.reveal() for secret in secrets)
    if max(len(secret.reveal()) for secret in secrets) < LONG:
        material = pbkdf2_hmac("sha256", material, b"halo-async token" + salt, ROUNDS)
    return HKDF(SHA256(), 32, salt, b"halo-async token").derive(material)
