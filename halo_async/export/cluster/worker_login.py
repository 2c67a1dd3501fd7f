"""The client of a worker: the instance, options, and the source of its login.

Everything that is sent to a cluster is in the memory of its scheduler, and on the wire as it is unless the addresses
begin with `tls://`. So no secret is sent by default: a worker logs in by its own environment.
"""

from __future__ import annotations

import hashlib
import os
from typing import Any
from urllib.parse import urlencode, urlsplit

import attrs

from halo_async._utils.clock import SystemClock
from halo_async._utils.secret import Secret
from halo_async.coordination.options import Coordination
from halo_async.errors import SettingsError
from halo_async.export.protocols import ExportClient
from halo_async.measurements import Measurements
from halo_async.settings import ClientCredentials, Instance, RateLimit, Timeouts
from halo_async.transport.client_options import ClientOptions
from halo_async.transport.transport import Transport

LOGINS = ("environment", "send")
ID, SECRET = "HALO_CLIENT_ID", "HALO_CLIENT_SECRET"
OWN_SHARE = 10
"""One request of so many stays with the driver, which plans and counts."""


class SentLogin:
    """A login that is sent to the workers, as it was chosen. Nothing prints it."""

    __slots__ = ("coordination", "credentials")

    def __init__(self, credentials: ClientCredentials, coordination: Coordination | None) -> None:
        self.credentials = credentials
        self.coordination = coordination

    def __repr__(self) -> str:
        return "SentLogin(***)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SentLogin) and self.__reduce__() == other.__reduce__()

    def __hash__(self) -> int:
        return hash(self.credentials.client_id)

    def __reduce__(self) -> tuple[Any, ...]:
        own, shared = self.credentials, self.coordination
        login = (own.client_id, own.client_secret.reveal())
        if shared is None:
            return _received, login
        key = None if shared.key is None else shared.key.reveal()
        return _received, (
            *login,
            shared.url.reveal(),
            shared.when_unavailable,
            shared.share,
            shared.tokens,
            key,
        )


def _received(
    client_id: str,
    secret: str,
    url: str = "",
    when_unavailable: Any = "stop",
    share: float = 1.0,
    tokens: Any = "encrypted",
    key: str | None = None,
) -> SentLogin:
    credentials = ClientCredentials(client_id, Secret(secret))
    if not url:
        return SentLogin(credentials, None)
    shared = Coordination(url, when_unavailable=when_unavailable, share=share, tokens=tokens, key=key)
    return SentLogin(credentials, shared)


@attrs.frozen
class WorkerClient:
    """The client of a worker, as the driver describes it."""

    instance: Instance
    application: str
    """Digest of the client id: another application may see other rows."""
    tenant: str | None
    scope: str
    auth_url: str | None
    limit: tuple[int, float] | None
    """This worker's part of the rate limit, all of it where it is shared: requests, and seconds; None for none."""
    is_coordinated: bool
    """True if the driver shares its quota, so that workers have to."""
    deadline: float | None
    max_retry_wait: float
    max_bytes: int
    timeouts: tuple[float, ...]
    trust_env: bool
    measurements: Measurements | None = attrs.field(eq=False, repr=False)
    login: SentLogin | None = None

    @classmethod
    def of(cls, halo: ExportClient, workers: int, *, send: bool) -> WorkerClient:
        """Describe a driver's client.

        :param workers: processes among which the rate limit is divided.
        :param send: whether the login goes with it.
        :raises SettingsError: the client has a login or an option that no worker can have.
        """
        options, credentials = halo.transport.options, halo.transport.credentials
        if not isinstance(credentials, ClientCredentials):
            raise SettingsError(
                "Workers log in as an application, and this client does not. Use ClientCredentials(client_id, "
                "client_secret)."
            )
        _check_options(options)
        timeouts = options.timeouts
        return cls(
            instance=halo.transport.instance,
            application=_digest_client(credentials.client_id),
            tenant=options.tenant,
            scope=options.scope,
            auth_url=options.auth_url,
            limit=share(options.rate_limit, 0 if options.coordination else workers),
            is_coordinated=options.coordination is not None,
            deadline=options.deadline,
            max_retry_wait=options.max_retry_wait,
            max_bytes=options.max_bytes,
            timeouts=(
                timeouts.connect,
                timeouts.read,
                timeouts.attempt,
                timeouts.slow_after,
                timeouts.slow_rate,
            ),
            trust_env=options.trust_env,
            measurements=options.measurements,
            login=SentLogin(credentials, options.coordination) if send else None,
        )

    def transport(self) -> Transport:
        """Return a transport of this worker's own.

        :raises SettingsError: the environment has no login, or that of another application.
        """
        credentials = own_login() if self.login is None else self.login.credentials
        if _digest_client(credentials.client_id) != self.application:
            raise SettingsError(
                f"{ID} of a worker is another application than the driver's, which may see other rows. "
                "Set the same one for all of them."
            )
        options = ClientOptions(
            tenant=self.tenant,
            scope=self.scope,
            auth_url=self.auth_url,
            rate_limit=None if self.limit is None else RateLimit(*self.limit),
            coordination=self._coordination(),
            deadline=self.deadline,
            max_retry_wait=self.max_retry_wait,
            max_bytes=self.max_bytes,
            timeouts=Timeouts(*self.timeouts),
            trust_env=self.trust_env,
            measurements=self.measurements,
        )
        return Transport(self.instance, credentials, options)

    def _coordination(self) -> Any:
        """Return the option, which `ClientOptions` converts."""
        if not self.is_coordinated:
            return "none"  # the environment of a worker alone divides nothing
        return own_coordination() if self.login is None else self.login.coordination


