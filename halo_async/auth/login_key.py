"""The key of a login in a token store: everything that decides whose token it is, in a text that tells nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from hashlib import pbkdf2_hmac, sha256
from typing import NamedTuple

from halo_async._utils.secret import Secret
from halo_async.settings import Instance

FORMAT = "2"
"""Keys of another format are never asked for, so entries under them are not used."""
LONG = 32
"""Characters from which on a secret was made by a machine: nobody finds it by trying."""
ROUNDS = 600_000
"""Of PBKDF2 with SHA-256 for shorter secrets, as OWASP has it: about 0.15 s for each guess, and once per client."""


class LoginIdentity(NamedTuple):
    """What a grant knows of whose token it asks for."""

    kind: str
    client_id: str
    user: str | None = None
    secrets: tuple[Secret | None, ...] = ()
    """Client secret, password, first refresh token. One that is wrong must not find the token of the right one."""


async def login_key(
    identity: LoginIdentity, instance: Instance, *, tenant: str | None, auth_url: str | None, scope: str
) -> str:
    """Return the key, ASCII without blanks and at most 330 characters long.

    Keys are seen where tokens are not: as names of files, in the list of a keychain, in the log of a Redis server.
    So what a person may have thought of (a password) is stretched before it becomes part of one, with everything
    else of the key as its salt: no guess tells of two logins. A random salt would be better and has no place, since
    a store is asked by key alone. PBKDF2 and not scrypt, which systems in FIPS mode do not have. A long secret is
    hashed once: to stretch it would only cost the start. In a thread: it takes a moment.
    """
    parts = (
        FORMAT,
        identity.kind,
        instance.api_url,
        auth_url,
        tenant,
        identity.client_id,
        identity.user,
        scope,
    )
    digest = await asyncio.to_thread(_digest, encode_parts(parts), identity.secrets)
    return f"halo-async/{FORMAT}/{instance.host}/{digest}"


def encode_parts(parts: Iterable[str | None]) -> bytes:
    """Encode texts, or their absence, so that no two sequences have the same encoding: each with its length."""
    return b"".join(_encode_part(part) for part in parts)


def _encode_part(part: str | None) -> bytes:
    if part is None:
        return b"-"
    text = part.encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(text), text)


def _digest(salt: bytes, secrets: tuple[Secret | None, ...]) -> str:
    short = any(secret and len(secret.reveal()) < LONG for secret in secrets)
    encoded = encode_parts(None if secret is None else secret.reveal() for secret in secrets)
    stretched = pbkdf2_hmac("sha256", encoded, salt, ROUNDS) if short else sha256(encoded).digest()
    return sha256(b"%d:%b%b" % (len(salt), salt, stretched)).hexdigest()
