"""Perfect matchings of a bipartite graph: what is the same in every one of them, and what is not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

Graph = Mapping[int, Sequence[int]]
"""For each row the places that it may have."""


def connected_parts(graph: Graph) -> Iterator[tuple[list[int], set[int]]]:
    """Yield the rows and the places of each connected part; a row that may have no place is a part of its own."""
    rows_of: dict[int, list[int]] = {}
    for row, places in graph.items():
        for place in places:
            rows_of.setdefault(place, []).append(row)
    seen: set[int] = set()
    for first in graph:
        if first in seen:
            continue
        seen.add(first)
        rows, places_found, waiting = [], set(), [first]
        while waiting:
            row = waiting.pop()
            rows.append(row)
            for place in graph[row]:
                if place not in places_found:
                    places_found.add(place)
                    waiting += [other for other in rows_of[place] if other not in seen]
                    seen.update(rows_of[place])
        yield sorted(rows), places_found


def perfect_matching(graph: Graph, rows: Iterable[int]) -> dict[int, int] | None:
    """Return a place of its own for each of these rows, or None if there are too few."""
    owner: dict[int, int] = {}
    place_of: dict[int, int] = {}
    for row in rows:
        if not _find_place(graph, row, owner, place_of):
            return None
    return place_of


def _find_place(graph: Graph, row: int, owner: dict[int, int], place_of: dict[int, int]) -> bool:
    """Give a row a place, moving others if necessary."""
    reached: dict[int, int] = {}
    waiting = [row]
    for each in waiting:
        for place in graph[each]:
            if place in reached:
                continue
            reached[place] = each
            if place in owner:
                waiting.append(owner[place])
                continue
            while True:  # back along the way: each row takes the place by which it was reached
                taker = reached[place]
                before = place_of.get(taker)
                owner[place], place_of[taker] = taker, place
                if before is None:
                    return True
                place = before
    return False


def interchangeable_groups(graph: Graph, matching: Mapping[int, int]) -> Iterator[list[int]]:
    """Yield groups of rows whose places may be exchanged; a row alone has its place in every perfect matching.

    Those are the strongly connected parts of the graph in which a row leads to those whose places it may have.
    """
    owner = {place: row for row, place in matching.items()}
    forward = {row: [owner[place] for place in graph[row] if place in owner] for row in matching}
    backward: dict[int, list[int]] = {row: [] for row in matching}
    for row, others in forward.items():
        for other in others:
            backward[other].append(row)
    seen: set[int] = set()
    for row in reversed(_by_end(forward)):
        if row not in seen:
            yield sorted(_reachable(row, backward, seen))


def _by_end(graph: Graph) -> list[int]:
    """Return the rows in the order in which a depth first search leaves them."""
    ended: list[int] = []
    seen: set[int] = set()
    for first in graph:
        if first in seen:
            continue
        seen.add(first)
        stack = [(first, iter(graph[first]))]
        while stack:
            row, others = stack[-1]
            for other in others:
                if other not in seen:
                    seen.add(other)
                    stack.append((other, iter(graph[other])))
                    break
            else:
                ended.append(row)
                stack.pop()
    return ended


def _reachable(first: int, graph: Graph, seen: set[int]) -> list[int]:
    seen.add(first)
    found = [first]
    for row in found:
        for other in graph[row]:
            if other not in seen:
                seen.add(other)
                found.append(other)
    return found
