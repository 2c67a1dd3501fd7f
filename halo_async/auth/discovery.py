"""Where an instance's login service is: `GET /api/authinfo`, or what the caller says."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote, urljoin, urlsplit

from halo_async._utils.tracebacks import strip_traceback
from halo_async._utils.validation import has_lone_surrogate
from halo_async.auth.http import HttpSender, LoginResponse, TemporarilyUnavailable, parse_json_object, text_of
from halo_async.errors import CertificateError, DecodeError, DiscoveryError, SettingsError, TransportError
from halo_async.settings import HALO_DOMAINS, Instance, is_hosted, is_loopback

_COUNTRY_REGISTRIES = {"ac", "co", "com", "edu", "gov", "net", "org"}
"""Labels under which a country code sells names, as in `co.uk`: sharing them means nothing."""


_NAME_IT = "pass auth_url= (--auth-url)"


class LoginService(NamedTuple):
    """Where tokens come from."""

    auth_url: str
    """Without a slash at its end. Not always `…/auth`, and not always on the instance's host."""
    tenant: str | None
    tenant_is_certain: bool = True
    """Whether the instance itself named this tenant (or needs none)."""

    @property
    def token_url(self) -> str:
        """Where to post a grant."""
        query = f"?tenant={quote(self.tenant, safe='')}" if self.tenant else ""
        return f"{self.auth_url}/token{query}"

    @property
    def host(self) -> str:
        """For messages."""
        return urlsplit(self.auth_url).netloc


async def discover(
    exchange: HttpSender, instance: Instance, *, tenant: str | None = None, auth_url: str | None = None
) -> LoginService:
    """Ask the instance for its login service; what the caller gave wins, `auth_url` makes asking needless.

    :raises DiscoveryError: saying in one sentence why this is no Halo instance that can be used.
    :raises SettingsError: the tenant is no text that an address can carry.
    :raises Unavailable: when the same question may find an answer a moment later.
    """
    if tenant is not None and (not isinstance(tenant, str) or has_lone_surrogate(tenant)):
        raise SettingsError("the tenant is a name in plain text: check where it comes from")
    if auth_url is not None:
        return LoginService(override(auth_url), tenant, tenant_is_certain=False)
    answer = await _ask(exchange, instance)
    info = _info(answer, instance)
    tenant_id = info.get("tenant_id")
    named = text_of(str(tenant_id) if type(tenant_id) is int else tenant_id) or None
    url = _checked(text_of(info.get("auth_url"), 2000), instance)
    return LoginService(url, tenant or named, tenant_is_certain=tenant in (None, named))


def override(auth_url: str) -> str:
    """A login address as a caller gives it, with or without `/token`, in our form.

    :raises SettingsError: if it is no address to send a secret to.
    """
    auth_url = auth_url.strip()
    instance = Instance.parse(auth_url)  # the same rules: https unless loopback, no user name
    path = urlsplit(auth_url if "://" in auth_url else f"https://{auth_url}").path.rstrip("/")
    if path.lower().endswith("/token"):
        path = path[: -len("/token")]
    return f"{instance.origin}{quote(path, safe='/%')}"


async def _ask(exchange: HttpSender, instance: Instance) -> LoginResponse:
    try:
        answer = await exchange("GET", f"{instance.api_url}/authinfo")
    except CertificateError as error:
        raise DiscoveryError(f"{error}; check the host name, or pass ssl= for a private authority") from error
    except TransportError as error:
        raise TemporarilyUnavailable(
            DiscoveryError(f"{error}; check the instance's address"), cause=error
        ) from None
    except DecodeError as error:
        raise DiscoveryError(
            f"{instance.host} is no Halo instance: its answer cannot be read: {error}"
        ) from error
    if answer.status == 429 or answer.status >= 500:
        message = f"{instance.host} answered {answer.status} when asked for its login address"
        raise TemporarilyUnavailable(DiscoveryError(f"{message}; try again later"), headers=answer.headers)
    return answer


def _info(answer: LoginResponse, instance: Instance) -> dict[str, object]:
    if 300 <= answer.status < 400:
        target = urlsplit(answer.headers.get("Location", "")).hostname
        where = f" to {target}" if target and target != instance.host else ""
        raise DiscoveryError(
            f"{instance.host} is no Halo instance: it redirects{where}; use the address it means"
        )
    info = parse_json_object(answer) if answer.status == 200 else None
    if info is None:
        shown = answer.content_type or "nothing"
        raise DiscoveryError(
            f"{instance.host} is no Halo instance: GET /api/authinfo gave {answer.status} with {shown}; "
            f"{_NAME_IT} if it is one all the same"
        )
    if not text_of(info.get("auth_url")):
        raise DiscoveryError(f"{instance.host} names no login address in /api/authinfo: {_NAME_IT}")
    return info


def _checked(auth_url: str, instance: Instance) -> str:
    """The address is from an answer and a secret goes there: it must be safe and belong to the instance."""
    url = urljoin(f"{instance.api_url}/authinfo", auth_url)
    try:
        target = Instance.parse(url)
        url = override(url)
    except SettingsError as error:
        del url, auth_url  # it may contain a password, and tracebacks show locals
        raise DiscoveryError(
            f"{instance.host} names a login address that cannot be used: {error}"
        ) from strip_traceback(error)
    if not is_related_host(target, instance):
        raise DiscoveryError(
            f"{instance.host} names {target.host} for the login, which is not known to belong to it: "
            f"{_NAME_IT} if it does"
        )
    return url


def is_related_host(target: Instance, instance: Instance) -> bool:
    """Whether an instance may send its users' secrets to `target`: same site, or Halo's own."""
    if target.host == instance.host:
        return target.scheme == instance.scheme or instance.scheme == "http"
    if is_loopback(instance.host) or is_loopback(target.host):
        return is_loopback(instance.host) and is_loopback(target.host)
    if target.scheme != "https":
        return False
    return is_hosted(target.host) or _site(target.host) == _site(instance.host)


def _site(host: str) -> str:
    """The part of a name that one owner holds: `corp.example` of `itsm.corp.example`, an address whole."""
    labels = host.split(".")
    if ":" in host or labels[-1].isdigit() or host in HALO_DOMAINS:
        return host
    country_registry = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _COUNTRY_REGISTRIES
    return ".".join(labels[-3 if country_registry else -2 :])
