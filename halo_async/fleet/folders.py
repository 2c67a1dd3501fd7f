"""Folders of the instances in the exports of a fleet."""

from __future__ import annotations

import re
from collections.abc import Iterable

from halo_async.errors import SettingsError

_FOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")


def folders_of(names: Iterable[str], out: str) -> dict[str, str]:
    """Return the folder of each instance's export: `instance=NAME`, in the manner of Hive.

    :param out: the folder that they are in.
    :raises SettingsError: a name cannot be part of a folder's name, or two differ only in case.
    """
    found = {name: f"{out.rstrip('/')}/{_name_folder(name)}" for name in names}
    if len({folder.casefold() for folder in found.values()}) < len(found):
        raise SettingsError(
            "The names of two instances differ only in case, and folders must not. Rename one."
        )
    return found


def _name_folder(name: str) -> str:
    if not _FOLDER.fullmatch(name):
        raise SettingsError(f"{name!r} is not a valid folder name. Use letters, digits, dots, - and _.")
    return f"instance={name}"
