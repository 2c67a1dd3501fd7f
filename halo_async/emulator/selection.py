"""The rows of a list call in their order, without looking at a row where that can be avoided."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, overload

from halo_async.emulator.call import Call
from halo_async.emulator.filters import Test, column, tests
from halo_async.emulator.ids import Ids
from halo_async.emulator.table import Table

# Names that sort seeded rows just as their ids do.
_LIKE_ID = frozenset({"id", "dateoccurred", "last_update", "lastactiondate"})
_CACHED = 8


class ById(Sequence[int]):
    """All ids, ascending or descending, with some put in front: nothing is copied."""

    def __init__(self, ids: Ids, *, descending: bool, front: Sequence[int] = ()) -> None:
        self._front = front
        self._rest = ids.without(set(front)) if front else ids
        self._descending = descending

    def __len__(self) -> int:
        return len(self._front) + len(self._rest)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(len(self)))]
        if index < len(self._front):
            return self._front[index]
        rank = index - len(self._front)
        if rank >= len(self._rest):
            raise IndexError(index)
        return self._rest.at(len(self._rest) - 1 - rank if self._descending else rank)


def orders(call: Call) -> tuple[tuple[str, bool], ...]:
    """The sort keys that were asked for, the strongest first: (name, descending)."""
    found = []
    for number in ("", "2", "3", "4", "5"):
        name = call.text(f"order{number}").lower()
        descending = call.flag(f"orderdesc{number}")
        if name:
            found.append((name, descending))
    return tuple(found)


def select(table: Table, call: Call, fields: Iterable[str]) -> Sequence[int]:
    """The ids that a list call selects, in the order in which it wants them."""
    conditions = tests(call, fields)
    order = orders(call)
    if call.flag("deleted") and table.soft:
        return sorted(table.trash, reverse=True)
    key = (tuple(name for name, _ in conditions), order)
    cached = table.selections.get(key)
    if cached is not None and cached[0] == table.version:
        return cached[1]
    found = _selected(table, [test for _, test in conditions], order, set(fields))
    if len(table.selections) >= _CACHED:
        table.selections.pop(next(iter(table.selections)))
    table.selections[key] = (table.version, found)
    return found


def _selected(table: Table, conditions: list[Test], order: tuple[tuple[str, bool], ...],
              fields: set[str]) -> Sequence[int]:  # fmt: skip
    order = tuple(item for item in order if item[0] in fields or item[0] == "id")
    ordered = _by_id(table, order)
    if not conditions and ordered is not None:
        return ordered
    base: Iterable[int] = ordered if ordered is not None else table.ids
    rows = _reader(table)
    chosen = [id for id in base if _holds(rows(id), conditions)] if conditions else list(base)
    if ordered is None:
        _sort(chosen, rows, order)
    return chosen


def _by_id(table: Table, order: tuple[tuple[str, bool], ...]) -> ById | None:
    """All rows where the order asked for is that of their ids, or the default."""
    if not order:
        front = list(reversed(table.touched)) if table.newest_first else ()
        return ById(table.ids, descending=table.newest_first, front=front)
    name, descending = order[0]
    if name == "id" or (name in _LIKE_ID and table.newest_first and not table.written):
        return ById(table.ids, descending=descending)
    return None


def _sort(
    chosen: list[int], rows: Callable[[int], Mapping[str, Any]], order: tuple[tuple[str, bool], ...]
) -> None:
    # Stable sorts, the weakest key first. Rows with equal keys stay in the order of their ids.
    for name, descending in reversed(order):
        chosen.sort(key=lambda id: column(rows(id), name), reverse=descending)


def _holds(row: Mapping[str, Any], conditions: list[Test]) -> bool:
    return all(test(row) for test in conditions)


class _Lazy(dict[str, Any]):
    """The core of a row; the first field that it lacks brings the whole row."""

    def __init__(self, table: Table, id: int) -> None:
        super().__init__(table.core(id))
        self._whole: Callable[[], Mapping[str, Any]] | None = lambda: table.full(id)

    def get(self, name: str, default: Any = None) -> Any:
        """The field, looked for in the whole row too."""
        if name not in self and self._whole is not None:
            whole, self._whole = self._whole(), None
            for field, value in whole.items():
                self.setdefault(field, value)
        value = super().get(name)
        return default if value is None else value


def _reader(table: Table) -> Callable[[int], Mapping[str, Any]]:
    return lambda id: _Lazy(table, id)
