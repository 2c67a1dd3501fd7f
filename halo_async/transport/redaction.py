"""Redaction of responses that echo the request: debug pages and some proxies return the credentials too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote_plus

import msgspec

from halo_async._utils.secret import Secret
from halo_async.transport.types import Response

MASK = "***"
_SHORTEST = 4
"""Minimum length of a secret to search for; shorter ones would match anywhere."""


def redact(response: Response, secrets: Iterable[Secret]) -> Response:
    """Return the response with every secret in it, raw or form-encoded, replaced by `***`."""
    for secret in secrets:
        if len(secret.reveal()) >= _SHORTEST:
            response = _mask_secret(_mask_secret(response, secret), Secret(quote_plus(secret.reveal())))
    return response


def redact_form(response: Response, form: Mapping[str, str | Secret]) -> Response:
    """Return the response to a login without the posted secrets, unless it is the token response."""
    if response.status == 200 and b'"access_token"' in response.body:
        return response  # it may return the same refresh token again
    return redact(response, (value for value in form.values() if isinstance(value, Secret)))


def contains_secret(response: Response, secret: Secret) -> bool:
    """Return whether the body or the reported headers of a response contain the secret."""
    return redact(response, (secret,)) is not response


def _mask_secret(response: Response, secret: Secret) -> Response:
    in_headers = any(secret.reveal() in value for value in response.headers.values())
    if not in_headers and secret.reveal().encode() not in response.body:
        return response
    return msgspec.structs.replace(
        response,
        headers=_masked(response.headers, secret) if in_headers else response.headers,
        body=response.body.replace(secret.reveal().encode(), MASK.encode()),
        content_type=response.content_type.replace(secret.reveal().lower(), MASK),
    )


def _masked(headers: Mapping[str, str], secret: Secret) -> Mapping[str, str]:
    from multidict import CIMultiDict  # belongs to aiohttp, so already loaded

    return CIMultiDict((name, value.replace(secret.reveal(), MASK)) for name, value in headers.items())
