"""Assignment of the records of a response to the rows of the request.

An instance may return another order, the last record only or once for each row, with fewer records or with
more. So the place alone proves nothing: rows with an id are found by it, and created ones by what they share with
what was sent. The place decides only where there are as many records as rows, each with an id of its own, and no
record is more like another row. A row for which no record is certain has none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from halo_async.writing.record_keys import RecordKeys, own_id
from halo_async.writing.similarity import EXACT, OTHER, PART, SAME, Path, canonical, grade, leaves

Fields = Mapping[str, Any]
_COMMON = 64
"""A value that more records have tells them apart too little to be looked up."""


def pair(rows: Sequence[Fields], records: Sequence[Fields], keys: RecordKeys) -> list[int | None]:
    """For each row that was sent, the place of its record in the response; None where none is certain."""
    found: list[int | None] = [None] * len(rows)
    updated = [row for row, fields in enumerate(rows) if keys.by_id and own_id(fields) is not None]
    for row, place in _by_id([(row, rows[row]) for row in updated], records, keys):
        found[row] = place
    created = sorted(set(range(len(rows))) - set(updated))
    new = _new(records, [rows[row] for row in updated], keys)
    in_order = len(rows) == len(records) and all(found[row] == row for row in updated)
    for row, place in _Created(rows, records, created, new).pairs(in_order=in_order):
        found[row] = place
    return found


def _by_id(
    rows: Sequence[tuple[int, Fields]], records: Sequence[Fields], keys: RecordKeys
) -> Iterable[tuple[int, int]]:
    places: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        places[str(own_id(record))].append(place)
    taken: dict[str, int] = defaultdict(int)
    for row, fields in rows:
        id = str(own_id(fields))
        there = [place for place in places[id] if _same_parent(fields, records[place], keys)]
        if there:  # a record that was sent twice may come back twice, or once as it is now
            yield row, there[min(taken[id], len(there) - 1)]
            taken[id] += 1


def _same_parent(row: Fields, record: Fields, keys: RecordKeys) -> bool:
    return all(
        name not in row or name not in record or str(row[name]) == str(record[name]) for name in keys.within
    )


def _new(records: Sequence[Fields], updated: Sequence[Fields], keys: RecordKeys) -> list[int]:
    """The places of records that were created: each with an id of its own that no other one and no row has."""
    if not keys.by_id:
        return list(range(len(records)))
    known: dict[str, list[Fields]] = defaultdict(list)
    for row in updated:
        known[str(own_id(row))].append(row)
    places: dict[tuple[str, ...], int] = {}
    for place, record in enumerate(records):
        id = own_id(record)
        if id is None or any(_same_parent(row, record, keys) for row in known[str(id)]):
            continue
        parents = (str(record.get(name, "")) for name in keys.within)
        places.setdefault((str(id), *parents), place)
    return list(places.values())


@attrs.define
class _Score:
    """Similarity of a record and a row, over the values that distinguish rows."""

    points: int = 0
    agreeing: int = 0
    partly: int = 0
    differing: int = 0

    @property
    def possible(self) -> bool:
        """Return whether nothing says that they do not belong together."""
        return not (self.differing or self.partly)

    @property
    def fits(self) -> bool:
        """Return whether something says that they do."""
        return self.possible and self.agreeing > 0

    @property
    def exact(self) -> bool:
        """Return whether everything that both have came back as it was sent."""
        return self.points == EXACT * self.agreeing


class _Created:
    """Rows that were created, and records with new ids."""

    def __init__(
        self, rows: Sequence[Fields], records: Sequence[Fields], created: list[int], new: list[int]
    ) -> None:
        self._created = created
        self._new = new
        if len(created) == len(new) == 1 or not (created and new):
            return
        self._sent = {row: leaves(rows[row]) for row in created}
        self._came = {place: leaves(records[place]) for place in new}
        self._telling = _telling(list(self._sent.values()))
        self._scores: dict[tuple[int, int], _Score] = {}

    def pairs(self, *, in_order: bool) -> Iterable[tuple[int, int]]:
        """Rows and the places of their records, where they are certain."""
        if not (self._created and self._new):
            return []
        if len(self._created) == len(self._new) == 1:
            return [(self._created[0], self._new[0])]
        if in_order and set(self._created) == set(self._new) and self._fit_in_order():
            return [(row, row) for row in self._created]
        return self._by_likeness()

    # As they stand ----------------------------------------------------------------------------

    def _fit_in_order(self) -> bool:
        if self._plainly_in_order():
            return True
        near = self._near()
        return all(self._fits_best_here(row, near[row]) for row in self._created)

    def _plainly_in_order(self) -> bool:
        """Return whether each record has the values that identify its row: then no other is more similar."""
        seen = set()
        for row in self._created:
            sent, came = self._sent[row], self._came[row]
            if any(path in sent and path not in came for path in self._telling):
                return False
            shown = tuple(canonical(sent[path]) if path in sent else None for path in self._telling)
            if shown in seen or any(
                path in sent and grade(sent[path], came[path]) < SAME for path in self._telling
            ):
                return False
            seen.add(shown)
        return True

    def _fits_best_here(self, row: int, near: set[int]) -> bool:
        here = self._score(row, row)
        if here.differing and not here.agreeing:
            return False
        return not any(self._fits_better(row, place, here) for place in near if place != row)

    def _fits_better(self, row: int, place: int, here: _Score) -> bool:
        """Return whether a record elsewhere is more similar to a row; or equally similar, but different."""
        there = self._score(row, place)
        if there.points != here.points or here.exact:
            return there.points > here.points
        same_rows = _marks(self._sent[place], self._telling) == _marks(self._sent[row], self._telling)
        same_records = _marks(self._came[place], self._telling) == _marks(self._came[row], self._telling)
        return not (same_rows or same_records)

    # By what they share -----------------------------------------------------------------------

    def _by_likeness(self) -> Iterable[tuple[int, int]]:
        """Rows and records that can belong to nothing else; rows that are the same share their records."""
        groups: dict[Any, list[int]] = defaultdict(list)
        for row in self._created:
            groups[_marks(self._sent[row], self._telling)].append(row)
        near = self._near()
        rows_of: dict[int, set[int]] = defaultdict(set)
        places_of: dict[int, list[int]] = {}
        for first, *_ in groups.values():
            places_of[first] = sorted(near[first])
            for place in near[first]:
                rows_of[place].add(first)
        for rows in groups.values():
            possible = [place for place in places_of[rows[0]] if self._score(rows[0], place).fits]
            if len(possible) <= len(rows):
                sure = [place for place in possible if self._best(place, rows_of[place]) == rows[0]]
                yield from zip(rows, sure, strict=False)

    def _best(self, place: int, rows: set[int]) -> int | None:
        """The one row that a record can belong to, and shares something with."""
        possible = [row for row in rows if self._score(row, place).possible]
        return possible[0] if len(possible) == 1 and self._score(possible[0], place).fits else None

    def _near(self) -> dict[int, set[int]]:
        """For each row the records that have a rare value of it; in a short list they are all looked at."""
        if len(self._new) <= _COMMON:
            return {row: set(self._new) for row in self._created}
        index: dict[tuple[Path, Any], list[int]] = defaultdict(list)
        for place, came in self._came.items():
            for path in self._telling & came.keys():
                index[path, canonical(came[path])].append(place)
        near: dict[int, set[int]] = {row: set() for row in self._created}
        for row, sent in self._sent.items():
            for path in self._telling & sent.keys():
                places = index.get((path, canonical(sent[path])), ())
                if len(places) <= _COMMON:
                    near[row].update(places)
        return near

    def _score(self, row: int, place: int) -> _Score:
        if (row, place) not in self._scores:
            self._scores[row, place] = self._scored(self._sent[row], self._came[place])
        return self._scores[row, place]

    def _scored(self, sent: Mapping[Path, Any], came: Mapping[Path, Any]) -> _Score:
        score = _Score()
        for path in self._telling:
            if path in sent and path in came:
                likeness = grade(sent[path], came[path])
                score.points += likeness
                score.agreeing += likeness >= SAME
                score.partly += likeness == PART
                score.differing += likeness == OTHER
        return score


def _telling(rows: Sequence[Mapping[Path, Any]]) -> set[Path]:
    """Return where rows differ from each other; everywhere, if they are all the same."""
    paths = {path for row in rows for path in row}
    telling = {path for path in paths if len({_mark(row.get(path)) for row in rows}) > 1}
    return telling or paths


def _mark(value: Any) -> tuple[str, Any]:
    return type(value).__name__, value


def _marks(row: Mapping[Path, Any], telling: set[Path]) -> Any:
    return frozenset((path, _mark(row[path])) for path in telling if path in row)
