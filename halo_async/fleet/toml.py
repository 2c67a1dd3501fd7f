"""Clients from a TOML file of instances, whose form is that of the user's profiles."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import attrs

from halo_async._utils.names import did_you_mean
from halo_async.auth.profiles.arguments import client_arguments
from halo_async.auth.profiles.file import ProfileFile
from halo_async.auth.profiles.profile import Profile
from halo_async.auth.profiles.secret_sources import Variable
from halo_async.errors import AuthenticationError, SettingsError, UnknownInstanceError

T = TypeVar("T")
_SHOWN = 12


@attrs.frozen
class Instances:
    """The instances of a file, each looked at by itself."""

    file: ProfileFile
    profiles: Mapping[str, Profile | SettingsError]
    """Each profile by its name, or the error that it has."""

    @classmethod
    def read(cls, path: str | os.PathLike[str] | None) -> Instances:
        """Return the instances of a file.

        :param path: of the file; None for the user's own profiles.
        :raises SettingsError: it cannot be read, or has no instances.
        """
        file = ProfileFile.of_fleet(path)
        return cls(file, {name: _profile_or_error(file, name) for name in file.tables})

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """Names of instances by group."""
        found: dict[str, list[str]] = {}
        for name, profile in self.profiles.items():
            for group in profile.groups if isinstance(profile, Profile) else ():
                found.setdefault(group, []).append(name)
        return {group: tuple(names) for group, names in found.items()}

    def selected(self, only: Iterable[str] = (), groups: Iterable[str] = ()) -> Sequence[str]:
        """Return the names of some instances, in the order of the file; all if nothing is named.

        One with a mistake belongs to each group: nobody can tell.

        :param only: names of instances.
        :param groups: names of groups.
        :raises UnknownInstanceError: there is no such instance or group.
        """
        known = self.groups
        for name in only:
            if name not in self.profiles:
                raise UnknownInstanceError(f"The fleet has no instance {name!r}{_near(name, self.profiles)}")
        for group in groups:
            if group not in known:
                raise UnknownInstanceError(f"The fleet has no group {group!r}{_groups(group, known)}")
        wanted = {*only, *(name for group in groups for name in known[group])}
        if not wanted:
            return list(self.profiles)
        broken = {
            name for name, profile in self.profiles.items() if groups and not isinstance(profile, Profile)
        }
        return [name for name in self.profiles if name in wanted | broken]

    def made(
        self, names: Iterable[str], make: Callable[[Mapping[str, Any]], T], variable: Variable
    ) -> tuple[dict[str, T], dict[str, Exception]]:
        """Make something of the client's arguments of each instance; return it, and the errors of the others.

        :param make: raises `SettingsError` if an argument is not valid.
        :param variable: reads the environment.
        """
        found: dict[str, T] = {}
        wrong: dict[str, Exception] = {}
        for name in names:
            profile = self.profiles[name]
            try:
                if not isinstance(profile, Profile):
                    raise profile
                found[name] = make(client_arguments(profile, variable))
            except (SettingsError, AuthenticationError) as error:
                wrong[name] = error
        return found, wrong


def _profile_or_error(file: ProfileFile, name: str) -> Profile | SettingsError:
    try:
        return file.profile(name)
    except SettingsError as error:
        return error


def _near(name: str, known: Iterable[str]) -> str:
    names = sorted(known)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return did_you_mean(name, names) or f". Name one of {', '.join(names[:_SHOWN])}{more}."


def _groups(group: str, known: Iterable[str]) -> str:
    if known := list(known):
        return _near(group, known)
    return ', since no instance has groups. Add them to an instance as groups = ["production"].'


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

    found = Instances.read(path)
    made, wrong = found.made(
        found.profiles, lambda arguments: (client or Halo)(**{**arguments, **options}), variable
    )
    if wrong:
        told = (f"{name}: {error}" for name, error in wrong.items())
        raise SettingsError(" ".join((f"{found.file.path} is not valid.", *told)))
    return made, found.groups
