"""Options that the commands of `halo-async fleet` share."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from halo_async.cli.log_output import LogOption
from halo_async.cli.options import hints_of, with_options

if TYPE_CHECKING:
    from halo_async.cli.fleet.running import FleetRun

PARALLEL = 16
"""Instances at a time: one that is slow takes its own place only."""


def _fleet(
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="TOML file of the instances (HALO_FLEET). Default: your profiles."
        ),
    ] = None,
    groups: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--group", metavar="GROUP", help="Only instances of this group; may be repeated."),
    ] = None,
    only: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--only", metavar="NAME,...", help="Only these instances; may be repeated."),
    ] = None,
    parallel: Annotated[
        int, typer.Option("--parallel", metavar="N", min=1, help="Instances at a time.")
    ] = PARALLEL,
    deadline: Annotated[
        float | None,
        typer.Option("--deadline", metavar="SECONDS", help="Time limit for each instance. Default: none."),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a JSON list with an object per instance.")
    ] = False,
    log: LogOption = None,
) -> FleetRun:
    """The options of every command of a fleet, and the object built from them."""
    from halo_async.cli.errors import option_names
    from halo_async.cli.fleet.running import FleetRun

    names = option_names("--only", only)
    return FleetRun(file, tuple(groups or ()), names, parallel, deadline, as_json)


def like_the_one(
    one: Callable[..., int], leaving: Collection[str] = ()
) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command the options of that for one instance, which it takes as keywords.

    :param one: the command for one instance.
    :param leaving: parameters of it that the command lacks, beside `connection`.
    """
    inner = inspect.unwrap(one)

    def changed(command: Callable[..., int]) -> Callable[..., int]:
        hints = hints_of(inner)
        own = inspect.signature(command).parameters["fleet"]
        lacking = {"connection", *leaving}
        taken = [item for name, item in inspect.signature(inner).parameters.items() if name not in lacking]
        command.__signature__ = inspect.Signature([own, *taken])  # type: ignore[attr-defined]
        command.__annotations__ |= {item.name: hints[item.name] for item in taken}
        return command

    return changed


def over_fleet(command: Callable[..., int]) -> Callable[..., int]:
    """Wrap a command whose parameter `fleet` is built from the options of a fleet and replaces them."""
    return with_options(command, _fleet, "fleet")
