"""The client: one instance, one login, one queue, and every resource as an attribute."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self, overload

from halo_async.answers import anything, successful
from halo_async.api import Resources
from halo_async.client_options import from_environment, look_at
from halo_async.client_slips import Guided
from halo_async.errors import InvalidRequestError, SettingsError
from halo_async.frames import without_frames
from halo_async.payload import encode
from halo_async.requests import CallOptions
from halo_async.resource import ResourceGroup, merge_options
from halo_async.secret import Secret
from halo_async.settings import Instance, RateLimit, Timeouts, stripped
from halo_async.transport.origin import below_api, check_method
from halo_async.transport.transport import DEADLINE, MAX_BYTES, MAX_RETRY_WAIT, Transport
from halo_async.transport.values import Request

if TYPE_CHECKING:
    import os
    from datetime import datetime
    from ssl import SSLContext

    from aiohttp import ClientSession

    from halo_async.auth.credentials import Credentials
    from halo_async.auth.stores import TokenStore
    from halo_async.clock import Clock
    from halo_async.custom_fields.view import CustomFields
    from halo_async.custom_record import RecordWithCustomFields
    from halo_async.export.progress import OnProgress
    from halo_async.export.report import Report
    from halo_async.transport.dry_run import DryRunBlock
    from halo_async.transport.statistics import Statistics


class Client(Guided, ResourceGroup):
    """A client without resources of its own: the base of `Halo` and of what a generated package calls `Halo`."""

    _transport: Transport

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
        ssl: SSLContext | None = None,
        proxy: str | Secret | None = None,
        trust_env: bool = False,
        session: ClientSession | None = None,
        dry_run: bool = False,
    ) -> None:
        """Nothing is sent, and aiohttp not loaded, before the client is opened or first used.

        :param instance: a host or URL, with or without `/api`; plain http only for loopback.
        :param credentials: an application's id and secret, or another way of `halo_async.auth.credentials`.
        :param tenant: the hosted tenant, where the instance does not name its own.
        :param rate_limit: calls in a rolling window; None for no limit (on-premises).
        :param deadline: seconds for one call from its first turn in the queue on, repeats and the waits between them
            included, and for opening, from the connection to the login; None for no end. `with_options(timeout=…)`
            counts the queue too.
        :param max_retry_wait: the longest wait in seconds that an instance may ask for.
        :param max_bytes: of one decompressed answer.
        :param token_store: where the login outlives the process (`halo_async.auth.stores`); None for nowhere.
        :param session: an aiohttp session to use and leave open.
        :param dry_run: send no write; each gives back the `PreparedRequest` that would have been sent.
        :raises SettingsError: the instance is no usable address, or an option of the wrong kind.
        :raises TypeError: credentials of an unknown kind.
        """
        tenant, auth_url = stripped(tenant) or None, stripped(auth_url) or None
        scope = (" ".join(scope.split()) if isinstance(scope, str) else scope) or "all"
        found = look_at(
            instance,
            credentials,
            rate_limit=rate_limit,
            timeouts=timeouts,
            deadline=deadline,
            max_retry_wait=max_retry_wait,
            max_bytes=max_bytes,
            token_store=token_store,
            session=session,
            auth_url=auth_url,
            proxy=proxy,
            ssl=ssl,
        )
        if isinstance(found, Exception):
            del instance, credentials, rate_limit, timeouts, deadline, max_retry_wait, max_bytes
            del token_store, session, auth_url, proxy, ssl  # tracebacks show locals
            raise found
        proxy = Secret(proxy) if proxy else None
        self._instance = found
        self._transport = Transport(
            self._instance,
            credentials,
            tenant=tenant,
            scope=scope,
            rate_limit=rate_limit,
            clock=clock,
            max_bytes=max_bytes,
            deadline=deadline,
            max_retry_wait=max_retry_wait,
            timeouts=timeouts,
            auth_url=auth_url,
            token_store=token_store,
            ssl=ssl,
            proxy=proxy,
            trust_env=trust_env,
            session=session,
            dry_run=dry_run,
        )
        super().__init__(self._transport)

    @classmethod
    def from_env(cls, *, instance: str | None = None, **options: Any) -> Self:
        """A client from `HALO_INSTANCE`, `HALO_CLIENT_ID`, `HALO_CLIENT_SECRET`, `HALO_TENANT`, `HALO_SCOPE`.

        Also `HALO_AUTH_URL` and `HALO_RATE_LIMIT` (`300/300` or `none`). Options are those of the constructor and win.
        :raises SettingsError: naming the variables that are missing, or the one that is wrong.
        """
        try:
            return cls(**from_environment(instance, options))
        except (SettingsError, TypeError) as error:
            wrong = without_frames(error)
        del instance, options  # tracebacks show locals
        raise wrong

    async def __aenter__(self) -> Self:
        """Open and log in.

        :raises AuthenticationError: saying which of secret, tenant or address is wrong.
        :raises DeadlineExceeded: connecting and logging in took longer than `deadline=`.
        """
        await self._transport.open()
        try:
            await self._transport.token()
        except BaseException:
            await self._transport.aclose()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection; once more does no harm."""
        await self._transport.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
    ) -> Any:
        """Any call of the API, also one that no document knows.

        :param path: relative to `/api`, such as `/Tickets/5`.
        :param json: records, mappings, lists or plain values; None for no body.
        :returns: JSON as plain Python, other text as `str`, other content as `bytes`, nothing as None.
        :raises InvalidRequestError: no such method, or the path leads elsewhere or has a query of its own.
        """
        if not isinstance(method, str) or not isinstance(path, str):
            raise InvalidRequestError('request() takes a method and a path: request("GET", "/Tickets")')
        check_method(method.upper())
        options = merge_options(self._options, params=params)
        request = Request(
            method=method.upper(),
            path=below_api(path),
            query=options.params,
            body=None if json is None else encode(json),
            headers=options.headers,
            timeout=options.timeout,
            retry=options.retry,
        )
        return await self._transport.send(
            request, anything if request.method in ("GET", "HEAD") else successful(anything)
        )

    async def export(
        self,
        resources: str | Iterable[str],
        out: str | os.PathLike[str],
        *,
        format: str | None = None,
        since: str | datetime | None = None,
        resume: bool = False,
        filters: Mapping[str, Mapping[str, Any]] | None = None,
        explode: str | Iterable[str] = (),
        width: int | None = None,
        include_inactive: bool = False,
        on_progress: OnProgress | None = None,
    ) -> Report:
        """Write whole lists into a folder, a file each: see `halo_async.export.engine.export`.

        :raises SettingsError: an unknown resource or option, or a folder that cannot be used.
        :raises OSError: the report cannot be written.
        """
        from halo_async.export.engine import export

        return await export(
            self,
            resources,
            out,
            format=format,
            since=since,
            resume=resume,
            filters=filters,
            explode=explode,
            width=width,
            include_inactive=include_inactive,
            on_progress=on_progress,
        )

    def dry_run(self) -> DryRunBlock:
        """A block, `with` or `async with`, in which no write is sent: `with halo.dry_run() as prepared`.

        Each write gives back the `PreparedRequest` that would have been sent, and the list `prepared` has all of
        them. Reads are sent as always. It holds for the task that enters the block and those it starts inside.
        """
        from halo_async.transport.dry_run import DryRunBlock

        return DryRunBlock(self._transport.dry_run)

    @overload
    async def resolve(
        self, kind: str, name: str | int, *, include_inactive: bool = False, **filters: Any
    ) -> int: ...
    @overload
    async def resolve(
        self, kind: str, name: Iterable[str | int], *, include_inactive: bool = False, **filters: Any
    ) -> list[int]: ...
    async def resolve(
        self,
        kind: str,
        name: str | int | Iterable[str | int],
        *,
        include_inactive: bool = False,
        **filters: Any,
    ) -> int | list[int]:
        """The id of a status, priority, ticket type, team, agent, client, category, site or user by its name.

        Several names give a list of their ids, in their order.

        Case and spaces do not count unless two names differ in nothing else. What was found is kept for this client
        until `forget_lookups`; calls at the same time share one request. Clients, agents, sites and users are
        searched for; all of them are read only where the search does not find the name. An int comes back as it is.

        :param kind: `status`, `priority`, `ticket_type`, `team`, `agent`, `client`, `category`, `site` or `user`.
        :param include_inactive: also look among inactive, disabled and API-only rows, where the list has switches for
            them (`includeinactive`, `includedisabled`, `includeapiagents`, …); no effect where it has none. A switch
            given as a filter wins.
        :param filters: those of the list's own, such as `client_id=12` for a site or `slaid=3` for a priority.
        :raises UnknownNameError: nothing has the name; the message has the nearest names and how many there are.
        :raises AmbiguousNameError: several have it; the message tells them apart.
        :raises InvalidRequestError: there is no such kind, or this API has no such list.
        :raises TypeError: the list has no such filter.
        """
        from halo_async.lookups.resolve import resolve

        return await resolve(self, kind, name, filters, include_inactive=include_inactive)

    async def custom_fields(self, record: RecordWithCustomFields) -> CustomFields:
        """`record.custom`, also for fields that came without a name: those are looked up once and kept.

        :raises ApiError: the login may not read the names.
        :raises TypeError: it is no record with custom fields.
        """
        from halo_async.custom_fields.loading import with_names

        return await with_names(self._transport, record)

    def forget_lookups(self) -> None:
        """Ask the instance again for what `resolve` and the names of custom fields have kept."""
        from halo_async.once import once

        once(self._transport).forget()

    def statistics(self) -> Statistics:
        """Requests, repeats, waits and what is left of the quota, up to now."""
        return self._transport.statistics()

    def _with(self, options: CallOptions) -> Self:
        """A view of the same client: one connection, one queue."""
        view = object.__new__(type(self))
        view._instance = self._instance
        view._transport = self._transport
        ResourceGroup.__init__(view, self._transport, options)
        return view

    def __repr__(self) -> str:
        made = vars(self).get("_instance")  # a traceback of the constructor shows it before there is one
        return f"<{type(self).__name__} {made.origin if made else 'not made'}>"


class Halo(Client, Resources):
    """A Halo instance: `async with Halo("acme.halopsa.com", ClientCredentials(id, secret)) as halo`.

    Resources are attributes named as their paths in snake_case, such as `halo.tickets`.
    """
