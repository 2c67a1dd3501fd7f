"""Values that a table could not hold unchanged, for the report."""

from __future__ import annotations

from typing import Any

import attrs

MOST = 20
"""Sentences of one kind; the others are counted."""


@attrs.define
class Notes:
    """Sentences, some of each kind."""

    _values: list[str] = attrs.field(factory=list, init=False)
    _more_values: int = attrs.field(default=0, init=False)
    _renamed: dict[str, str] = attrs.field(factory=dict, init=False)
    _no_objects: int = attrs.field(default=0, init=False)
    _beyond: tuple[str, int] | None = attrs.field(default=None, init=False)

    def value(self, id: Any, name: str, wrong: str) -> None:
        """A value that is text now, in the row with an id, or a field that is called otherwise.

        :param wrong: the predicate of the sentence.
        """
        if len(self._values) < MOST:
            self._values.append(f"Row {_shorten_value(id)}: {_shorten_value(name)} {wrong}.")
        else:
            self._more_values += 1

    def renamed(self, name: str, label: str) -> None:
        """A field whose column is called otherwise."""
        self._renamed[name] = label

    def no_objects(self, count: int) -> None:
        """Rows that are not objects."""
        self._no_objects += count

    def beyond(self, column: str, count: int) -> None:
        """Fields that the table has no columns for, and the one that they are in."""
        self._beyond = (column, count)

    def sentences(self) -> tuple[str, ...]:
        """All of it."""
        found = list(self._values)
        if self._more_values:
            found.append(f"{self._more_values:,} more values are stored as text.")
        names = list(self._renamed.items())
        found += [
            f"The field {_shorten_value(name)} is in the column {_shorten_value(label)}."
            for name, label in names[:MOST]
        ]
        if len(names) > MOST:
            found.append(f"{len(names) - MOST:,} more fields are in columns with a suffix of their own.")
        if self._no_objects:
            found.append(f"{self._no_objects:,} rows are not objects. They are in the column 'value'.")
        if self._beyond:
            found.append(
                f"{self._beyond[1]:,} fields have no column of their own, since the table would have too many. "
                f"They are in the column {self._beyond[0]!r} as JSON. To have more columns, use parquet or duckdb."
            )
        return tuple(found)


def _shorten_value(value: Any) -> str:
    if value is None:
        return "without an id"
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
