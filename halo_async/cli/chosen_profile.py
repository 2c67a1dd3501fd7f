"""The profile that a command uses, and how it, the options and the environment complete one another."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import attrs

from halo_async.auth.profiles.file import ProfileFile, chosen_name
from halo_async.auth.profiles.profile import Profile
from halo_async.auth.stored_login import WantedLogin
from halo_async.cli.errors import UsageError
from halo_async.settings import Instance

VARIABLES = {
    "client_id": "HALO_CLIENT_ID",
    "tenant": "HALO_TENANT",
    "scope": "HALO_SCOPE",
    "auth_url": "HALO_AUTH_URL",
}


@attrs.frozen
class GivenLogin:
    """The options that say whose login is meant, as given."""

    instance: str | None = None
    client_id: str | None = None
    tenant: str | None = None
    scope: str | None = None
    auth_url: str | None = None
    profile: str | None = None

    def completed(self, profile: Profile | None) -> WantedLogin:
        """Return the options, completed by a profile; by the environment if there is no profile.

        A profile is not mixed with variables: they may be those of another instance. A blank option is one that was
        given, so that `--tenant ""` means none.

        :raises UsageError: `--instance` is blank, as from a variable of a script that is not set.
        """
        if self.instance is not None and not text_of(self.instance):
            raise UsageError(
                "Missing --instance (or HALO_INSTANCE): the option is empty. Give a host name, or leave it out."
            )
        if profile is None:
            known = {name: variable(VARIABLES[name]) for name in VARIABLES}
            where = _given(self.instance, variable("HALO_INSTANCE"))
            return WantedLogin(Instance.parse(where) if where else None, **self._over(known))
        return WantedLogin(
            profile.instance, **self._over({**profile.options, "client_id": profile.client_id})
        )

    def _over(self, known: Mapping[str, Any]) -> dict[str, Any]:
        return {name: _given(getattr(self, name), known.get(name)) for name in VARIABLES}


def profile_for(given: GivenLogin, *, alone: bool) -> Profile | None:
    """Return the profile that is named, or the default one if nothing else says whose login is meant.

    :param alone: True if neither a secret nor a stored login is named.
    :raises SettingsError: there is no such profile, or it is not valid.
    :raises UsageError: the options name another instance.
    """
    name = chosen_name(given.profile)
    if name is None and not (alone and given.completed(None) == WantedLogin()):
        return None
    profiles = ProfileFile.own()
    if (name := name or profiles.default) is None:
        return None
    found = profiles.profile(name)
    where = text_of(given.instance)
    if where and Instance.parse(where) != found.instance:
        raise UsageError(
            f"--instance names another instance than the profile {name!r}, which has {found.instance.origin}."
            " Leave one of them out."
        )
    return found


def _given(option: str | None, otherwise: str | None) -> str | None:
    return otherwise if option is None else text_of(option)


def text_of(value: str | None) -> str | None:
    """Return a text without the blanks around it; None if nothing is left."""
    return (value or "").strip() or None


def variable(name: str) -> str | None:
    """Return a variable of the environment; None if it is not set, or blank."""
    return text_of(os.environ.get(name))
