"""The profile that `halo-async login --profile` logs in to, or adds."""

from __future__ import annotations

from halo_async.auth.profiles.editing import add_profile
from halo_async.auth.profiles.file import ProfileFile, default_file
from halo_async.auth.profiles.profile import Profile
from halo_async.auth.stored_login import WantedLogin
from halo_async.cli.chosen_profile import VARIABLES, GivenLogin, text_of
from halo_async.cli.errors import UsageError


def known_profile(name: str, given: GivenLogin) -> Profile | None:
    """Return a profile that a person can log in to; None if there is none of that name.

    :raises UsageError: it has a secret, or the options differ from it.
    :raises SettingsError: it is not valid, or its name differs from another only in case.
    """
    profiles = ProfileFile.own()
    if name not in profiles.tables:
        check_new_name(name, profiles)
        return None
    found = profiles.profile(name)
    if found.source is not None:
        raise UsageError(
            f"The profile {name!r} logs in by the secret of its {found.source.description}. Give the login of a person"
            " another --profile."
        )
    known = {**found.options, "client_id": found.client_id}
    for option in VARIABLES:
        value = text_of(getattr(given, option))
        if value and known.get(option) not in (None, value):
            raise UsageError(
                f"The profile {name!r} has {option} {known[option]!r}. Leave out --{option.replace('_', '-')}, or name"
                " another --profile."
            )
    return found


def check_new_name(name: str, profiles: ProfileFile) -> None:
    """Check a new name: its login is a file, and some systems do not tell case apart.

    :raises UsageError: it differs from another name only in case.
    """
    if near := [known for known in profiles.tables if known.lower() == name.lower() and known != name]:
        raise UsageError(f"There is a profile {near[0]!r} already. Use that, or give another name.")


def add_after_login(name: str, wanted: WantedLogin) -> str:
    """Add the profile of a login that succeeded, and return the sentence that says so."""
    found = {
        "instance": wanted.instance.short if wanted.instance else None,
        "client_id": wanted.client_id,
        "tenant": wanted.tenant,
        "scope": wanted.scope,
        "auth_url": wanted.auth_url,
    }
    add_profile(default_file(), name, {key: value for key, value in found.items() if value})
    return f"profile {name} is added to {default_file()}"
