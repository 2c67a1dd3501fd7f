"""Answers that quote the request: debug pages and some proxies send back what they got, the login with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import quote_plus

from attr import evolve

from halo_async._utils.secret import Secret
from halo_async.transport.types import Response

MASK = "***"
_SHORTEST = 4
"""Characters of a secret that is looked for: less would be found anywhere."""


def redact(response: Response, secrets: Iterable[Secret]) -> Response:
    """The same answer with `***` for each secret that it quotes, as it is or quoted as in a form."""
    for secret in secrets:
        if len(secret.reveal()) >= _SHORTEST:
            response = _without(_without(response, secret), Secret(quote_plus(secret.reveal())))
    return response


def redact_form(response: Response, form: Mapping[str, str | Secret]) -> Response:
    """The answer to a login without the secrets that were posted, unless it is the token."""
    if response.status == 200 and b'"access_token"' in response.body:
        return response  # it may grant the refresh token that was sent once more
    return redact(response, (value for value in form.values() if isinstance(value, Secret)))


def contains_secret(response: Response, secret: Secret) -> bool:
    """Whether a secret is in an answer's body or what is told of its headers."""
    return redact(response, (secret,)) is not response


def _without(response: Response, secret: Secret) -> Response:
    in_headers = any(secret.reveal() in value for value in response.headers.values())
    if not in_headers and secret.reveal().encode() not in response.body:
        return response
    return evolve(
        response,
        headers=_masked(response.headers, secret) if in_headers else response.headers,
        body=response.body.replace(secret.reveal().encode(), MASK.encode()),
        content_type=response.content_type.replace(secret.reveal().lower(), MASK),
    )


def _masked(headers: Mapping[str, str], secret: Secret) -> Mapping[str, str]:
    from multidict import CIMultiDict  # aiohttp's, and so there

    return CIMultiDict((name, value.replace(secret.reveal(), MASK)) for name, value in headers.items())
