"""One collection: rows made on demand, with the writes applied over them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from halo_async.emulator.data.source import DataSource, Parent, Row
from halo_async.emulator.ids import Ids


class Table:
    """Rows by internal id (the id itself if ids are integers).

    ``written`` holds, for a seeded row, only the fields that changed, and for a new row all of it.
    """

    def __init__(
        self, path: str, source: DataSource, *, soft: bool = False, newest_first: bool = False
    ) -> None:
        self.path = path
        self.source = source
        self.soft = soft
        self.newest_first = newest_first
        self.ids = Ids(source.count)
        for gap in getattr(source, "gaps", ()):
            self.ids.remove(gap)
        self.written: dict[int, Row] = {}
        self.trash: dict[int, Row] = {}
        # Ids in the order of their last write: the default order of tickets lists the latest first.
        self.touched: dict[int, None] = {}
        self.version = 0
        # Fields that are written and never returned.
        self.hidden: frozenset[str] = frozenset()
        self.selections: dict[object, tuple[int, Sequence[int]]] = {}
        self.parent: Parent | None = getattr(source, "parent", None)
        self.dormant: Mapping[int, str] = getattr(source, "dormant", {})
        """Seeded rows that lists leave out, each with the field that makes it so."""
        self._names: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def _seeded(self, id: int) -> bool:
        return 1 <= id <= self.source.count

    def _merged(self, id: int, base: Mapping[str, Any]) -> Mapping[str, Any]:
        changes = self.written.get(id)
        if changes is None:
            return base
        return {name: value for name, value in {**base, **changes}.items() if name not in self.hidden}

    def seeded_with(self, id: int, field: str) -> bool:
        """Return whether a field of a row was true before anybody wrote to it."""
        return self._seeded(id) and self.source.row(id).get(field) is True

    def core(self, id: int) -> Mapping[str, Any]:
        """Return the fields most filters read."""
        return self._merged(id, self.source.core(id) if self._seeded(id) else {})

    def row(self, id: int) -> Mapping[str, Any]:
        """Return the row as in a list."""
        return self._merged(id, self.source.row(id) if self._seeded(id) else {})

    def full(self, id: int) -> Mapping[str, Any]:
        """Return the object as in ``GET /…/{id}``."""
        return self._merged(id, self.source.full(id) if self._seeded(id) else {})

    def find(self, key: object, within: object = None) -> int | None:
        """Return the internal id of an existing row, for an id received in a path or a body.

        :param within: the parent, if ids are unique only within one; default: the first that has the id.
        """
        if self.parent is not None:
            return self._find_within(self.parent.field, _parse_key(key), _parse_key(within))
        if not self.names_are_text():
            id = _parse_key(key)
            return id if id is not None and id in self.ids else None
        # A row's number is accepted too: the document requires integers where some rows have UUIDs.
        id = self._index().get(str(key).lower(), _parse_key(key))
        return id if id is not None and id in self.ids else None

    def _find_within(self, field: str, key: int | None, parent: int | None) -> int | None:
        for id in self.ids:
            core = self.core(id)
            if core.get("id") == key and parent in (None, core.get(field)):
                return id
        return None

    def _next_within(self, parent: Parent, fields: Row) -> int:
        if parent.nameless:
            return 0
        cores = (self.core(id) for id in self.ids)
        return 1 + max(
            (core["id"] for core in cores if core.get(parent.field) == fields.get(parent.field)), default=0
        )

    def names_are_text(self) -> bool:
        """Return whether the ids of this table are strings (UUIDs, codes) and not integers."""
        return self.source.count > 0 and isinstance(self.source.core(1).get("id"), str)

    def _index(self) -> dict[str, int]:
        if self._names is None:
            self._names = {
                str(self.source.core(id)["id"]).lower(): id for id in range(1, self.source.count + 1)
            }
        return self._names

    def insert(self, fields: Row) -> int:
        """Add a row; integer ids are assigned by the table."""
        number = None if self.parent is None else self._next_within(self.parent, fields)
        id = self.ids.new()
        if self.names_are_text():
            fields = {"id": f"new-{id}", **fields}
            self._index()[str(fields["id"]).lower()] = id
        else:
            fields = {**fields, "id": id if number is None else number}
        self.written[id] = fields
        self.touch(id)
        return id

    def change(self, id: int, fields: Mapping[str, Any]) -> None:
        """Update the fields of a row."""
        self.written[id] = {**self.written.get(id, {}), **fields, "id": self.core(id)["id"]}
        self.touch(id)

    def touch(self, id: int) -> None:
        """Record that a row was just written."""
        self.touched.pop(id, None)
        self.touched[id] = None
        self.version += 1

    def remove(self, id: int) -> Mapping[str, Any]:
        """Delete a row and return it; if deletion is soft it can be restored."""
        gone = dict(self.full(id))
        self.ids.remove(id)
        self.touched.pop(id, None)
        if self.soft:
            self.trash[id] = gone
        self.version += 1
        return gone

    def restore(self, id: int) -> None:
        """Restore a soft-deleted row to its old position."""
        self.ids.restore(id)
        del self.trash[id]
        self.touch(id)


def _parse_key(key: object) -> int | None:
    try:
        return int(str(key))
    except ValueError:
        return None
