"""Versions of rows that were told, so that each is told once though it is asked for several times."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import attrs

from halo_async._operations.serialization import plain_json
from halo_async._utils.dates import is_never, parse_date

_FORGOTTEN_AFTER = 3
"""Complete looks without a row after which its version is forgotten: it lies behind the moment asked from."""


@attrs.frozen
class RowVersion:
    """One state of a row."""

    key: str
    """The row's id, or its identifying fields, as JSON."""
    version: str
    id: int | str | None
    changed_at: datetime | None
    row: Any = attrs.field(eq=False, repr=False)


def version_of(row: Any, identity: tuple[str, ...], stamp: str | None) -> RowVersion:
    """Return the state of a row: by the time of its last change if it has that, else by its whole content.

    A content has fields that move by themselves, such as the time left until a deadline: the time of the last change
    is the better sign.
    """
    fields: Mapping[str, Any] = plain_json(row)
    own = [fields.get(name) for name in identity]
    moment = _parse_moment(fields.get(stamp)) if stamp else None
    content = "" if moment is not None and None not in own else _digest_row(fields)
    key = json.dumps(own) if None not in own else content
    version = content or str(fields[stamp or ""])
    id = own[0] if len(own) == 1 and isinstance(own[0], int | str) else None
    return RowVersion(key, version, id, moment, row)


def _parse_moment(value: Any) -> datetime | None:
    try:
        return None if is_never(value) else parse_date(value)
    except (TypeError, ValueError):
        return None


def _digest_row(fields: Mapping[str, Any]) -> str:
    data = json.dumps(fields, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.blake2b(data.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


class ToldVersions:
    """The versions told, by row; what is no longer asked for is forgotten."""

    def __init__(self, known: Mapping[str, str] | None = None) -> None:
        self._versions: dict[str, str] = dict(known or {})
        self._looks = 0
        self._returned: dict[str, int] = dict.fromkeys(self._versions, 0)

    def __len__(self) -> int:
        return len(self._versions)

    def __contains__(self, key: object) -> bool:
        return key in self._versions

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield each row's key and its version."""
        yield from self._versions.items()

    def is_told(self, row: RowVersion) -> bool:
        """Return whether this very version was told."""
        return self._versions.get(row.key) == row.version

    def add(self, key: str, version: str) -> None:
        """Note a version as told."""
        self._versions[key] = version
        self._returned[key] = self._looks

    def end_look(self, returned: Iterable[str]) -> None:
        """Note which rows a complete look returned, and forget those that several did not."""
        self._looks += 1
        for key in returned:
            if key in self._versions:
                self._returned[key] = self._looks
        gone = [key for key, look in self._returned.items() if self._looks - look >= _FORGOTTEN_AFTER]
        for key in gone:
            del self._versions[key], self._returned[key]
