"""Completion in shells: the words that can follow on a command line, from an index of names that is made beforehand.

Nothing else of the package is imported, since a person waits for each of these calls.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any

VARIABLE = "_HALO_ASYNC_COMPLETE"
"""Set by the scripts of the shells to the shell's name; the arguments are then the words to complete."""
INDEX = Path(__file__).with_name("completion_index.json")


def print_candidates(arguments: Sequence[str]) -> int:
    """Print a candidate per line, with a tab before its description, and nothing else whatever happens."""
    shell = os.environ[VARIABLE]
    try:
        if shell == "bash":
            words, cut = _bash_words(arguments)
        else:
            words, cut = list(arguments), 0
        if shell == "powershell":  # its script marks the last word, so that it is not empty
            words[-1] = words[-1].removeprefix("=")
        lines = [_format_line(value[cut:], said, shell) for value, said in candidates(words)]
        sys.stdout.write("".join(lines))
    except Exception:  # a traceback in the middle of what a person types helps nobody
        return 1
    return 0


def _format_line(value: str, said: str, shell: str) -> str:
    return f"{value}\n" if shell == "bash" or not said else f"{value}\t{said}\n"


def _bash_words(arguments: Sequence[str]) -> tuple[list[str], int]:
    """Return the words of a line up to the cursor, and how much of the last one bash keeps by itself.

    bash ends words at `=` and `:`, too, and replaces only what follows.
    """
    import shlex

    line, point = arguments[0], int(arguments[1])
    text = line[:point]
    splitter = shlex.shlex(text, posix=True, punctuation_chars=False)
    splitter.whitespace_split, splitter.commenters = True, ""
    words = []
    try:
        words = list(splitter)
    except ValueError:  # an open quote
        words = [word.lstrip("'\"") for word in text.split()]
    if not text or text[-1].isspace():
        words.append("")
    last = words[-1]
    breaks = os.environ.get("COMP_WORDBREAKS", "=:")
    return words[1:], max((last.rfind(mark) + 1 for mark in "=:" if mark in breaks), default=0)


def candidates(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what the last word can become, with a description; nothing where files are meant.

    :param words: those after the command's name, up to the cursor.
    """
    index: Mapping[str, Any] = json.loads(INDEX.read_bytes())
    *before, current = words or [""]
    command, rest = _command(before, index)
    options: Mapping[str, Any] = command.get("options", {})
    if rest and (option := _option(rest[-1], options)) is not None and option["kind"] != "flag":
        yield from _complete_values(option["kind"], current, rest, index)
    elif (
        current.startswith("--")
        and "=" in current
        and (option := _option(current.partition("=")[0], options))
    ):
        name, _, value = current.partition("=")
        yield from (
            (f"{name}={found}", said) for found, said in _complete_values(option["kind"], value, rest, index)
        )
    elif current.startswith("-"):
        known = {
            name: option["help"] for name, option in options.items() if name not in rest or option.get("many")
        }
        yield from _starting(known.items(), current)
    else:
        given = _positional(rest, options)
        if not given and (commands := command.get("commands")):
            yield from _starting(((name, one["help"]) for name, one in commands.items()), current)
        kinds = command.get("arguments", [])
        if kinds:
            yield from _complete_values(kinds[min(len(given), len(kinds) - 1)], current, given, index)


def _command(words: Sequence[str], index: Mapping[str, Any]) -> tuple[Mapping[str, Any], list[str]]:
    """Return the command that some words name, and those after it."""
    command, rest = index["root"], list(words)
    while commands := command.get("commands"):
        named = _positional(rest, command.get("options", {}))
        if not named or named[0] not in commands:
            break
        command, rest = commands[named[0]], rest[rest.index(named[0]) + 1 :]
    return command, rest


def _option(word: str, options: Mapping[str, Any]) -> Any:
    return options.get(word) if word.startswith("-") else None


def _positional(words: Sequence[str], options: Mapping[str, Any]) -> list[str]:
    found, skip = [], False
    for word in words:
        option = _option(word, options)
        if skip:
            skip = False
        elif option is not None:
            skip = option["kind"] != "flag"
        elif not word.startswith("-"):
            found.append(word)
    return found


def _starting(known: Iterable[tuple[str, str]], current: str) -> Iterator[tuple[str, str]]:
    return ((value, said) for value, said in known if value.startswith(current))


def _complete_values(
    kind: str, current: str, given: Sequence[str], index: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Yield the values of one kind; none for files, texts and numbers."""
    if kind.startswith("="):
        yield from _starting(((value, "") for value in kind[1:].split("|")), current)
    elif kind == "operation":
        yield from _operations(current, index["operations"])
    elif kind == "parameter":
        yield from _complete_parameters(current, given, index["operations"])
    elif kind == "resource":
        yield from _starting(((name, "") for name in index["lists"]), current)
    elif kind in ("profile", "instance", "group", "resources"):
        several = kind in ("instance", "resources")
        head, comma, last = current.rpartition(",") if several else ("", "", current)
        named = _complete_names(kind, given, index)
        yield from ((f"{head}{comma}{name}", said) for name, said in _starting(named.items(), last))


def _complete_names(kind: str, given: Sequence[str], index: Mapping[str, Any]) -> dict[str, str]:
    if kind == "resources":
        return dict.fromkeys(_resources(index["operations"]), "")
    return _instances(_own_file()) if kind == "profile" else _fleet(given, groups=kind == "group")


def _operations(current: str, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield resources with a dot, then the operations of the one that is written."""
    if "." in current:
        yield from _starting(((name, known[name][0]) for name in known), current)
        return
    yield from ((f"{name}.", "") for name in _resources(known) if name.startswith(current))


def _resources(known: Mapping[str, Any]) -> dict[str, None]:
    return dict.fromkeys(name.partition(".")[0] for name in known)


def _complete_parameters(
    current: str, given: Sequence[str], known: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    operation = given[0] if given and "." in given[0] else f"{given[0]}.list" if given else ""
    names = known.get(operation, ["", []])[1]
    name, equals, value = current.partition("=")
    if equals:
        if f"{name}:bool" in names:
            yield from ((f"{name}={word}", "") for word in ("true", "false") if word.startswith(value))
        return
    used = {word.partition("=")[0] for word in given[1:]}
    for one in names:
        own, _, type = one.partition(":")
        if own.startswith(current) and own not in used:
            yield f"{own}=", type


def _own_file() -> Path:
    home = os.environ.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", "")
    return (Path(home) if home else Path.home() / ".config") / "halo-async" / "profiles.toml"


def _instances(file: Path) -> dict[str, str]:
    return {name: str(table.get("instance", "")) for name, table in _tables(file)}


def _fleet(words: Sequence[str], *, groups: bool) -> dict[str, str]:
    """Return the instances or the groups of the file that the line names."""
    place = words.index("--file") + 1 if "--file" in words[:-1] else None
    named = words[place] if place is not None else os.environ.get("HALO_FLEET")
    file = Path(named) if named else _own_file()
    if not groups:
        return _instances(file)
    return {group: "" for _, table in _tables(file) for group in table.get("groups", [])}


def _tables(file: Path) -> list[tuple[str, Mapping[str, Any]]]:
    import tomllib

    try:
        tables = tomllib.loads(file.read_text("utf-8")).get("instances", {})
    except (OSError, ValueError):
        return []
    return [(name, table) for name, table in tables.items() if isinstance(table, dict)]
