"""Commands as typer sees them, imported when they are looked for: `--help` and each command must start fast.

A list of commands says where each is and has its line of the help, so that showing the list imports none of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from importlib import import_module
from inspect import cleandoc
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from halo_async.cli.errors import Exit

NAME = "halo-async"
COMMAND = "halo\u2011async"
"""The name with a hyphen at which no line of help is broken; the help has the usual one in its place."""


class Listed(NamedTuple):
    """A line of a list of commands."""

    place: str
    """`module:function` below `halo_async.cli`; `module` alone for a group, which has `HELP` and `COMMANDS`."""
    summary: str
    """The first sentence of the command's help."""


class Command(TyperCommand):
    """A command whose name is not broken over two lines of its help."""

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return super().get_help(ctx).replace(COMMAND, NAME)


class Commands(Mapping[str, Any]):
    """The commands of a list by name; each is made when it is looked for."""

    def __init__(self, table: Mapping[str, Listed]) -> None:
        self._table = table
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = _load_command(name, self._table[name].place)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)


class Group(TyperGroup):
    """A command with a list of commands."""

    table: Mapping[str, Listed] = {}
    """The list; typer makes the objects of this class, so each group has a class of its own (`group_of`)."""
    _loaded: Commands | None = None

    @property
    def commands(self) -> Any:
        """The commands by name."""
        if self._loaded is None:
            self._loaded = Commands(self.table)
        return self._loaded

    @commands.setter
    def commands(self, value: Mapping[str, Any]) -> None:
        """Typer has none to set."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Return the names, in the order of the list."""
        return [*self.table]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the list without a look at the commands."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in self.table.items()])

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return super().get_help(ctx).replace(COMMAND, NAME)


def group_of(table: Mapping[str, Listed]) -> type[Group]:
    """Return the class of a group with these commands."""
    return type("Group", (Group,), {"table": table})


def function_at(place: str) -> Callable[..., int]:
    """Import the function of a command."""
    module, _, name = place.partition(":")
    found: Callable[..., int] = getattr(import_module(f"halo_async.cli.{module}"), name)
    return found


def mute() -> None:
    """Discard further output after the reader has closed the pipe: Python's flush at exit must not fail."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _load_command(name: str, place: str) -> Any:
    app = typer.Typer(rich_markup_mode=None, add_completion=False)
    if ":" in place:
        _add_function(app, name, function_at(place))
    else:
        module = import_module(f"halo_async.cli.{place}")
        app = typer.Typer(
            name=name,
            rich_markup_mode=None,
            add_completion=False,
            no_args_is_help="list" not in module.COMMANDS,
        )
        _add_list(app, module.HELP, module.COMMANDS)
    return typer.main.get_command(app)


def _add_function(app: typer.Typer, name: str, function: Callable[..., int]) -> None:
    """Convert a docstring to help; lines of its example are not wrapped (see the control character)."""
    text, _, example = cleandoc(function.__doc__ or "").replace(NAME, COMMAND).partition("\n\nExample")
    add = app.command(
        name, cls=Command, help=text, short_help=text.partition("\n")[0], epilog=f"\b\nExample{example}"
    )
    add(_quiet(function))


def _add_list(app: typer.Typer, text: str, table: Mapping[str, Listed]) -> None:
    """Add a list of commands; without one it runs `list`, if there is one."""

    def options(context: typer.Context) -> int | None:
        if context.invoked_subcommand is None and "list" in table:
            return function_at(table["list"].place)()
        return None

    add = app.callback(
        cls=group_of(table),
        help=text,
        short_help=text.partition("\n")[0],
        invoke_without_command="list" in table,
    )
    add(options)


def _quiet(command: Callable[..., int]) -> Callable[..., int]:
    """Treat a closed pipe (`| head`) as success: typer would report a failure."""

    @wraps(command)
    def run(*args: Any, **options: Any) -> int:
        try:
            return command(*args, **options)
        except BrokenPipeError:
            mute()
            return Exit.DONE

    return run
