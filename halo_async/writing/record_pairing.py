"""Assignment of the records of a response to the rows of the request.

An instance may return another order, the last record only or once for each row, with fewer records or with more, or
nothing but ids. So a place proves nothing: rows with an id are found by it, and created ones by what they share with
what was sent. A record is that of a row only if it cannot be that of any other. Where there are as many new records as
created rows, each with an id of its own, all of them were written; those that cannot be told apart are a group, of
which it is known which records were made, but not which is whose. Rows that are the same may have each other's.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs

from halo_async.writing.assignment import connected_parts, interchangeable_groups, perfect_matching
from halo_async.writing.contradictions import TitleIndex, count_agreeing, is_assigned, is_possible
from halo_async.writing.record_ids import own_id
from halo_async.writing.record_keys import RecordKeys
from halo_async.writing.similarity import SAME, Path, Plain, grade, parse_plain

Fields = Mapping[str, Any]
_FORMS = (
    lambda plain: plain.identity,
    lambda plain: plain.near_identity,
    lambda plain: plain.canonical,
)  # fmt: skip
"""Values as they are, but for blanks and markup, and but for the way they are written."""


@attrs.define
class Pairing:
    """The place of each row's record in a response."""

    places: list[int | None]
    """For each row the place of its record; None where none is certain."""
    groups: list[tuple[list[int], list[int]]] = attrs.field(factory=list)
    """Rows that were written, and the places of their records, of which it is not known which is whose."""
    doubtful: dict[int, int] = attrs.field(factory=dict)
    """For a row the place of the only record that could be its own, but has other values."""


def pair(rows: Sequence[Fields], records: Sequence[Fields], keys: RecordKeys) -> Pairing:
    """Find the record of each row that was sent."""
    pairing = Pairing([None] * len(rows))
    updated = [row for row, fields in enumerate(rows) if keys.by_id and own_id(fields) is not None]
    for row, place in _by_id([(row, rows[row]) for row in updated], records, keys):
        pairing.places[row] = place
    created = sorted(set(range(len(rows))) - set(updated))
    new, strange = _new(records, [rows[row] for row in updated], keys)
    if created and new:
        found = all(pairing.places[row] is not None for row in updated)
        as_many = len(created) == len(new) and found and not strange
        _CreatedRows(rows, records, created, new).pair(pairing, as_many=as_many, own_ids=keys.by_id)
    return pairing


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


def _new(records: Sequence[Fields], updated: Sequence[Fields], keys: RecordKeys) -> tuple[list[int], bool]:
    """Return the places of records that were created, each with an id that no other one and no row has.

    Also return whether there are others, without such an id. Of different records with one id none is certain.
    """
    if not keys.by_id:
        return list(range(len(records))), False
    known: dict[str, list[Fields]] = defaultdict(list)
    for row in updated:
        known[str(own_id(row))].append(row)
    places: dict[tuple[str, ...], int] = {}
    contradicted: set[tuple[str, ...]] = set()
    strange = False
    for place, record in enumerate(records):
        id = own_id(record)
        if any(_same_parent(row, record, keys) for row in known[str(id)]):
            continue
        own = str(id), *(str(record.get(name, "")) for name in keys.within)
        strange = strange or id is None or own in places
        if id is not None and records[places.setdefault(own, place)] != record:
            contradicted.add(own)
    return [place for own, place in places.items() if own not in contradicted], strange


