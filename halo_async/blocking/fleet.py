"""Named clients as one, without `await`."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from contextvars import copy_context
from inspect import iscoroutine
from typing import TYPE_CHECKING, Any, Self, TypeVar, overload

from halo_async._utils.validation import check_whole_number
from halo_async.blocking.client import Client
from halo_async.fleet.choice import (
    checked_folder,
    chosen_names,
    wanted_lists,
)
from halo_async.fleet.fleet import CONCURRENCY
from halo_async.fleet.folders import folders_of
from halo_async.fleet.named_clients import NamedClients
from halo_async.fleet.result import Result
from halo_async.fleet.running import caller_of

if TYPE_CHECKING:
    from halo_async.blocking import Client as TypedClient
    from halo_async.blocking import Halo
    from halo_async.export.report import Report

    C = TypeVar("C", bound=TypedClient)
else:
    C = TypeVar("C")
T = TypeVar("T")


class Fleet(NamedClients[C]):
    """Clients by name, without `await`: `with Fleet({"acme": Halo(…), "globex": Halo(…)}) as fleet`.

    A client logs in with its first call, so an instance that refuses the login is one failed result among the others.
    Functions run in threads, as many at a time as `concurrency` says. Closing the fleet closes all clients.
    """

    def __init__(
        self, clients: Mapping[str, C], *, groups: Mapping[str, Sequence[str]] | None = None
    ) -> None:
        """:param clients: each client by the name of its instance; a fleet closes them all.
        :param groups: names of instances by group.
        :raises SettingsError: not a mapping, an empty or non-string name, or a value not a client.
        """
        super().__init__(clients, Client, groups)

    @classmethod
    def from_toml(
        cls,
        path: str | os.PathLike[str] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        client: type[Any] | None = None,
        **options: Any,
    ) -> Fleet[Halo]:
        """Create a fleet from a TOML file; see `halo_async.Fleet.from_toml`.

        :param environ: source of the secrets; the environment by default.
        :param client: the class of the clients, such as `blocking.Halo` of a generated package.
        :param options: of every client's constructor; they override the file.
        :param path: the TOML file, with paths relative to its folder; the user's profiles by default.
        :raises SettingsError: naming everything that is missing or wrong, and the fix.
        """
        from halo_async.auth.profiles.secret_sources import environment_variable
        from halo_async.blocking import Halo
        from halo_async.fleet.toml import clients_from

        clients, groups = clients_from(path, environment_variable(environ), client or Halo, options)
        return Fleet(clients, groups=groups)

    def __enter__(self) -> Self:
        """Return the fleet; nothing is sent."""
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every client, even if closing others fails.

        :raises ExceptionGroup: closing some of them failed.
        """
        failures = []
        for client in self._clients.values():
            try:
                client.close()
            except Exception as error:
                failures.append(error)
        if failures:
            raise ExceptionGroup("some clients could not be closed", failures)

    @overload
    def stream(
        self, func: Callable[[C], T], *, concurrency: int = CONCURRENCY, only: Iterable[str] | None = None
    ) -> Generator[Result[T], None, None]: ...
    @overload
    def stream(
        self,
        func: Callable[[str, C], T],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
    ) -> Generator[Result[T], None, None]: ...
    def stream(
        self, func: Callable[..., Any], *, concurrency: int = CONCURRENCY, only: Iterable[str] | None = None
    ) -> Generator[Result[Any], None, None]:
        """Yield the results of `map` as they become available: `for result in fleet.stream(func)`.

        Leaving the loop waits for the calls in progress, and begins no others.

        :param func: a function of a client, or of a name and a client. It cannot be stopped: clients have `deadline=`.
        :param concurrency: instances called at the same time.
        :param only: the names to call it for; all by default.
        :raises SettingsError: a concurrency that is not above 0.
        :raises TypeError: `func` is not a function.
        :raises UnknownInstanceError: a name in `only` that the fleet does not have.
        """
        check_whole_number("concurrency", concurrency)
        return _results(chosen_names(self, only), caller_of(func, self._clients), concurrency)

    @overload
    def map(
        self, func: Callable[[C], T], *, concurrency: int = CONCURRENCY, only: Iterable[str] | None = None
    ) -> Mapping[str, Result[T]]: ...
    @overload
    def map(
        self,
        func: Callable[[str, C], T],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
    ) -> Mapping[str, Result[T]]: ...
    def map(
        self, func: Callable[..., Any], *, concurrency: int = CONCURRENCY, only: Iterable[str] | None = None
    ) -> Mapping[str, Result[Any]]:
        """Call a function for every instance, at most `concurrency` at a time; return the results by name.

        A failure of one instance, including its login, is that instance's result and does not stop the others.

        :param func: a function of a client, or of a name and a client. It cannot be stopped: clients have `deadline=`.
        :param concurrency: instances called at the same time.
        :param only: the names to call it for; all by default.
        :raises SettingsError: a concurrency that is not above 0.
        :raises TypeError: it is not a function.
        :raises UnknownInstanceError: a name in `only` that the fleet does not have.
        """
        chosen = chosen_names(self, only)
        with closing(self.stream(func, concurrency=concurrency, only=chosen)) as arriving:
            found = {result.name: result for result in arriving}
        return {name: found[name] for name in chosen}

    def export(
        self,
        resources: Iterable[str],
        out: str | os.PathLike[str],
        *,
        concurrency: int = CONCURRENCY,
        only: Iterable[str] | None = None,
        **options: Any,
    ) -> Mapping[str, Result[Report]]:
        """Export the same lists of every instance, each into a folder `instance=NAME` inside `out`.

        :param options: those of `Client.export`: `format`, `since`, `resume`, `filters` …
        :param resources: names of lists, as in `Client.export`.
        :param concurrency: instances exported at the same time, each in a thread of its own.
        :param only: names of the instances to export; all by default.
        :raises SettingsError: a name that is not valid for a folder, or no folder given.
        """
        chosen, wanted = chosen_names(self, only), wanted_lists(resources)
        folders = folders_of(chosen, checked_folder(out))

        def export_one(name: str, client: C) -> Report:
            return client.export(wanted, folders[name], **options)

        return self.map(export_one, concurrency=concurrency, only=chosen)


def _results(
    names: Sequence[str], call: Callable[[str], Any], concurrency: int
) -> Generator[Result[Any], None, None]:
    pool = ThreadPoolExecutor(concurrency, thread_name_prefix="halo-async-fleet")
    try:
        calls = [pool.submit(copy_context().run, _run_call, name, call) for name in names]
        for done in as_completed(calls):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _run_call(name: str, call: Callable[[str], Any]) -> Result[Any]:
    began = time.monotonic()
    value: Any = None
    failure: Exception | None = None
    try:
        value = call(name)
        if iscoroutine(value):
            value.close()
            value = None
            raise TypeError(
                "An async function cannot be called without `await`. Give a plain one, or use halo_async.Fleet."
            )
    except Exception as error:
        failure = error
    return Result(name, value, failure, time.monotonic() - began)