def own_login() -> ClientCredentials:
    """Return the login in the environment of this worker.

    :raises SettingsError: there is none.
    """
    missing = [name for name in (ID, SECRET) if not os.environ.get(name, "").strip()]
    if missing:
        raise SettingsError(
            f"The environment of a worker lacks {' and '.join(missing)}. Set {'it' if len(missing) == 1 else 'them'} "
            'where workers are started, or send the login (worker_login="send", --worker-login send).'
        )
    return ClientCredentials(os.environ[ID].strip(), Secret(os.environ[SECRET].strip()))


def own_coordination() -> Coordination:
    """Return the Redis server in the environment of this worker.

    :raises SettingsError: there is none, or it is not valid.
    """
    found = Coordination.from_env()
    if found is None:
        raise SettingsError(
            "The environment of a worker lacks HALO_COORDINATION, and the driver shares its quota. Set it where "
            'workers are started, or send it with the login (worker_login="send", --worker-login send).'
        )
    return found


def login_environment(halo: ExportClient) -> dict[str, str]:
    """Return the variables by which processes that this one starts log in."""
    credentials = halo.transport.credentials
    if not isinstance(credentials, ClientCredentials):
        return {}  # refused by `WorkerClient.of`
    login = {ID: credentials.client_id, SECRET: credentials.client_secret.reveal()}
    shared = halo.transport.options.coordination
    return login if shared is None else {**login, **_environment_of(shared)}


def _environment_of(shared: Coordination) -> dict[str, str]:
    parts = urlsplit(shared.url.reveal())
    own = {"when_unavailable": shared.when_unavailable, "share": shared.share, "tokens": shared.tokens}
    query = "&".join(item for item in (parts.query, urlencode(own)) if item)
    key = {} if shared.key is None else {"HALO_COORDINATION_KEY": shared.key.reveal()}
    return {"HALO_COORDINATION": parts._replace(query=query).geturl(), **key}


def share(limit: RateLimit | None, workers: int) -> tuple[int, float] | None:
    """Return the part of a limit that each of some workers has, when they cannot ask each other.

    :param workers: 0 if they can, so that the limit is that of all.
    """
    if limit is None:
        return None
    if not workers:
        return limit.requests, limit.seconds
    return max(1, (limit.requests - limit.requests // OWN_SHARE) // workers), limit.seconds


def _check_options(options: ClientOptions) -> None:
    for name in ("proxy", "ssl", "session"):
        if getattr(options, name) is not None:
            raise SettingsError(
                f"{name}= of this client cannot be sent to workers. Leave it out, and set proxies (with "
                "trust_env=True) and SSL_CERT_FILE in the environment of driver and workers."
            )
    if not isinstance(options.clock, SystemClock):
        raise SettingsError("clock= of this client cannot be sent to workers. Leave it out.")


def _digest_client(client_id: str) -> str:
    return hashlib.sha256(client_id.encode()).hexdigest()[:16]
