"""Named clients as one: opened, called and closed together."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from halo_async._utils.background import complete
from halo_async._utils.clock import Clock, SystemClock
from halo_async._utils.validation import check_seconds, check_whole_number
from halo_async.client import Client
from halo_async.fleet.choice import (
    checked_folder,
    chosen_names,
    wanted_lists,
)
from halo_async.fleet.folders import folders_of
from halo_async.fleet.named_clients import NamedClients
from halo_async.fleet.result import Result
from halo_async.fleet.running import caller_of, results

if TYPE_CHECKING:
    from halo_async.client import Halo
    from halo_async.export.report import Report

C = TypeVar("C", bound=Client)
T = TypeVar("T")

CONCURRENCY = 8


class Fleet(NamedClients[C]):
    """Clients by name, each with its own login, limit and token store.

    `async with Fleet({"acme": Halo(…), "globex": Halo(…)}) as fleet`. A client logs in with its first call,
    so an instance that refuses the login is one failed result among the others. Closing the fleet closes
    them all.
    """

    def __init__(
        self,
        clients: Mapping[str, C],
        *,
        clock: Clock | None = None,
        groups: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """:param clients: each client by the name of its instance; a fleet closes them all.
        :param clock: source of time for deadlines and durations.
        :param groups: names of instances by group.
        :raises SettingsError: not a mapping, an empty or non-string name, or a value not a client.
        """
        super().__init__(clients, Client, groups)
        self._clock = clock or SystemClock()

    @classmethod
    def from_toml(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        client: type[Any] | None = None,
        **options: Any,
    ) -> Fleet[Halo]:
        """Create a fleet from a TOML file with one table `[instances.NAME]` per instance and no secrets.

        The user's profiles are such a file, too. An instance without a secret uses the login that
        `halo-async login --profile NAME` stored.

        :param environ: source of the secrets; the environment by default.
        :param client: the class of the clients, such as a generated package's `Halo`.
        :param options: of every client's constructor; they override the file.
        :param path: the TOML file, with paths relative to its folder; the user's profiles by default.
        :raises SettingsError: naming everything that is missing or wrong, and the fix.
        """
        from halo_async.auth.profiles.secret_sources import environment_variable
        from halo_async.fleet.toml import clients_from

        clients, groups = clients_from(path, environment_variable(environ), client, options)
        return Fleet(clients, groups=groups)

    async def __aenter__(self) -> Self:
        """Prepare the clients; nothing is sent."""
        try:
            for client in self._clients.values():
                await client.transport.open()
        except BaseException:
            await self.aclose()
            raise
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every client, even if closing others fails.

        :raises ExceptionGroup: closing some of them failed.
        """
        await complete(self._close_clients())

    async def _close_clients(self) -> None:
        failures = []
        for client in self._clients.values():
            try:
                await client.aclose()
            except Exception as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup("some clients could not be closed", failures)

    @overload
    def stream(
        self,
        func: Callable[[C], Awaitable[T]],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        deadline: float | None = None,
    ) -> AsyncGenerator[Result[T], None]: ...
    @overload
    def stream(
        self,
        func: Callable[[str, C], Awaitable[T]],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        deadline: float | None = None,
    ) -> AsyncGenerator[Result[T], None]: ...
    def stream(
        self,
        func: Callable[..., Any],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        deadline: float | None = None,
    ) -> AsyncGenerator[Result[Any], None]:
        """Yield the results of `map` as they become available: `async for result in fleet.stream(func)`.

        Leaving the loop cancels the calls in progress.

        :param func: an async function of a client, or of a name and a client.
        :param concurrency: instances called at the same time.
        :param only: the names to call it for; all by default.
        :param deadline: seconds for each instance.
        :raises SettingsError: a concurrency or deadline that is not above 0.
        :raises TypeError: `func` is not a function.
        :raises UnknownInstanceError: a name in `only` that the fleet does not have.
        """
        _check_limits(concurrency, deadline)
        return results(
            chosen_names(self, only),
            caller_of(func, self._clients),
            concurrency=concurrency,
            deadline=deadline,
            clock=self._clock,
        )

    @overload
    async def map(
        self,
        func: Callable[[C], Awaitable[T]],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        deadline: float | None = None,
    ) -> Mapping[str, Result[T]]: ...
    @overload
    async def map(
        self,
        func: Callable[[str, C], Awaitable[T]],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        deadline: float | None = None,
    ) -> Mapping[str, Result[T]]: ...
    async def map(
        self,
        func: Callable[..., Any],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        deadline: float | None = None,
    ) -> Mapping[str, Result[Any]]:
        """Call a function for every instance, at most `concurrency` at a time; return the results by name.

        A failure of one instance, including its login, is that instance's result and does not stop the
        others.

        ```python
        from halo_async.fleet import Fleet

        async with Fleet({"acme": halo}) as fleet:
            found = await fleet.map(lambda halo: halo.tickets.list().count())
            print(found["acme"].value)
        ```

        :param func: an async function of a client, or of a name and a client.
        :param only: the names to call it for; all by default.
        :param deadline: seconds for each; beyond that the error is `DeadlineExceededError`.
        :raises SettingsError: a concurrency or deadline that is not above 0.
        :raises TypeError: it is not a function.
        :raises UnknownInstanceError: a name in `only` that the fleet does not have.
        """
        chosen = chosen_names(self, only)
        arriving = self.stream(func, concurrency=concurrency, only=chosen, deadline=deadline)
        async with aclosing(arriving):
            found = {result.name: result async for result in arriving}
        return {name: found[name] for name in chosen}

    async def export(
        self,
        resources: Iterable[str],
        out: str | os.PathLike[str],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        **options: Any,
    ) -> Mapping[str, Result[Report]]:
        """Export the same lists of every instance, each into a folder `instance=NAME` inside `out`.

        DuckDB, polars, Spark and others read such folders as one table with a column `instance`.

        :param options: those of `Client.export`: `format`, `since`, `resume`, `filters` …
        :param resources: names of lists, as in `Client.export`.
        :param concurrency: instances exported at the same time.
        :param only: names of the instances to export; all by default.
        :raises SettingsError: a name that is not valid for a folder, or no folder given.
        """
        chosen, wanted = chosen_names(self, only), wanted_lists(resources)
        folders = folders_of(chosen, checked_folder(out))

        async def export_one(name: str, client: C) -> Report:
            return await client.export(wanted, folders[name], **options)

        return await self.map(export_one, concurrency=concurrency, only=chosen)


def _check_limits(concurrency: int, deadline: float | None) -> None:
    check_whole_number("concurrency", concurrency)
    if deadline is not None:
        check_seconds("deadline", deadline)
