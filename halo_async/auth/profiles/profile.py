"""One table of a file of profiles: an instance, and how to log in to it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.names import did_you_mean
from halo_async._utils.validation import check_seconds
from halo_async.auth.profiles.secret_sources import KINDS, SETTINGS, SecretSource, Variable, own_variable
from halo_async.errors import SettingsError
from halo_async.settings import Instance, RateLimit

TEXTS = ("tenant", "scope", "auth_url", "coordination")
KNOWN = frozenset(
    {
        "instance",
        "client_id",
        "rate_limit",
        "token_store",
        "deadline",
        "measurements",
        "groups",
        *TEXTS,
        *SETTINGS,
    }
)
_OTHER_WORDS = {
    "profile": "measurements",
    "overlay": "measurements",
    "group": "groups",
    "host": "instance",
    "url": "instance",
    **{f"secret_{kind}": f"client_secret_{kind}" for kind in KINDS},
}


@attrs.frozen
class Profile:
    """A named instance with its login. It has no secret, but the place where one is."""

    name: str
    instance: Instance
    client_id: str | None
    """None if only a stored login has it."""
    source: SecretSource | None
    """Place of the client secret; None for the variable of its name, or a stored login."""
    groups: tuple[str, ...] = ()
    options: Mapping[str, Any] = attrs.field(factory=dict)
    """Options of a client: `tenant`, `scope`, `auth_url`, `rate_limit`, `deadline`, `measurements`, `token_store`,
    `coordination`."""

    @property
    def variable(self) -> str:
        """The variable that has the secret if no source is named, such as `HALO_ACME_CLIENT_SECRET`."""
        return own_variable(self.name)

    def secret_source(self, variable: Variable) -> SecretSource | None:
        """Return the named source, or the variable of the profile's name if that is set."""
        if self.source is None and variable(self.variable):
            return SecretSource("env", self.variable, Path())
        return self.source


def profile_of(name: str, table: Mapping[str, Any], defaults: Mapping[str, Any], folder: Path) -> Profile:
    """Return the profile of a table.

    :param name: of the table.
    :param defaults: settings below those of the table.
    :param folder: the folder that paths in it are relative to.
    :raises SettingsError: a setting is unknown, missing or not valid.
    """
    if any(setting in table for setting in SETTINGS):
        defaults = {key: value for key, value in defaults.items() if key not in SETTINGS}
    return _ProfileTable(name, {**defaults, **table}, folder).profile()


class _ProfileTable:
    """The settings of one profile."""

    def __init__(self, name: str, table: Mapping[str, Any], folder: Path) -> None:
        self._name = name
        self._table = table
        self._folder = folder

    def profile(self) -> Profile:
        self._check_names()
        return Profile(
            self._name,
            Instance.parse(self._needed("instance")),
            self._needed("client_id") if "client_id" in self._table else None,
            self._source(),
            self._groups(),
            self._options(),
        )

    def _options(self) -> dict[str, Any]:
        table = self._table
        found: dict[str, Any] = {name: self._needed(name) for name in TEXTS if name in table}
        if "rate_limit" in table:
            found["rate_limit"] = _rate_limit(table["rate_limit"])
        if "deadline" in table:
            found["deadline"] = check_seconds("deadline", table["deadline"])
        if "measurements" in table:
            found["measurements"] = self._folder / self._needed("measurements")
        if "token_store" in table:
            from halo_async.auth.token_stores import FileStore

            found["token_store"] = FileStore(self._folder / self._needed("token_store"))
        return found

    def _source(self) -> SecretSource | None:
        named = [kind for kind in KINDS if f"client_secret_{kind}" in self._table]
        if len(named) > 1:
            raise SettingsError(
                f"{' and '.join(f'client_secret_{kind}' for kind in named)} exclude each other. Keep one of them."
            )
        if not named:
            return None
        return SecretSource.of(named[0], self._table[f"client_secret_{named[0]}"], self._folder)

    def _groups(self) -> tuple[str, ...]:
        groups = self._table.get("groups", [])
        if not isinstance(groups, list) or not all(isinstance(one, str) and one.strip() for one in groups):
            raise SettingsError('groups must be a list of names. Write it as groups = ["production"].')
        return tuple(dict.fromkeys(one.strip() for one in groups))

    def _check_names(self) -> None:
        if "client_secret" in self._table:
            raise SettingsError(
                "client_secret must not be in the file. "
                f"Set {own_variable(self._name)} in the environment, or name a file by client_secret_file, a "
                "program by client_secret_command, or an entry of the keychain by client_secret_keychain."
            )
        for name in sorted(self._table.keys() - KNOWN):
            raise SettingsError(
                f"There is no setting {name!r}{did_you_mean(name, KNOWN, _OTHER_WORDS) or '.'}"
            )

    def _needed(self, name: str) -> str:
        value = self._table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise SettingsError(f"{name} is missing. Give it as a string.")
        return value.strip()


def _rate_limit(value: Any) -> RateLimit | None:
    try:
        return RateLimit.parse(value if isinstance(value, str) and value.strip() else "?")
    except SettingsError:
        raise SettingsError(
            'rate_limit must be "REQUESTS/SECONDS", for example "300/300", or "none".'
        ) from None
