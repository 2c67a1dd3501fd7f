"""From a profile to the arguments of a client."""

from __future__ import annotations

from typing import Any

from halo_async.auth.login_file import StoredLogin, default_path
from halo_async.auth.profiles.file import ProfileFile, chosen_name
from halo_async.auth.profiles.profile import Profile
from halo_async.auth.profiles.secret_sources import Variable, environment_variable
from halo_async.auth.stored_login import WantedLogin, stored_arguments, usable_login
from halo_async.errors import SettingsError


def client_arguments(profile: Profile, variable: Variable) -> dict[str, Any]:
    """Return the arguments of a client's constructor.

    :param variable: reads the environment.
    :raises SettingsError: there is no secret and no stored login, or one cannot be read.
    :raises AuthenticationError: the stored login has expired.
    """
    source = profile.secret_source(variable)
    if source is None:
        return {**profile.options, **_stored(profile)}
    if profile.client_id is None:
        raise SettingsError("client_id is missing. Give it as a string.")
    credentials = source.credentials(profile.client_id, variable)
    return {"instance": profile.instance, "credentials": credentials, **profile.options}


def stored_login_of(profile: Profile, wanted: WantedLogin | None = None) -> StoredLogin | None:
    """Return the login that `halo-async login --profile` stored, if it is that of this profile.

    :param wanted: what it has to match; what the profile says by default.

    :raises SettingsError: its file cannot be used.
    :raises AuthenticationError: it has expired.
    """
    try:
        path = default_path(profile.name)
    except SettingsError:  # a name that no login can be stored under
        return None
    return usable_login(path, wanted or wanted_by(profile), profile.name)


def wanted_by(profile: Profile) -> WantedLogin:
    """Return what a stored login of a profile has to match."""
    given = {name: profile.options.get(name) for name in ("tenant", "scope", "auth_url")}
    return WantedLogin(profile.instance, profile.client_id, **given)


def _stored(profile: Profile) -> dict[str, Any]:
    kept = stored_login_of(profile)
    if kept is None and profile.client_id is None:
        raise SettingsError("client_id is missing. Give it as a string.")
    if kept is None:
        raise SettingsError(
            f"The environment lacks {profile.variable}. Set it, name another source of the secret, such as"
            f" client_secret_file, or run `halo-async login --profile {profile.name}`."
        )
    return stored_arguments(kept)


def from_profile(name: str | None) -> dict[str, Any]:
    """Return the arguments of a client by a profile of the user.

    :param name: of the profile; None for that in `HALO_PROFILE`, or the default of the file.
    :raises SettingsError: there is no such profile, or it is not valid.
    :raises AuthenticationError: its stored login has expired.
    """
    profiles = ProfileFile.own()
    chosen = chosen_name(name) or profiles.default
    if chosen is None:
        raise SettingsError(
            "No profile is given, and there is no default. Name one, set HALO_PROFILE, or choose the default by"
            " `halo-async profiles default NAME`."
        )
    try:
        return client_arguments(profiles.profile(chosen), environment_variable())
    except SettingsError as error:
        if chosen not in profiles.tables:
            raise
        raise SettingsError(f"The profile {chosen!r} cannot be used. {error}") from None
