"""Token endpoint responses: a token, an OAuth error, or an unusable response."""

from __future__ import annotations

import math

import attrs

from halo_async._utils.secret import Secret
from halo_async.auth.discovery import LoginService
from halo_async.auth.http import LoginResponse, TemporarilyUnavailable, parse_json_object, text_of
from halo_async.errors import AuthenticationError, LoginUnavailableError

DEFAULT_LIFETIME = 300.0
LONGEST_LIFETIME = 86_400.0


@attrs.frozen(eq=False)
class TokenResponse:
    """A token as received."""

    access_token: Secret = attrs.field(converter=Secret)
    lifetime: float
    """Lifetime in seconds, clamped to sensible values."""
    scope: str = ""
    refresh_token: Secret | None = None
    rejection_hint: str = ""
    """See `halo_async.auth.tokens.Token.rejection_hint`."""


def read_token_response(response: LoginResponse, service: LoginService) -> TokenResponse:
    """Convert a response of the token endpoint to a token.

    :raises AuthenticationError: the request was refused; the message gives the reason.
    :raises TemporarilyUnavailable: the response is neither a token nor a refusal.
    """
    granted = _granted(response)
    if granted is not None:
        return granted
    refusal = _explain_refusal(response, service)
    if refusal is not None:
        raise AuthenticationError(refusal)
    raise TemporarilyUnavailable(_outage(response, service), headers=response.headers)


def refuses_grant(response: LoginResponse) -> bool:
    """Return whether a response is about the posted grant, not about the client or the address."""
    refused = response.status in (400, 401, 403) and not _is_page(response)
    return refused and _read_reason(response)[0] != "invalid_client"


def says_nothing_of_tokens(response: LoginResponse) -> bool:
    """Return whether the response is not from a token endpoint, or the endpoint has moved."""
    elsewhere = 300 <= response.status < 500 and response.status not in (400, 401, 403, 408, 425, 429)
    return elsewhere and not _read_reason(response)[0]


def lifetime(value: object) -> float:
    """Return `expires_in` in seconds: strings are parsed, 300 if invalid, a day at most."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return DEFAULT_LIFETIME
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return DEFAULT_LIFETIME
    if not math.isfinite(seconds) or seconds <= 0:
        return DEFAULT_LIFETIME
    return min(seconds, LONGEST_LIFETIME)


def time_left(expires: object, now: float) -> float:
    """Return the seconds that a stored token has left, clamped like a new lifetime; 0 if invalid.

    Neither a modified stored token nor a changed clock can extend it: the maximum is a day.
    """
    if isinstance(expires, bool) or not isinstance(expires, (int, float)):
        return 0.0
    try:
        left = float(expires) - now
    except OverflowError:
        return 0.0
    return max(0.0, min(left, LONGEST_LIFETIME)) if math.isfinite(left) else 0.0


# The parsed fields may contain a token: no function that raises holds them, tracebacks show locals.


def _granted(response: LoginResponse) -> TokenResponse | None:
    fields = parse_json_object(response) if response.status == 200 else None
    token = fields.get("access_token") if fields else None
    if fields is None or not isinstance(token, str) or not token.strip():
        return None
    refresh = fields.get("refresh_token")
    return TokenResponse(
        token.strip(),
        lifetime(fields.get("expires_in")),
        text_of(fields.get("scope"), 2000),
        Secret(refresh) if isinstance(refresh, str) and refresh else None,
    )


def _explain_refusal(response: LoginResponse, service: LoginService) -> str | None:
    code, said = _read_reason(response)
    quoted = f" ({code}{': ' + said.rstrip('.') if said else ''})" if code else ""
    refused = f"The login at {service.host} was refused"
    if response.status in (400, 401, 403) and _is_page(response):
        return f"{service.host} returned {response.status} with a web page. A firewall or proxy refused the login."
    if code == "invalid_client" or (response.status in (400, 401, 403) and not code):
        return f"{refused}{quoted}. Check the client id and the client secret."
    if code == "invalid_scope":
        return f"{refused}{quoted}. The scope is not allowed for this client."
    if code and response.status < 500 and response.status != 429:
        return f"{refused}{quoted}."
    if says_nothing_of_tokens(response):
        return f"The token endpoint of {service.host} returned {response.status}. Check the login address (auth_url)."
    if response.status == 500 and not service.tenant_is_certain:
        check = f"Check the tenant {service.tenant!r}." if service.tenant else "Pass tenant=."
        return f"The login at {service.host} returned 500, as it does for a wrong tenant. {check}"
    return None


def _is_page(response: LoginResponse) -> bool:
    """Return whether it is meant for people: a login service's own refusals are JSON or empty."""
    named = response.content_type == "text/html" and bool(response.body.strip())
    return named and parse_json_object(response) is None


def _read_reason(response: LoginResponse) -> tuple[str, str]:
    fields = parse_json_object(response) or {}
    return text_of(fields.get("error"), 60), text_of(fields.get("error_description"))


def _outage(response: LoginResponse, service: LoginService) -> LoginUnavailableError:
    if response.status == 200:
        shown = response.content_type or "no content type"
        return LoginUnavailableError(f"The login at {service.host} returned no token ({shown}).")
    return LoginUnavailableError(f"The login at {service.host} returned {response.status}.")
