"""The TOML file of profiles, which is also that of a fleet: `[defaults]` and one `[instances.NAME]` each."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs

from halo_async._utils.names import did_you_mean
from halo_async.auth.profiles.profile import Profile, profile_of
from halo_async.auth.profiles.secret_sources import check_nobody_else_writes
from halo_async.auth.token_stores import settings_folder
from halo_async.errors import SettingsError

VARIABLE = "HALO_PROFILE"
_LARGEST = 4 * 1024 * 1024


def default_file() -> Path:
    """Return the user's own file, whether it exists or not."""
    return settings_folder() / "profiles.toml"


@attrs.frozen
class ProfileFile:
    """The tables of a file. Each is looked at by itself: a mistake in one keeps nobody from using another."""

    path: Path
    tables: Mapping[str, Mapping[str, Any]]
    defaults: Mapping[str, Any] = attrs.field(factory=dict)
    default: str | None = None
    """The profile for commands that name neither a profile nor an instance."""

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> ProfileFile:
        """Return the tables of a file.

        :raises SettingsError: it cannot be read, is not TOML, or has something else than instances.
        """
        return _read_tables(Path(path))

    @classmethod
    def own(cls) -> ProfileFile:
        """Return the tables of the user's own file, or none if there is no file.

        :raises SettingsError: see `read`.
        """
        path = default_file()
        return _read_tables(path, may_be_empty=True) if path.exists() else cls(path, {})

    @classmethod
    def of_fleet(cls, path: str | os.PathLike[str] | None) -> ProfileFile:
        """Return the tables of a file of instances; of the user's own file if none is given.

        :raises SettingsError: see `read`; or the own file has no profiles.
        """
        found = cls.own() if path is None else _read_tables(Path(path))
        if not found.tables:
            raise SettingsError(
                f"{found.path} has no profiles. Run `halo-async profiles add NAME`, or name a file of instances."
            )
        return found

    def profile(self, name: str) -> Profile:
        """Return one profile.

        :raises SettingsError: there is none of that name, or a setting of it is not valid.
        """
        if name not in self.tables:
            raise SettingsError(self._explain_unknown(name))
        found = profile_of(name, self.tables[name], self.defaults, self.path.parent)
        if found.source is not None and found.source.kind == "command":
            check_nobody_else_writes(self.path)
        return found

    @property
    def lost_default(self) -> str | None:
        """A sentence about a default that the file does not have, as after its table was deleted by hand."""
        if self.default is None or self.default in self.tables:
            return None
        return (
            f"The default {self.default!r} of {self.path} is not one of its profiles. Choose another by "
            "`halo-async profiles default NAME`, or none by --none."
        )

    def _explain_unknown(self, name: str) -> str:
        if name == self.default and (lost := self.lost_default):
            return lost
        if not self.tables:
            return f"There is no profile {name!r}, since {self.path} has none. Run `halo-async profiles add {name}`."
        near = did_you_mean(name, self.tables)
        return (
            f"There is no profile {name!r}{near or f' in {self.path}. List them with `halo-async profiles`.'}"
        )


def chosen_name(name: str | None = None) -> str | None:
    """Return the name that is given, else that in `HALO_PROFILE`; None if there is neither.

    :raises SettingsError: it is blank, as from a variable of a script that is not set.
    """
    if name is not None and not name.strip():
        raise SettingsError("The name of the profile is empty. Name one, or leave it out.")
    return (name or "").strip() or os.environ.get(VARIABLE, "").strip() or None


def _read_tables(file: Path, *, may_be_empty: bool = False) -> ProfileFile:
    try:
        with file.open("rb") as opened:
            content = tomllib.loads(
                _decode_text(opened.read(_LARGEST + 1))
            )  # not stored: it may contain secrets
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read ({(error.strerror or '').lower()}). Check the path."
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise SettingsError(f"{file} is not UTF-8 text. Save it as UTF-8.") from None
        said = str(error) if isinstance(error, tomllib.TOMLDecodeError) else type(error).__name__
        raise SettingsError(f"{file} is not TOML: {said}. Correct it.") from None
    default, defaults, tables = (content.pop(key, empty) for key, empty in _TOP)
    # Nothing else is allowed: a misspelt table would be an instance that is silently ignored.
    if (
        content
        or not (tables or may_be_empty)
        or not all(map(_is_table, (defaults, tables, *_iterate_values(tables))))
    ):
        raise SettingsError(
            f"{file} must have a table [instances.NAME] for each instance, and may have [defaults]. "
            "Remove everything else."
        )
    for table in (defaults, *tables.values()):
        if "client_secret" in table:
            table["client_secret"] = None  # refused later, and must not be in any frame until then
    if not isinstance(default, str | None):
        raise SettingsError(f"{file} is not valid. default must be the name of an instance, not {default!r}.")
    return ProfileFile(file, tables, defaults, default)


_TOP: tuple[tuple[str, Any], ...] = (("default", None), ("defaults", {}), ("instances", {}))


def _decode_text(content: bytes) -> str:
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _iterate_values(value: Any) -> Iterator[Any]:
    yield from value.values() if isinstance(value, dict) else ()
