"""Facts about profiles, as `halo-async profiles` shows them; no secret is read for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async.auth.profiles.arguments import stored_login_of
from halo_async.auth.profiles.file import ProfileFile
from halo_async.auth.profiles.profile import Profile
from halo_async.auth.profiles.secret_sources import SecretSource, environment_variable
from halo_async.cli.errors import remark
from halo_async.cli.output import OutputTable
from halo_async.errors import AuthenticationError, SettingsError

COLUMNS = ("name", "instance", "secret", "groups")


def facts_of(name: str, profiles: ProfileFile) -> dict[str, Any]:
    """Return what is known of a profile, with what it lacks to be used."""
    facts: dict[str, Any] = {"name": name, "default": name == profiles.default}
    try:
        found = profiles.profile(name)
    except SettingsError as error:
        return {
            **facts,
            "instance": None,
            "client_id": None,
            "secret": None,
            "groups": [],
            "lacks": str(error),
        }
    secret, lacks = _find_secret(found)
    options = {key: found.options.get(key) for key in ("tenant", "scope", "auth_url")}
    return {
        **facts,
        "instance": found.instance.short,
        "client_id": found.client_id,
        **{key: value for key, value in options.items() if value is not None},
        "secret": secret,
        "groups": list(found.groups),
        "lacks": lacks,
    }


def _find_secret(profile: Profile) -> tuple[str | None, str | None]:
    """Return where the secret comes from, and what to do if it is not there."""
    variable = environment_variable()
    source = profile.secret_source(variable)
    if source is not None:
        there = source.is_there(variable)
        return source.description, None if there is not False else _mend(source)
    try:
        if stored_login_of(profile) is not None:
            return "stored login", None
    except (AuthenticationError, SettingsError) as error:
        return "stored login", str(error)
    return None, f"Set {profile.variable}, or run `halo-async login --profile {profile.name}`."


def _mend(source: SecretSource) -> str:
    return (
        f"Set {source.value}."
        if source.kind == "env"
        else f"There is no file {source.value}. Put the secret there."
    )


def print_facts(found: Sequence[Mapping[str, Any]]) -> None:
    """Print a table of profiles, and beneath it what some of them lack."""
    table = OutputTable(COLUMNS, prose=("secret", "groups"))
    for facts in found:
        mark = "*" if facts["default"] else ""
        groups = ", ".join(facts["groups"])
        table.add(f"{facts['name']}{mark}", facts["instance"] or "-", facts["secret"] or "-", groups)
    table.print()
    for facts in found:
        if facts["lacks"]:
            remark(f"{facts['name']}: {facts['lacks']}")
