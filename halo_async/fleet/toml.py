"""Clients from a TOML file of instances, whose form is that of the user's profiles."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from halo_async.auth.profiles.arguments import client_arguments
from halo_async.auth.profiles.file import ProfileFile
from halo_async.auth.profiles.secret_sources import Variable
from halo_async.errors import AuthenticationError, SettingsError


def clients_from(
    path: str | os.PathLike[str] | None,
    variable: Variable,
    client: type[Any] | None,
    options: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, tuple[str, ...]]]:
    """Return the clients by name, and the names by group.

    :param path: of the file; None for the user's own profiles.
    :raises SettingsError: naming all that is wrong in the file and in what it refers to.
    """
    from halo_async.client import Halo

    file = ProfileFile.of_fleet(path)
    made, groups, wrong = {}, {}, []
    for name in file.tables:
        try:
            profile = file.profile(name)
            made[name] = (client or Halo)(**{**client_arguments(profile, variable), **options})
            groups[name] = profile.groups
        except (SettingsError, AuthenticationError) as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise SettingsError(" ".join((f"{file.path} is not valid.", *wrong)))
    return made, names_by_group(groups)


def names_by_group(groups: Mapping[str, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    """Return the names of the instances in each group.

    :param groups: the groups of each instance.
    """
    found: dict[str, list[str]] = {}
    for name, own in groups.items():
        for group in own:
            found.setdefault(group, []).append(name)
    return {group: tuple(names) for group, names in found.items()}
