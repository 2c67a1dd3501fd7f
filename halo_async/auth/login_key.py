"""Key of a login in a token store: a string that identifies the token's owner and reveals nothing."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import pbkdf2_hmac, sha256
from typing import NamedTuple

from halo_async._utils.secret import Secret
from halo_async._utils.threads import run_in_thread
from halo_async.settings import Instance

FORMAT = "2"
"""Version of the key format; entries under keys of another format are not used."""
LONG = 32
"""Length from which a secret counts as machine-generated, so that guessing is infeasible."""
ROUNDS = 600_000
"""PBKDF2-SHA-256 iterations for shorter secrets (OWASP): about 0.15 s per guess, once per client."""


class LoginIdentity(NamedTuple):
    """The identity of a grant: whose token it requests."""

    kind: str
    client_id: str
    user: str | None = None
    secrets: tuple[Secret | None, ...] = ()
    """Client secret, password, first refresh token. A wrong one must not find the right one's token."""


async def login_key(
    identity: LoginIdentity, instance: Instance, *, tenant: str | None, auth_url: str | None, scope: str
) -> str:
    """Return the key, ASCII without blanks and at most 330 characters long.

    Keys are visible where tokens are not: as file names, in the list of a keychain, in the log of a Redis
    server. So a secret that a person may have chosen (a password) is stretched before it becomes part of a
    key, with everything else of the key as its salt: one guess never tests two logins. A random salt would
    be better but cannot be saved, since a store is queried by key alone. PBKDF2 rather than scrypt, which
    is missing on systems in FIPS mode. A long secret is hashed once: stretching it would only slow down the
    start. Runs in a thread, as it takes a moment.
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
    digest = await run_in_thread(_digest_secrets, encode_parts(parts), identity.secrets)
    return f"halo-async/{FORMAT}/{instance.host}/{digest}"


def encode_parts(parts: Iterable[str | None]) -> bytes:
    """Encode strings, or None, with their lengths, so that no two sequences have the same encoding."""
    return b"".join(_encode_part(part) for part in parts)


def _encode_part(part: str | None) -> bytes:
    if part is None:
        return b"-"
    text = part.encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(text), text)


def _digest_secrets(salt: bytes, secrets: tuple[Secret | None, ...]) -> str:
    short = any(secret and len(secret.reveal()) < LONG for secret in secrets)
    encoded = encode_parts(None if secret is None else secret.reveal() for secret in secrets)
    stretched = pbkdf2_hmac("sha256", encoded, salt, ROUNDS) if short else sha256(encoded).digest()
    return sha256(b"%d:%b%b" % (len(salt), salt, stretched)).hexdigest()
