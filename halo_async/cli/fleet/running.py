"""One function over the instances of a file, with a result for each, and the exit code of all."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.clock import SystemClock
from halo_async.auth.profiles.profile import Profile
from halo_async.auth.profiles.secret_sources import environment_variable
from halo_async.cli.errors import Exit, UsageError, explain
from halo_async.cli.fleet.progress import watched
from halo_async.cli.wait_display import show_waits
from halo_async.client import Halo
from halo_async.errors import UnknownInstanceError
from halo_async.fleet import Fleet, Result
from halo_async.fleet.running import results as fleet_results
from halo_async.fleet.toml import Instances
from halo_async.settings import Instance

VARIABLE = "HALO_FLEET"


@attrs.frozen
class InstanceResult:
    """The outcome of one instance."""

    name: str
    url: str | None
    """Address of the instance; None if the file has no valid one."""
    value: Any = None
    """Return value of the function; None if it raised."""
    code: int = Exit.DONE
    """Exit code of a command for this instance alone."""
    error: str | None = None
    """The problem, and what to do about it."""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """True if the instance is done, and nothing lacks."""
        return self.error is None

    def as_json(self, value: Any) -> dict[str, Any]:
        """Return what `--json` prints of it.

        :param value: the value in plain JSON.
        """
        facts = {"instance": self.name, "url": self.url, "ok": self.ok, "seconds": round(self.seconds, 3)}
        failure = {} if self.ok else {"exit_code": int(self.code), "error": self.error}
        return {**facts, **failure, **({} if value is None else {"value": value})}


@attrs.frozen
class FleetRun:
    """Values of the options that all commands of a fleet share."""

    file: Path | None
    groups: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    parallel: int = 16
    deadline: float | None = None
    as_json: bool = False

    def instances(self) -> tuple[Instances, Sequence[str]]:
        """Return the instances of the file, and the names of those that are meant.

        :raises UsageError: there is no such instance or group.
        :raises SettingsError: the file cannot be used.
        """
        if self.groups and self.only:
            raise UsageError("--group and --only exclude each other. Give one of them.")
        named = self.file or os.environ.get(VARIABLE, "").strip() or None
        found = Instances.read(named)
        try:
            return found, found.selected(self.only, self.groups)
        except UnknownInstanceError as error:
            raise UsageError(str(error)) from None

    async def run(self, func: Callable[[str, Halo], Any], **options: Any) -> list[InstanceResult]:
        """Call a function for each instance, and return the results in the order of the file.

        :param func: an async function of a name and a client.
        :param options: of each client, which win over the file.
        """
        instances, names = self.instances()
        show_waits()
        clients, wrong = instances.made(
            names, lambda arguments: _client({**arguments, **options}), environment_variable()
        )
        async with Fleet(clients) as fleet:
            arriving = fleet.stream(func, concurrency=self.parallel, deadline=self.deadline)
            return await _gathered(arriving, names, instances, wrong)

    async def run_without_login(
        self, func: Callable[[str, Profile], Any], *, at_once: bool = False
    ) -> list[InstanceResult]:
        """Call a function for the profile of each instance, and return the results in the order of the file.

        :param func: an async function of a name and a profile.
        :param at_once: call it for all at the same time, whatever `--parallel` says.
        """
        instances, names = self.instances()
        found = {name: instances.profiles[name] for name in names}
        known = {name: profile for name, profile in found.items() if isinstance(profile, Profile)}
        wrong = {name: profile for name, profile in found.items() if not isinstance(profile, Profile)}
        arriving = fleet_results(
            list(known),
            lambda name: func(name, known[name]),
            concurrency=max(1, len(known)) if at_once else self.parallel,
            deadline=self.deadline,
            clock=SystemClock(),
        )
        return await _gathered(arriving, names, instances, wrong)


async def _gathered(
    arriving: AsyncGenerator[Result[Any], None],
    names: Sequence[str],
    instances: Instances,
    wrong: Mapping[str, Exception],
) -> list[InstanceResult]:
    found = {name: _failed(name, instances, error) for name, error in wrong.items()}
    with watched(names) as done:
        for name in wrong:
            done(name)
        async with aclosing(arriving):
            async for result in arriving:
                found[result.name] = _convert_result(result, instances)
                done(result.name)
    return [found[name] for name in names]


def exit_code(results: Sequence[InstanceResult]) -> int:
    """Return 0 if all instances are done, else 5."""
    return Exit.DONE if all(result.ok for result in results) else Exit.INCOMPLETE


def _url(name: str, instances: Instances) -> str | None:
    profile = instances.profiles[name]
    return profile.instance.origin if isinstance(profile, Profile) else None


def _failed(name: str, instances: Instances, error: Exception, seconds: float = 0.0) -> InstanceResult:
    notes: list[str] = getattr(error, "__notes__", [])
    if (own := f"instance {name}") in notes:  # the line of the result names it already
        notes.remove(own)
    code, sentence = explain(error)
    return InstanceResult(name, _url(name, instances), None, code, sentence, seconds)


def _convert_result(result: Any, instances: Instances) -> InstanceResult:
    if result.error is not None:
        return _failed(result.name, instances, result.error, result.seconds)
    value = result.value
    if isinstance(value, Partial):
        return InstanceResult(
            result.name, _url(result.name, instances), value.value, value.code, value.error, result.seconds
        )
    return InstanceResult(result.name, _url(result.name, instances), value, seconds=result.seconds)


@attrs.frozen
class Partial:
    """A value of an instance that is not done."""

    value: Any
    code: int
    error: str


def _client(arguments: Mapping[str, Any]) -> Halo:
    """A client, by the environment's proxy if it has one."""
    from halo_async.transport.proxy import has_environment_proxy

    where = arguments["instance"]
    api_url = (where if isinstance(where, Instance) else Instance.parse(where)).api_url
    return Halo(**{"trust_env": has_environment_proxy(api_url), **arguments})
