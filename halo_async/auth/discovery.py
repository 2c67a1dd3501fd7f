"""Discovery of an instance's login service: `GET /api/authinfo`, or the caller's options."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from halo_async._utils.tracebacks import strip_traceback
from halo_async._utils.validation import has_lone_surrogate
from halo_async._utils.web_address import is_loopback
from halo_async.auth.http import HttpSender, LoginResponse, TemporarilyUnavailable, parse_json_object, text_of
from halo_async.errors import (
    CertificateError,
    ConnectionFailedError,
    CoordinationError,
    DecodeError,
    DiscoveryError,
    SettingsError,
    TransportError,
)
from halo_async.settings import HALO_DOMAINS, Instance, is_hosted

_COUNTRY_REGISTRIES = {"ac", "co", "com", "edu", "gov", "net", "org"}
"""Labels under which a country code sells names, as in `co.uk`: sharing one means nothing."""


_NAME_IT = "pass auth_url= (--auth-url)."


class LoginService(NamedTuple):
    """The login service that issues tokens."""

    auth_url: str
    """Base URL without a trailing slash. Not always `…/auth`, and not always on the instance's host."""
    tenant: str | None
    tenant_is_certain: bool = True
    """True if the instance itself provided this tenant (or needs none)."""

    @property
    def token_url(self) -> str:
        """URL of the token endpoint."""
        query = f"?tenant={quote(self.tenant, safe='')}" if self.tenant else ""
        return f"{self.auth_url}/token{query}"

    @property
    def host(self) -> str:
        """Description for messages."""
        return urlsplit(self.auth_url).netloc


async def discover(
    exchange: HttpSender, instance: Instance, *, tenant: str | None = None, auth_url: str | None = None
) -> LoginService:
    """Discover the instance's login service; the caller's values win, and `auth_url` skips the request.

    :raises DiscoveryError: it is not a usable Halo instance; the message gives the reason in one sentence.
    :raises SettingsError: the tenant is not a string that a URL can contain.
    :raises TemporarilyUnavailable: a retry may succeed a moment later.
    """
    if tenant is not None and (not isinstance(tenant, str) or has_lone_surrogate(tenant)):
        raise SettingsError("The tenant is not a valid string. Check where it comes from.")
    if auth_url is not None:
        return LoginService(override(auth_url), tenant, tenant_is_certain=False)
    response = await _request_login(exchange, instance)
    info = _info(response, instance)
    tenant_id = info.get("tenant_id")
    named = text_of(str(tenant_id) if type(tenant_id) is int else tenant_id) or None
    url = _check_url(text_of(info.pop("auth_url"), 2000), instance)  # taken out: tracebacks show locals
    return LoginService(url, tenant or named, tenant_is_certain=tenant in (None, named))


def override(auth_url: str) -> str:
    """Normalise a login address as a caller gives it, with or without `/token`.

    :raises SettingsError: it is not an address that a secret may be sent to.
    """
    auth_url = auth_url.strip()
    instance = Instance.parse(auth_url)  # the same rules: https unless loopback, no user name
    path = urlsplit(auth_url if "://" in auth_url else f"https://{auth_url}").path.rstrip("/")
    if path.lower().endswith("/token"):
        path = path[: -len("/token")]
    return f"{instance.origin}{quote(path, safe='/%')}"


async def _request_login(exchange: HttpSender, instance: Instance) -> LoginResponse:
    try:
        response = await exchange("GET", f"{instance.api_url}/authinfo")
    except CoordinationError:
        raise  # waited for as long as it may be
    except CertificateError as error:
        raise DiscoveryError(f"{error} Check the host name, or pass ssl= for a private authority.") from error
    except TransportError as error:
        at_proxy = isinstance(error, ConnectionFailedError) and error.at_proxy
        mend = (
            "Check the proxy's address, user name and password."
            if at_proxy
            else "Check the instance's address."
        )
        raise TemporarilyUnavailable(DiscoveryError(f"{error} {mend}"), cause=error) from None
    except DecodeError as error:
        raise DiscoveryError(f"{instance.host} does not look like a Halo instance. {error}") from error
    if response.status == 429 or response.status >= 500:
        message = f"GET /api/authinfo of {instance.host} returned {response.status}. Retry later."
        raise TemporarilyUnavailable(DiscoveryError(message), headers=response.headers)
    return response


def _info(response: LoginResponse, instance: Instance) -> dict[str, object]:
    if 300 <= response.status < 400:
        target = urlsplit(response.headers.get("Location", "")).hostname
        where = f" to {target}" if target and target != instance.host else ""
        raise DiscoveryError(
            f"{instance.host} does not look like a Halo instance: GET /api/authinfo redirects{where}. "
            "Use the address that it redirects to."
        )
    info = parse_json_object(response) if response.status == 200 else None
    if info is None:
        shown = response.content_type or "no content type"
        raise DiscoveryError(
            f"{instance.host} does not look like a Halo instance: GET /api/authinfo returned {response.status} "
            f"({shown}). If it is one, {_NAME_IT}"
        )
    if not text_of(info.get("auth_url")):
        raise DiscoveryError(
            f"/api/authinfo of {instance.host} does not contain auth_url. If it is known, {_NAME_IT}"
        )
    return info


def _check_url(auth_url: str, instance: Instance) -> str:
    """Check a login address from a response: it receives a secret, so it must be safe and related."""
    url = urljoin(f"{instance.api_url}/authinfo", auth_url)
    try:
        target = Instance.parse(url)
        url = override(url)
    except SettingsError as error:
        del url, auth_url  # it may contain a password, and tracebacks show locals
        raise DiscoveryError(
            f"/api/authinfo of {instance.host} contains an unusable auth_url. {error}"
        ) from strip_traceback(error)
    if target.host == instance.host and not is_related_host(target, instance):
        raise DiscoveryError(
            f"The login address {target.origin} is not encrypted, although {instance.origin} is. "
            f"If there is an encrypted one, {_NAME_IT}"
        )
    if not is_related_host(target, instance):
        raise DiscoveryError(
            f"The login host {target.host} is not known to belong to {instance.host}. "
            f"If {target.host} is trusted, {_NAME_IT}"
        )
    return url


def is_related_host(target: Instance, instance: Instance) -> bool:
    """Return whether an instance may send its users' secrets to `target`: same site, or Halo's own."""
    if target.host == instance.host:
        return target.scheme == instance.scheme or instance.scheme == "http"
    if is_loopback(instance.host) or is_loopback(target.host):
        return is_loopback(instance.host) and is_loopback(target.host)
    if target.scheme != "https":
        return False
    return is_hosted(target.host) or _site(target.host) == _site(instance.host)


def _site(host: str) -> str:
    """Return the registrable domain: `corp.example` of `itsm.corp.example`; an IP address unchanged."""
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit() or host in HALO_DOMAINS:
        return host
    country_registry = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _COUNTRY_REGISTRIES
    return ".".join(labels[-3 if country_registry else -2 :])
