"""The client: one instance, one login, one queue, and every resource as an attribute."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, Self

from halo_async._operations.client_mistakes import Guided
from halo_async._operations.plain_request import request as plain_request
from halo_async._operations.request_builder import CallOptions
from halo_async._operations.resource import ResourceGroup, operations
from halo_async._utils.secret import Secret
from halo_async._utils.tracebacks import strip_traceback
from halo_async.api import Resources
from halo_async.errors import AuthenticationError, SettingsError
from halo_async.export.client_method import export as export_lists
from halo_async.resources.lookups.client_method import resolve as resolve_names
from halo_async.settings import Instance, RateLimit, Settings, Timeouts
from halo_async.transport.client_options import DEADLINE, MAX_BYTES, MAX_RETRY_WAIT, validated
from halo_async.transport.transport import Transport

if TYPE_CHECKING:
    from ssl import SSLContext

    from aiohttp import ClientSession

    from halo_async._utils.clock import Clock
    from halo_async.auth.credentials import Credentials
    from halo_async.auth.token_stores import TokenStore
    from halo_async.coordination import Coordination
    from halo_async.custom_fields.record import RecordWithCustomFields
    from halo_async.custom_fields.view import CustomFields
    from halo_async.measurements import Measurements
    from halo_async.transport.dry_run import DryRunBlock
    from halo_async.transport.statistics import Statistics


class Client(Guided, ResourceGroup):
    """A client without resources: the base of `Halo`, also of the `Halo` of a generated package."""

    transport: Transport

    def __init__(
        self,
        instance: str | Instance,
        credentials: Credentials,
        *,
        tenant: str | None = None,
        scope: str = "all",
        rate_limit: RateLimit | None = RateLimit(),  # noqa: B008 - a frozen value
        clock: Clock | None = None,
        timeouts: Timeouts | None = None,
        deadline: float | None = DEADLINE,
        max_retry_wait: float = MAX_RETRY_WAIT,
        max_bytes: int = MAX_BYTES,
        auth_url: str | None = None,
        token_store: TokenStore | None = None,
        coordination: str | Secret | Coordination | None = None,
        ssl: SSLContext | None = None,
        proxy: str | Secret | None = None,
        trust_env: bool = False,
        session: ClientSession | None = None,
        dry_run: bool = False,
        strict: bool = False,
        measurements: Measurements | str | os.PathLike[str] | None = None,
    ) -> None:
        """Create a client. Nothing is sent, and aiohttp is not loaded, before it is opened or first used.

        :param instance: a host or URL, with or without `/api`; plain http only for loopback.
        :param credentials: an application's id and secret, or another type of
            `halo_async.auth.credentials`.
        :param tenant: the hosted tenant, if the instance does not provide its own.
        :param rate_limit: requests per rolling window; None for no limit (on-premises).
        :param deadline: seconds for one call from its first turn in the queue on, including retries and the
            waits between them, and for opening, from the connection to the login; None for no deadline.
            `with_options(timeout=…)` includes the queue too.
        :param max_retry_wait: the longest wait in seconds that an instance may ask for.
        :param max_bytes: maximum size of one decompressed response.
        :param token_store: persistent store of the login (`halo_async.auth.token_stores`); None for none.
        :param coordination: address of a Redis server, or `Coordination(…)`, if processes share quota and login; that
            of `HALO_COORDINATION` by default, `"none"` for none.
        :param session: an aiohttp session to use and leave open.
        :param strict: check queries and bodies against the types and enums of the API document, and refuse what it
            does not have, before anything is sent.
        :param dry_run: send no writes; each returns the `PreparedRequest` that would have been sent.
        :param measurements: measured behaviour of this instance, or the file that `halo-async doctor --probe` wrote.
        :param scope: scopes of the login, separated by spaces, such as `read:tickets edit:tickets`; `all` by default.
        :param clock: source of time and sleeping, such as a `VirtualClock` in tests.
        :param timeouts: of one attempt: connecting, reading, and the whole of it, in seconds.
        :param auth_url: URL of the authorization server, where the instance does not provide it.
        :param ssl: a context that trusts a private authority; certificates are always verified.
        :param proxy: URL of an HTTP proxy, such as `http://proxy.example:8080`; a password in it stays secret.
        :param trust_env: use the environment's proxy and `.netrc`, as aiohttp does.
        :raises SettingsError: the instance is not a valid address, or an option is invalid.
        :raises TypeError: the credentials have an unknown type.
        """
        found = validated(
            instance,
            credentials,
            tenant=tenant,
            scope=scope,
            rate_limit=rate_limit,
            clock=clock,
            timeouts=timeouts,
            deadline=deadline,
            max_retry_wait=max_retry_wait,
            max_bytes=max_bytes,
            auth_url=auth_url,
            token_store=token_store,
            coordination=coordination,
            ssl=ssl,
            proxy=proxy,
            trust_env=trust_env,
            session=session,
            dry_run=dry_run,
            measurements=measurements,
        )
        del instance, proxy, auth_url, tenant, coordination  # tracebacks show locals
        if isinstance(found, Exception):
            del credentials, rate_limit, timeouts, deadline, max_retry_wait, max_bytes
            del scope, token_store, session, ssl
            raise found
        if not isinstance(strict, bool):
            raise SettingsError("`strict` must be True or False.")
        self._instance, options = found
        self.transport = Transport(self._instance, credentials, options)
        super().__init__(self.transport, CallOptions(measurements=options.measurements, strict=strict))

    @classmethod
    def from_env(cls, *, instance: str | None = None, **options: Any) -> Self:
        """A client from `HALO_INSTANCE`, `HALO_CLIENT_ID`, `HALO_CLIENT_SECRET`, `HALO_TENANT`, `HALO_SCOPE`.

        Also `HALO_AUTH_URL`, `HALO_RATE_LIMIT` (`300/300` or `none`), `HALO_OVERLAY` (a file of measurements) and
        `HALO_COORDINATION` (the address of a Redis server). Options are those of the constructor and win.
        ```python
        from halo_async import Halo

        async with Halo.from_env(deadline=60) as halo:
            ticket = await halo.tickets.list().first()
        ```

        :param instance: in place of `HALO_INSTANCE`.
        :param options: options of the constructor, which override the environment.
        :raises SettingsError: naming the variables that are missing, or the one that is wrong.
        """
        try:
            return cls(**from_environment(instance, options))
        except (SettingsError, TypeError) as error:
            wrong = strip_traceback(error)
        del instance, options  # tracebacks show locals
        raise wrong

    @classmethod
    def from_profile(cls, name: str | None = None, **options: Any) -> Self:
        """A client from one of the user's profiles, which `halo-async profiles add` and `login --profile` write.

        Commands and keychains that have the secret are asked when the client logs in.
        ```python
        from halo_async import Halo

        async with Halo.from_profile("acme") as halo:
            ticket = await halo.tickets.list().first()
        ```

        :param name: of the profile; None for that in `HALO_PROFILE`, else for the default of the file.
        :param options: options of the constructor, which override the profile.
        :raises SettingsError: there is no such profile, it is not valid, or its secret is missing.
        :raises AuthenticationError: its stored login has expired.
        """
        from halo_async.auth.profiles.arguments import from_profile

        try:
            return cls(**{**from_profile(name), **options})
        except (SettingsError, AuthenticationError, TypeError) as error:
            wrong = strip_traceback(error)
        del options  # tracebacks show locals
        raise wrong

    async def __aenter__(self) -> Self:
        """Open and log in.

        :raises AuthenticationError: secret, tenant or address is wrong; the message says which.
        :raises DeadlineExceededError: connecting and logging in took longer than `deadline=`.
        """
        await self.transport.open()
        try:
            await self.transport.token()
        except BaseException:
            await self.transport.aclose()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection; once more does no harm."""
        await self.transport.aclose()

    request = plain_request
    export = export_lists

    def dry_run(self) -> DryRunBlock:
        """Return a `with` or `async with` block that sends no writes: `with halo.dry_run() as prepared`.

        Each write returns the `PreparedRequest` that would have been sent, and the list `prepared` contains
        all of them. Reads are sent as always. It applies to the task that enters the block and those it
        starts inside.
        """
        from halo_async.transport.dry_run import DryRunBlock

        return DryRunBlock(self.transport.dry_run)

    resolve = resolve_names

    async def custom_fields(self, record: RecordWithCustomFields) -> CustomFields:
        """Return `record.custom`, also for unnamed fields: their names are looked up once and cached.

        ```python
        ticket = await halo.tickets.get(7, includedetails=True)
        fields = await halo.custom_fields(ticket)
        print(dict(fields))
        ```

        :raises ApiError: the login may not read the names.
        :raises TypeError: it is not a record with custom fields.
        """
        from halo_async.custom_fields.loading import with_names

        return await with_names(self.transport, record)

    def forget_lookups(self) -> None:
        """Clear the cached results of `resolve` and names of custom fields."""
        from halo_async._utils.single_flight import cache_of

        cache_of(self.transport).clear()

    def statistics(self) -> Statistics:
        """Return the requests, retries, waits and remaining quota so far."""
        return self.transport.statistics()

    def _with(self, options: CallOptions) -> Self:
        """A view of the same client: one connection, one queue."""
        view = object.__new__(type(self))
        view._instance = self._instance
        view.transport = self.transport
        ResourceGroup.__init__(view, self.transport, options)
        return view

    def __repr__(self) -> str:
        made = vars(self).get("_instance")  # a traceback of the constructor shows it before there is one
        return f"<{type(self).__name__} {made.origin if made else 'not made'}>"