class _CreatedRows:
    """Rows that were created, and records with new ids."""

    def __init__(
        self, rows: Sequence[Fields], records: Sequence[Fields], created: list[int], new: list[int]
    ) -> None:
        self._created = created
        self._new = new
        self._sent = {row: parse_plain(rows[row]) for row in created}
        paths = {path for sent in self._sent.values() for path in sent}
        self._came = {place: parse_plain(records[place], paths) for place in new}
        self._kind = {row: json.dumps(rows[row], sort_keys=True, default=repr) for row in created}
        """Rows of one kind are the same in everything that was sent."""
        self._telling = _telling(list(self._sent.values()))
        self._titles = TitleIndex(self._came)
        first = self._sent[created[0]]
        self._common = [path for path in first if path not in self._telling]
        self._shared = {
            place: count_agreeing(first, came, self._common) for place, came in self._came.items()
        }

    def pair(self, pairing: Pairing, *, as_many: bool, own_ids: bool) -> None:
        """Add what is known of these rows to a pairing.

        :param as_many: there are as many records as rows, and nothing else.
        :param own_ids: each record has an id of its own, so that none stands for two.
        """
        if as_many and len(self._created) == 1:
            self._pair_one(pairing)
            return
        if not as_many:
            self._pair_similar(pairing, self._created)
            return
        same = self._graph_of_same()
        graph = same or self._graph_of_possible()
        for rows, places in connected_parts(graph):
            part = {row: graph[row] for row in rows}
            matching = perfect_matching(part, rows) if len(rows) == len(places) else None
            if matching is None:
                self._pair_similar(pairing, rows)
                continue
            if same is None:
                part, matching = self._narrowed(part, matching, places)
            for group in interchangeable_groups(part, matching):
                self._add_group(pairing, group, [matching[row] for row in group], own_ids=own_ids)

    def _pair_one(self, pairing: Pairing) -> None:
        row, place = self._created[0], self._new[0]
        if self._can_be(row, place):
            pairing.places[row] = place
        else:
            pairing.doubtful[row] = place

    def _add_group(self, pairing: Pairing, rows: list[int], places: list[int], *, own_ids: bool) -> None:
        if len({self._kind[row] for row in rows}) == 1:
            for row, place in zip(rows, sorted(places), strict=True):
                pairing.places[row] = place
        elif own_ids:
            pairing.groups.append((rows, sorted(places)))

    # Which record can be whose ----------------------------------------------------------------

    def _graph_of_same(self) -> dict[int, list[int]] | None:
        """Return where each row's values came back, if the records hold those of all rows and no others."""
        if any(shared is None or not is_possible(*shared) for shared in self._shared.values()):
            return None
        return self._same_values(self._created, self._new)

    def _same_values(self, rows: Iterable[int], places: Iterable[int]) -> dict[int, list[int]] | None:
        """Compare the values of all fields that records have; then of all that no rule of an instance sets."""
        shown = {path for place in places for path in self._came[place]} & self._telling
        for paths in (shown, {path for path in shown if not is_assigned(path)}):
            for form in _FORMS:
                of_rows = _by_values(self._sent, rows, paths, form)
                of_records = _by_values(self._came, places, paths, form)
                if {key: len(found) for key, found in of_rows.items()} == {
                    key: len(found) for key, found in of_records.items()
                }:
                    return {row: of_records[key] for key, found in of_rows.items() for row in found}
        return None

    def _narrowed(
        self, graph: dict[int, list[int]], matching: dict[int, int], places: Iterable[int]
    ) -> tuple[dict[int, list[int]], dict[int, int]]:
        """Leave out of one part of the graph what its records show to be another row's."""
        same = self._same_values(graph, places)
        if same is None:
            return graph, matching
        narrowed = {row: sorted(set(same[row]).intersection(graph[row])) for row in graph}
        found = perfect_matching(narrowed, narrowed)
        return (graph, matching) if found is None else (narrowed, found)

    def _graph_of_possible(self) -> dict[int, list[int]]:
        return {row: self._possible(row) for row in self._created}

    def _possible(self, row: int) -> list[int]:
        return [place for place in self._titles.candidates(self._sent[row]) if self._can_be(row, place)]

    def _can_be(self, row: int, place: int) -> bool:
        """Return whether a record can be that of a row."""
        shared = self._shared[place]
        own = count_agreeing(self._sent[row], self._came[place], self._telling)
        if shared is None or own is None:
            return False
        return is_possible(shared[0] + own[0], shared[1] + own[1])

    # Where there are more or fewer records ----------------------------------------------------

    def _pair_similar(self, pairing: Pairing, rows: Sequence[int]) -> None:
        """Add rows that share something with records that can be those of no other row."""
        by_kind: dict[str, list[int]] = defaultdict(list)
        for row in rows:
            by_kind[self._kind[row]].append(row)
        firsts = {row: kind for kind, (row, *_) in by_kind.items()}
        possible = {row: self._possible(row) for row in firsts}
        rows_of: dict[int, list[int]] = defaultdict(list)
        for row, places in possible.items():
            for place in places:
                rows_of[place].append(row)
        for row, kind in firsts.items():
            places = [place for place in possible[row] if self._is_similar(row, place)]
            if len(places) <= len(by_kind[kind]):
                sure = [place for place in places if rows_of[place] == [row]]
                for own, place in zip(by_kind[kind], sure, strict=False):
                    pairing.places[own] = place

    def _is_similar(self, row: int, place: int) -> bool:
        """Return whether a record has values that tell a row from others, and no other such values."""
        sent, came = self._sent[row], self._came[place]
        grades = {path: grade(sent[path], came[path]) for path in self._telling & sent.keys() & came.keys()}
        agreeing = {path for path, likeness in grades.items() if likeness >= SAME}
        return bool(agreeing) and all(map(is_assigned, grades.keys() - agreeing))


def _telling(rows: Sequence[Mapping[Path, Plain]]) -> set[Path]:
    """Return where rows differ from each other; everywhere, if they are all the same."""
    paths = {path for row in rows for path in row}
    telling = {
        path for path in paths if len({row[path].identity if path in row else None for row in rows}) > 1
    }
    return telling or paths


def _by_values(
    plain: Mapping[int, Mapping[Path, Plain]], numbers: Iterable[int], paths: Iterable[Path], form: Any
) -> dict[Any, list[int]]:
    """Return rows or records by the values that they have at some paths."""
    found: dict[Any, list[int]] = defaultdict(list)
    for number in numbers:
        values = plain[number]
        found[frozenset((path, form(values[path])) for path in paths if path in values)].append(number)
    return found
