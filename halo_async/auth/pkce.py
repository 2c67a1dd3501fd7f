"""Proof Key for Code Exchange (RFC 7636): only the client that requested a code can use it."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hashlib import sha256
from secrets import token_urlsafe
from urllib.parse import quote, urlencode

import attrs

from halo_async._utils.secret import Secret
from halo_async.auth.discovery import LoginService


@attrs.frozen(eq=False)
class Challenge:
    """The random values of one login."""

    verifier: Secret
    state: str

    @classmethod
    def new(cls) -> Challenge:
        """Return new random values, for a single use."""
        return cls(Secret(token_urlsafe(64)), token_urlsafe(32))

    @property
    def code_challenge(self) -> str:
        """Return the verifier's hash, as sent in the authorization URL."""
        digest = sha256(self.verifier.reveal().encode("ascii")).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def authorize_url(
    service: LoginService, client_id: str, redirect_url: str, scope: str, challenge: Challenge
) -> str:
    """Return the address to visit."""
    query = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_url,
        "scope": scope,
        "state": challenge.state,
        "code_challenge": challenge.code_challenge,
        "code_challenge_method": "S256",
    }
    if service.tenant:
        query["tenant"] = service.tenant
    return f"{service.auth_url}/authorize?{urlencode(query, quote_via=quote)}"
