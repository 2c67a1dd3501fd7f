"""The page of the command line: every command with its options, read from the commands themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from html import escape
from typing import Any

import typer.main

from halo_async.cli.app import app
from website.reference.text import code, front_matter, table


def pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of the page."""
    group: Any = typer.main.get_command(app)
    parts = [
        front_matter(
            "Command reference", "Every command of halo-async with its arguments, options and examples"
        ),
        "# Command reference\n",
        "Every command of `halo-async` as `--help` shows it. Exit codes, configuration and login are explained in "
        "[Command line](../cli.md).\n",
    ]
    for name in sorted(group.commands):
        parts.append(_command(name, group.commands[name]))
    yield "reference/command-line.md", "\n".join(parts)


def _command(name: str, command: Any) -> str:
    prose, example = _help(command)
    lines = [f"{'#' * (2 + name.count(' '))} halo-async {name}\n", prose]
    if example:
        lines.append(f"```sh\n{example}\n```\n")
    rows = [_row(parameter) for parameter in command.params if not getattr(parameter, "hidden", False)]
    if rows:
        lines.append(table(("Argument or option", "Default", "Meaning"), rows))
    lines += [_command(f"{name} {own}", inner) for own, inner in getattr(command, "commands", {}).items()]
    return "\n".join(lines)


def _help(command: Any) -> tuple[str, str]:
    text = inspect.cleandoc(command.help or "").replace("\b\n", "")
    prose, _, example = text.partition("Example:")
    text = escape(prose.strip(), quote=False).replace("[", "\\[")  # [A][B] is a link
    return text + "\n", inspect.cleandoc("\n" + example).strip()


def _row(parameter: Any) -> tuple[str, str, str]:
    if parameter.param_type_name == "argument":
        shown = parameter.metavar or parameter.human_readable_name
    else:
        shown = ", ".join((*parameter.opts, *parameter.secondary_opts))
        if parameter.metavar and not parameter.is_flag:
            shown += f" {parameter.metavar}"
    default = parameter.default
    plain = default is None or callable(default) or default is False or default in ("", (), [])
    told = "" if plain or "Sentinel" in repr(type(default)) or "UNSET" in repr(default) else str(default)
    variable = f" ({code(parameter.envvar)})" if isinstance(parameter.envvar, str) else ""
    said = getattr(parameter, "help", None) or ""
    return code(shown), code(told) if told else "", escape(said, quote=False) + variable
