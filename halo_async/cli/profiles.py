"""`halo-async profiles`: named logins of this user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from halo_async.cli.commands import Listed
from halo_async.cli.errors import Exit, UsageError, remark
from halo_async.cli.options import (
    AuthUrlOption,
    ClientIdOption,
    InstanceOption,
    RateLimitOption,
    ScopeOption,
    TenantOption,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from halo_async.auth.profiles.file import ProfileFile

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="Name of the profile.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def list_profiles(as_json: JsonOption = False) -> int:
    """List the profiles: instance, groups, and where the secret comes from.

    No secret is read, and none is shown. The default profile is marked with an asterisk.

    Example:
      halo-async profiles list --json
    """
    from halo_async.auth.profiles.file import ProfileFile
    from halo_async.cli.profile_facts import facts_of, print_facts

    profiles = ProfileFile.own()
    found = [facts_of(name, profiles) for name in profiles.tables]
    if as_json:
        _print_json(found)
    elif found:
        print_facts(found)
    else:
        remark(f"No profiles are in {profiles.path}. Add one with `halo-async profiles add NAME`.")
    if profiles.lost_default:
        remark(profiles.lost_default)
    return Exit.DONE


def show_profile(name: NameArgument, as_json: JsonOption = False) -> int:
    """Show one profile.

    Example:
      halo-async profiles show acme
    """
    from halo_async.auth.profiles.file import ProfileFile
    from halo_async.cli.output import clean
    from halo_async.cli.profile_facts import facts_of

    profiles = ProfileFile.own()
    profiles.profile(name)
    found = facts_of(name, profiles)
    if as_json:
        _print_json(found)
        return Exit.DONE
    for key, value in found.items():
        if value not in (None, [], ""):
            said = ", ".join(value) if isinstance(value, list) else value
            print(f"{key:<15}{clean(str(said))}")
    return Exit.DONE


def add(
    name: NameArgument,
    instance: InstanceOption = None,
    client_id: ClientIdOption = None,
    secret_env: Annotated[
        str | None,
        typer.Option("--client-secret-env", metavar="NAME", help="The secret is in this variable."),
    ] = None,
    secret_file: Annotated[
        Path | None,
        typer.Option("--client-secret-file", metavar="FILE", help="The secret is in this file, alone."),
    ] = None,
    secret_command: Annotated[
        str | None,
        typer.Option(
            "--client-secret-command",
            metavar="COMMAND",
            help="A program prints the secret, such as 'op read op://Private/Halo/secret'. No shell runs it.",
        ),
    ] = None,
    secret_keychain: Annotated[
        bool,
        typer.Option(
            "--client-secret-keychain", help="Ask for the secret, and store it in the system's keychain."
        ),
    ] = False,
    tenant: TenantOption = None,
    auth_url: AuthUrlOption = None,
    scope: ScopeOption = None,
    rate_limit: RateLimitOption = None,
    groups: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--group", metavar="GROUP", help="Group of the fleet that it is in; may be repeated."),
    ] = None,
    is_default: Annotated[bool, typer.Option("--default", help="Use it where no profile is named.")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="Replace the profile of that name.")] = False,
) -> int:
    """Add a profile; nothing is sent.

    The file names the place of the secret and never has the secret itself. Without a --client-secret
    option it is read from HALO_NAME_CLIENT_SECRET, or `halo-async login --profile NAME` stores a login.

    Example:
      halo-async profiles add acme --instance acme.halopsa.com --client-id ID
    """
    from halo_async.auth.profiles.editing import add_profile, set_default
    from halo_async.auth.profiles.file import ProfileFile
    from halo_async.auth.profiles.profile import profile_of
    from halo_async.cli.chosen_profile import GivenLogin
    from halo_async.cli.profile_settings import check_name, secret_setting, settings_of

    profiles = ProfileFile.own()
    check_name(name, profiles, replace=replace)
    source = secret_setting(name, secret_env, secret_file, secret_command, in_keychain=secret_keychain)
    given = GivenLogin(instance, client_id, tenant, scope, auth_url)
    settings = settings_of(given, rate_limit, source, groups or [])
    profile_of(name, settings, {}, profiles.path.parent)
    if secret_keychain:
        from halo_async.auth.profiles.keychain import write_to_keychain
        from halo_async.cli.client_secret import secret_from_stdin

        write_to_keychain(name, secret_from_stdin())
    add_profile(profiles.path, name, settings)
    if is_default:
        set_default(profiles.path, name)
    print(f"profile {name} is in {profiles.path}")
    _say_what_lacks(name)
    return Exit.DONE


def remove(name: NameArgument) -> int:
    """Remove a profile, and the login that is stored for it.

    A secret in the keychain, in a file or in the environment stays where it is.

    Example:
      halo-async profiles remove acme
    """
    from halo_async.auth.login_file import default_path
    from halo_async.auth.login_file import remove as remove_login
    from halo_async.auth.profiles.editing import remove_profile
    from halo_async.auth.profiles.file import ProfileFile
    from halo_async.errors import SettingsError

    profiles = ProfileFile.own()
    if name not in profiles.tables:
        profiles.profile(name)
    remove_profile(profiles.path, name)
    print(f"profile {name} is removed from {profiles.path}")
    try:
        if remove_login(path := default_path(name)):
            print(f"logged out: {path} is deleted")
    except SettingsError as error:
        remark(str(error))
    return Exit.DONE


def default(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="The profile; the default is shown without one.")
    ] = None,
    none: Annotated[bool, typer.Option("--none", help="Have no default profile.")] = False,
) -> int:
    """Show or choose the profile that is used where neither a profile nor an instance is named.

    Example:
      halo-async profiles default acme
    """
    from halo_async.auth.profiles.editing import set_default
    from halo_async.auth.profiles.file import ProfileFile

    if name is not None and none:
        raise UsageError("NAME and --none exclude each other. Give one of them.")
    profiles = ProfileFile.own()
    if name is None and not none:
        if profiles.lost_default:
            raise UsageError(profiles.lost_default)
        print(profiles.default) if profiles.default else remark("No profile is the default.")
        return Exit.DONE
    if name is not None:
        profiles.profile(name)
    set_default(profiles.path, name)
    print(f"the default profile is {name}" if name else "no profile is the default")
    return Exit.DONE


def _print_json(found: Any) -> None:
    import json

    print(json.dumps(found, indent=2, ensure_ascii=False))


def _say_what_lacks(name: str) -> None:
    """Say what the new profile needs before it can be used."""
    from halo_async.auth.profiles.file import ProfileFile
    from halo_async.cli.profile_facts import facts_of

    profiles: ProfileFile = ProfileFile.own()
    facts: Mapping[str, Any] = facts_of(name, profiles)
    if facts["lacks"]:
        remark(facts["lacks"])


COMMANDS = {
    "list": Listed(
        "profiles:list_profiles", "List the profiles: instance, groups, and where the secret comes from."
    ),
    "show": Listed("profiles:show_profile", "Show one profile."),
    "add": Listed("profiles:add", "Add a profile; nothing is sent."),
    "remove": Listed("profiles:remove", "Remove a profile, and the login that is stored for it."),
    "default": Listed(
        "profiles:default",
        "Show or choose the profile that is used where neither a profile nor an instance is named.",
    ),
}
HELP = """Named logins, shared with `fleet`: instances, hosts, and where each secret comes from.

They are in one TOML file in your settings folder. Commands take one by --profile NAME or HALO_PROFILE, Python
by Halo.from_profile("NAME"). Without a command the profiles are listed.
"""
