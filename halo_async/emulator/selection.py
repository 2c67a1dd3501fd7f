"""Rows of a list call in their order, without reading rows where possible."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import attrs

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.conditions import FilterCondition, column
from halo_async.emulator.filters import conditions
from halo_async.emulator.ids import Ids
from halo_async.emulator.inactive_rows import left_out
from halo_async.emulator.table import Table

Order = tuple[tuple[str, bool], ...]
# Names that sort seeded rows just as their ids do.
_LIKE_ID = frozenset({"id", "dateoccurred", "last_update", "lastactiondate"})
_CACHED = 8


class ById(Sequence[int]):
    """Ids of a range, ascending or descending, with some put in front: nothing is copied."""

    def __init__(
        self, ids: Ids, *, descending: bool, front: Sequence[int] = (), within: tuple[int, int] | None = None
    ) -> None:
        self._front = front
        self._rest = ids.without(set(front)) if front else ids
        self._descending = descending
        self._first, self._stop = 0, len(self._rest)
        if within is not None:
            self._first, self._stop = self._rest.rank(within[0]), self._rest.rank(within[1] + 1)

    def __len__(self) -> int:
        return len(self._front) + max(0, self._stop - self._first)

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
        if rank >= self._stop - self._first:
            raise IndexError(index)
        return self._rest.at(self._stop - 1 - rank if self._descending else self._first + rank)

    def __iter__(self) -> Iterator[int]:
        if (self._first, self._stop) != (0, len(self._rest)):
            yield from self[:]
            return
        yield from self._front
        yield from reversed(self._rest) if self._descending else self._rest


def orders(call: EmulatorCall) -> Order:
    """Return the requested sort keys, the strongest first: (name, descending)."""
    found = []
    if call.behaviour.order == "ignored":
        return ()
    for number in ("", "2", "3", "4", "5"):
        name = call.text(f"order{number}").lower()
        descending = call.flag(f"orderdesc{number}")
        if name:
            found.append((name, descending))
    return tuple(found)


def select(table: Table, call: EmulatorCall, fields: frozenset[str]) -> Sequence[int]:
    """Return the ids that a list call selects, in the requested order."""
    known = fields | {"id"}
    wanted = conditions(call, known)
    if table.names_are_text() or table.parent is not None:
        # The ids in such rows are not those of a range of the table's own ids.
        wanted = {key: attrs.evolve(condition, ids=None) for key, condition in wanted.items()}
    order = tuple(item for item in orders(call) if item[0] in known)
    if call.flag("deleted") and table.soft:
        return sorted(table.trash, reverse=True)
    dormant = left_out(table, call)
    key = (tuple(wanted), order, dormant)
    cached = table.selections.get(key)
    if cached is not None and cached[0] == table.version:
        return cached[1]
    found = _selected(table, list(wanted.values()), order)
    if dormant:
        found = [id for id in found if id not in dormant]
    if len(table.selections) >= _CACHED:
        table.selections.pop(next(iter(table.selections)))
    table.selections[key] = (table.version, found)
    return found


def _selected(table: Table, wanted: list[FilterCondition], order: Order) -> Sequence[int]:
    ordered = _by_id(table, wanted, order)
    open_ones = [condition for condition in wanted if condition.ids is None or ordered is None]
    if not open_ones and ordered is not None:
        return ordered
    base: Iterable[int] = ordered if ordered is not None else table.ids
    rows = _reader(table, frozenset().union(*(condition.fields for condition in open_ones)))
    tests = [condition.test for condition in open_ones]
    chosen = (
        [id for id in base if all(test(row) for row in (rows(id),) for test in tests)]
        if tests
        else list(base)
    )
    if ordered is None:
        _sort(chosen, _reader(table, frozenset(name for name, _ in order)), order)
    return chosen


def _by_id(table: Table, wanted: list[FilterCondition], order: Order) -> ById | None:
    """Return all rows if the requested order is that of their ids, or the default."""
    within = _range(wanted)
    if not order:
        front = _touched(table, within) if table.newest_first else ()
        return ById(table.ids, descending=table.newest_first, front=front, within=within)
    name, descending = order[0]
    if (name == "id" and table.parent is None) or (
        name in _LIKE_ID and table.newest_first and not table.written
    ):
        return ById(table.ids, descending=descending, within=within)
    return None


def _touched(table: Table, within: tuple[int, int] | None) -> list[int]:
    return [id for id in reversed(table.touched) if within is None or within[0] <= id <= within[1]]


def _range(wanted: list[FilterCondition]) -> tuple[int, int] | None:
    ranges = [condition.ids for condition in wanted if condition.ids is not None]
    if not ranges:
        return None
    return max(first for first, _ in ranges), min(last for _, last in ranges)


def _sort(chosen: list[int], rows: Callable[[int], Mapping[str, Any]], order: Order) -> None:
    # Stable sorts, the weakest key first. Rows with equal keys stay in the order of their ids.
    for name, descending in reversed(order):
        chosen.sort(key=lambda id: column(rows(id), name), reverse=descending)


class _Lazy(dict[str, Any]):
    """Return a field from the core of a row; the first missing field loads the whole row."""

    def __init__(self, table: Table, id: int) -> None:
        super().__init__(table.core(id))
        self._whole: Callable[[], Mapping[str, Any]] | None = lambda: table.full(id)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the field, from the whole row if necessary."""
        if name not in self and self._whole is not None:
            whole, self._whole = self._whole(), None
            for field, value in whole.items():
                self.setdefault(field, value)
        value = super().get(name)
        return default if value is None else value


def _reader(table: Table, fields: frozenset[str]) -> Callable[[int], Mapping[str, Any]]:
    """Return the cheapest access to rows with these fields: single fields, the core, or the whole."""
    quick = {field: make for field, make in getattr(table.source, "quick", {}).items() if field in fields}
    if fields and quick.keys() == fields:
        seeded, written = table.source.count, table.written
        return lambda id: (
            table.core(id)
            if id > seeded or id in written
            else {field: make(id) for field, make in quick.items()}
        )
    if not table.source.count or fields <= table.source.core(1).keys():
        return table.core
    return lambda id: _Lazy(table, id)