class Halo(Client, Resources):
    """A Halo instance: `async with Halo("acme.halopsa.com", ClientCredentials(id, secret)) as halo`.

    Resources are attributes named as their paths in snake_case, such as `halo.tickets`.

    ```python
    from halo_async import ClientCredentials, Halo

    async with Halo("acme.halopsa.com", ClientCredentials("client-id", "client-secret")) as halo:
        async for ticket in halo.tickets.list(open_only=True).limit(3):
            print(ticket.id, ticket.summary)
        ticket = await halo.tickets.get(1)
        await halo.tickets.delete(ticket.id)
    ```
    """


def from_environment(instance: str | None, options: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a client by the environment; what `options` has wins over it.

    :raises SettingsError: a variable is missing or wrong.
    """
    found = Settings.from_env(instance=instance)
    names = ("instance", "credentials", "tenant", "scope", "auth_url", "rate_limit")
    measurements = os.environ.get("HALO_OVERLAY", "").strip() or None
    return {**{name: getattr(found, name) for name in names}, "measurements": measurements, **options}


def preload() -> None:
    """Import aiohttp, every resource and every record now instead of on first access.

    For hosts that prefer to pay at start, and for servers that fork.
    """
    import_module("halo_async.transport.session")
    for _ in operations():
        pass
    models = import_module("halo_async.models")
    for name in dir(models):
        getattr(models, name)
