"""Changes to a file of profiles that leave all else in it as its user wrote it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from halo_async.auth.private_files import FileLock, write_private
from halo_async.errors import SettingsError

Setting = str | float | Sequence[str]
Content = dict[str, Any]

_BARE = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_HEADER = re.compile(r"[ \t]*\[")
_DEFAULT = re.compile(r"[ \t]*(?:default|\"default\"|'default')[ \t]*=")


def add_profile(path: Path, name: str, settings: Mapping[str, Setting]) -> None:
    """Add a table, or replace that of the same name.

    :param settings: those of the table.
    :raises SettingsError: the file cannot be changed.
    """

    def added(text: str, content: Content) -> str:
        tables = content.setdefault("instances", {})
        if name in tables:
            text = _without_table(text, name)
        tables[name] = {
            key: value if isinstance(value, str | float | int) else list(value)
            for key, value in settings.items()
        }
        table = [
            f"[instances.{_format_key(name)}]",
            *(f"{key} = {_format_value(value)}" for key, value in settings.items()),
        ]
        return "\n\n".join(filter(None, (text.rstrip(), "\n".join(table)))) + "\n"

    _change(path, added)


def remove_profile(path: Path, name: str) -> None:
    """Remove a table, and the default if it is its name.

    :raises SettingsError: the file cannot be changed.
    """

    def removed(text: str, content: Content) -> str:
        del content["instances"][name]
        if not content["instances"]:
            del content["instances"]
        if content.get("default") == name:
            del content["default"]
            text = _without_default(text)
        return _without_table(text, name).lstrip("\n")

    _change(path, removed)


def set_default(path: Path, name: str | None) -> None:
    """Name the default profile; None for none.

    :raises SettingsError: the file cannot be changed.
    """

    def named(text: str, content: Content) -> str:
        content.pop("default", None)
        text = _without_default(text)
        if name is None:
            return text.lstrip("\n")
        content["default"] = name
        return f"default = {_format_value(name)}\n{text if text.startswith(chr(10)) else chr(10) + text}"

    _change(path, named)


def _change(path: Path, edit: Callable[[str, Content], str]) -> None:
    """Edit a file as text. What its content shall be is worked out beside it, and has to come out of the new text."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock.take(path.with_name(f"{path.name}.lock"))
    if lock is None:
        raise SettingsError(f"Another process is changing {path}. Run the command again.")
    try:
        text = _read_text(path)
        content = tomllib.loads(text)
        new = edit(text, content)
        if _parse_toml(new) != content:
            raise SettingsError(f"{path} is written in a way that cannot be changed here. Edit it yourself.")
        write_private(path, new.encode())
    finally:
        lock.let_go()


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return ""


def _parse_toml(text: str) -> Content | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _without_table(text: str, name: str) -> str:
    """Return the text without a table; comments between its last setting and the next header stay."""
    kept: list[str] = []
    comments: list[str] = []
    inside = False
    for line in _split_lines(text):
        if _HEADER.match(line):
            kept += _without_blanks_before(comments)
            comments, inside = [], _is_header_of(line, name)
        if not inside:
            kept.append(line)
        elif not line.strip() or line.lstrip().startswith("#"):
            comments.append(line)
        else:
            comments = []
    return "".join(kept + _without_blanks_before(comments))


def _without_blanks_before(lines: list[str]) -> list[str]:
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    return lines[first:]


def _split_lines(text: str) -> list[str]:
    """Return the lines of a text: those of TOML end by a line feed alone."""
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n")] if text else []


def _is_header_of(line: str, name: str) -> bool:
    table = _parse_toml(line)
    return table == {"instances": {name: {}}}


def _without_default(text: str) -> str:
    """Return the text without the line of the default, which is above all tables."""
    lines = _split_lines(text)
    first = next((number for number, line in enumerate(lines) if _HEADER.match(line)), len(lines))
    return "".join(line for number, line in enumerate(lines) if number > first or not _DEFAULT.match(line))


def _format_key(name: str) -> str:
    return name if _BARE(name) else _format_value(name)


def _format_value(value: Setting) -> str:
    if isinstance(value, float | int):
        return f"{value:g}"
    text = json.dumps(value if isinstance(value, str) else list(value), ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")  # the one control character that JSON leaves as it is
