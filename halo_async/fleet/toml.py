"""Clients from a TOML file. Secrets come from the environment or from files of their own."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from halo_async._utils.names import did_you_mean
from halo_async._utils.secret import Secret
from halo_async._utils.secret_file import read_secret_file
from halo_async._utils.validation import check_seconds
from halo_async.errors import SettingsError
from halo_async.settings import ClientCredentials, RateLimit

_TEXTS = ("tenant", "scope", "auth_url")
_KNOWN = {
    "instance",
    "client_id",
    "client_secret_env",
    "client_secret_file",
    "rate_limit",
    "token_store",
    "deadline",
    "measurements",
    *_TEXTS,
}


def clients_from(
    path: str | os.PathLike[str],
    variable: Callable[[str], Secret],
    client: type[Any] | None,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the clients by name.

    :raises SettingsError: naming all that is wrong in the file and in what it refers to.
    """
    from halo_async.client import Halo

    file = Path(path)
    defaults, tables = _tables(file)
    made, wrong = {}, []
    for name, table in tables.items():
        try:
            arguments = _Reader(name, {**defaults, **table}, file.parent, variable).arguments()
            made[name] = (client or Halo)(**{**arguments, **options})
        except SettingsError as error:
            wrong.append(f"{name}: {error}")
    if wrong:
        raise SettingsError(" ".join((f"{file} is not valid.", *wrong)))
    return made


def _tables(file: Path) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    try:
        content = tomllib.loads(file.read_text("utf-8"))  # not stored as a string: it may contain secrets
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {(error.strerror or '').lower()}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}.") from None
    defaults, tables = content.pop("defaults", {}), content.pop("instances", {})
    # Nothing else is allowed: a misspelt table would be an instance that is silently ignored.
    if content or not tables or not all(map(_is_table, (defaults, tables, *_values(tables)))):
        raise SettingsError(
            f"{file} must have a table [instances.NAME] for each instance, and may have [defaults]. "
            "Remove everything else."
        )
    for table in (defaults, *tables.values()):
        if "client_secret" in table:
            table["client_secret"] = None  # refused later, and must not be in any frame until then
    return defaults, tables


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _values(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else ()


class _Reader:
    """One table, with the defaults as fallback."""

    def __init__(
        self, name: str, table: Mapping[str, Any], folder: Path, variable: Callable[[str], Secret]
    ) -> None:
        self._name = name
        self._table = table
        self._folder = folder
        self._variable = variable

    def arguments(self) -> dict[str, Any]:
        """Return the arguments of a client's constructor."""
        self._check_names()
        found: dict[str, Any] = {
            "instance": self._needed("instance"),
            "credentials": ClientCredentials(self._needed("client_id"), self._secret()),
        }
        found.update((name, self._needed(name)) for name in _TEXTS if name in self._table)
        found.update(self._others())
        return found

    def _others(self) -> Iterator[tuple[str, Any]]:
        if "rate_limit" in self._table:
            yield "rate_limit", _rate_limit(self._table["rate_limit"])
        if "deadline" in self._table:
            yield "deadline", check_seconds("deadline", self._table["deadline"])
        if "measurements" in self._table:
            yield "measurements", self._folder / self._needed("measurements")
        if "token_store" in self._table:
            from halo_async.auth.token_stores import FileStore

            yield "token_store", FileStore(self._folder / self._needed("token_store"))

    def _check_names(self) -> None:
        if "client_secret" in self._table:
            raise SettingsError(
                "client_secret must not be in the file. "
                f"Set {self._own_variable()} in the environment, or name a file by client_secret_file."
            )
        for name in self._table.keys() - _KNOWN:
            raise SettingsError(f"There is no setting {name!r}{did_you_mean(name, _KNOWN) or '.'}")

    def _needed(self, name: str) -> str:
        value = self._table.get(name)
        if not isinstance(value, str) or not value.strip():
            raise SettingsError(f"{name} is missing. Give it as a string.")
        return value.strip()

    def _own_variable(self) -> str:
        return f"HALO_{re.sub('[^A-Z0-9]', '_', self._name.upper())}_CLIENT_SECRET"

    def _secret(self) -> Secret:
        if "client_secret_file" in self._table:
            return read_secret_file(self._folder / self._needed("client_secret_file"))
        variable = (
            self._needed("client_secret_env") if "client_secret_env" in self._table else self._own_variable()
        )
        secret = self._variable(variable)
        if not secret:
            raise SettingsError(
                f"The environment lacks {variable}. Set it, or name a file by client_secret_file."
            )
        return secret


def _rate_limit(value: Any) -> RateLimit | None:
    try:
        return RateLimit.parse(value if isinstance(value, str) and value.strip() else "?")
    except SettingsError:
        raise SettingsError(
            'rate_limit must be "REQUESTS/SECONDS", for example "300/300", or "none".'
        ) from None
