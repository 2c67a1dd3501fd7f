"""Conversion of the options of `halo-async profiles add` to the settings of a profile."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from halo_async.auth.login_file import default_path
from halo_async.auth.profiles.file import ProfileFile
from halo_async.cli.chosen_profile import GivenLogin, text_of, variable
from halo_async.cli.connection import named
from halo_async.cli.errors import UsageError
from halo_async.cli.login_profile import check_new_name

if TYPE_CHECKING:
    from halo_async.auth.profiles.editing import Setting


def check_name(name: str, profiles: ProfileFile, *, replace: bool) -> None:
    """Check the name of a profile that is added.

    :raises UsageError: there is one of that name, and it is not to be replaced.
    :raises SettingsError: a login could not be stored under it.
    """
    default_path(name)
    if name not in profiles.tables:
        check_new_name(name, profiles)
    elif not replace:
        raise UsageError(
            f"There is a profile {name!r} already. Give --replace to replace it, or another name."
        )


def settings_of(
    given: GivenLogin, rate_limit: str | None, source: Mapping[str, Setting], groups: Sequence[str]
) -> dict[str, Setting]:
    """Return the settings that were given, or are in the environment.

    :raises UsageError: the instance or the client id is missing.
    """
    wanted = given.completed(None)
    instance, client_id = named(wanted)
    found: dict[str, Setting | None] = {
        "instance": instance.short,
        "client_id": client_id,
        "tenant": wanted.tenant,
        "scope": wanted.scope,
        "auth_url": wanted.auth_url,
        "rate_limit": text_of(rate_limit) or variable("HALO_RATE_LIMIT"),
        **source,
        "groups": list(groups) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def secret_setting(
    name: str, variable: str | None, file: Path | None, command: str | None, *, in_keychain: bool
) -> dict[str, Setting]:
    """Return the setting that names the source of the secret; none for the variable of the profile's name.

    :raises UsageError: several sources are given, or the command is not one.
    """
    given: dict[str, Setting] = {}
    if variable is not None:
        given["client_secret_env"] = variable
    if file is not None:
        given["client_secret_file"] = str(file.absolute())
    if command is not None:
        given["client_secret_command"] = _command(command)
    if in_keychain:
        given["client_secret_keychain"] = name
    if len(given) > 1:
        options = " and ".join(f"--{key.replace('_', '-')}" for key in given)
        raise UsageError(f"{options} exclude each other. Give one of them.")
    return given


def _command(text: str) -> list[str]:
    try:
        parts = shlex.split(text, posix=os.name == "posix")
    except ValueError as error:
        raise UsageError(
            f"--client-secret-command is not a command ({str(error).lower()}). Close the quotes."
        ) from None
    if not parts:
        raise UsageError("--client-secret-command is empty. Give a program and its arguments.")
    return parts
