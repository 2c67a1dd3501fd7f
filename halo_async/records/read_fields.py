"""Rows that are read: which fields of them, and those put into `__dict__` beforehand.

A plain attribute that `__dict__` has is read in a sixth of the time of one that only the row has (measured: 29 ns
against 180), and putting it there takes 35 ns when it is done for a row at once. So what the first rows of pages are
asked for, the rows of later pages have in their `__dict__`; the row stands behind it for all other fields.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from keyword import iskeyword
from typing import Any

from msgspec import UNSET

Part = Callable[[Any], dict[str, Any]]
"""Returns some fields of a row as `__dict__` has them, without those that it lacks."""


@lru_cache(maxsize=64)
def part_of(names: tuple[str, ...]) -> Part:
    """Return the function that reads these fields of a row.

    They are plain values in the row: a list or an object that is changed in place would be changed in one of two places
    only. The function is written out, which takes half as long as `zip` and `attrgetter`. It looks for values that were
    not received when all are put in, which takes a quarter less than a look at each on the way.
    """
    values = {name: f"value{place}" for place, name in enumerate(names)}
    lines = [
        *[f"{value} = row.{name}" for name, value in values.items()],
        "found = blank()",
        *[f"found[{name!r}] = {value}" for name, value in values.items()],
        f"if {' or '.join(f'{value} is UNSET' for value in values.values())}:",
        *[f" if {value} is UNSET: del found[{name!r}]" for name, value in values.items()],
        "return found",
    ]
    scope: dict[str, Any] = {"unset": UNSET, "empty": dict.fromkeys(names).copy}
    body = "".join(f"\n {line}" for line in lines)
    exec(f"def part(row, UNSET=unset, blank=empty):{body}", scope)  # noqa: S102 - see `can_be_written`
    made: Part = scope["part"]
    return made


def can_be_written(name: str) -> bool:
    """Return whether a field's name is the same as an attribute in source code, where letters may be normalized."""
    return name.isidentifier() and name.isascii() and not iskeyword(name)


class WatchedRow:
    """Stands in for one row, and remembers reads of its fields. Its own names are not possible field names.

    :ivar __halo_reads__: the fields that were read.
    :ivar __halo_whole__: True if the JSON object was wanted.
    """

    __slots__ = ("__halo_reads__", "__halo_watched__", "__halo_whole__")

    def __init__(self, row: Any) -> None:
        self.__halo_watched__ = row
        self.__halo_reads__: set[str] = set()
        self.__halo_whole__ = False

    def __getattr__(self, name: str) -> Any:
        self.__halo_reads__.add(name)
        return getattr(self.__halo_watched__, name)

    def __halo_value__(self, name: str) -> Any:
        """As `StructRow` does it."""
        self.__halo_reads__.add(name)
        return self.__halo_watched__.__halo_value__(name)

    def __halo_object__(self) -> dict[str, Any]:
        """As `StructRow` does it."""
        self.__halo_whole__ = True
        found: dict[str, Any] = self.__halo_watched__.__halo_object__()
        return found


_EVERY, _RARELY = 8, 16
"""Pages of which each is watched, and of how many one is later: what is read of rows rarely changes while they come."""


class ReadFields:
    """Fields of the rows of one list that are read, by its watched rows."""

    def __init__(self) -> None:
        self._current: WatchedRow | None = None
        self._pages = self._watched = self._wholes = 0
        self._counts: dict[str, int] = {}

    def wants_another(self) -> bool:
        """Return whether a row of the next page is to be watched."""
        self._pages += 1
        return self._pages <= _EVERY or not self._pages % _RARELY

    def watch(self, row: Any) -> WatchedRow:
        """Wrap a row. The one before is taken for read by now."""
        before = self._current
        if before is not None:
            self._watched += 1
            self._wholes += before.__halo_whole__
            for name in before.__halo_reads__:
                self._counts[name] = self._counts.get(name, 0) + 1
        self._current = WatchedRow(row)
        return self._current

    def usual(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return those of the names that were read from half of the rows, or more."""
        counts, half = self._counts, self._watched / 2
        return tuple(name for name in names if counts.get(name, 0) >= half > 0)

    @property
    def usually_whole(self) -> bool:
        """True if half of the rows were wanted as a whole."""
        return self._wholes >= self._watched / 2 > 0
