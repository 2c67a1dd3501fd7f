"""Resolution of one name to one id, with as few requests as possible.

Short lists are read once and cached. Long ones are searched by the instance; only if that does not find the
name, which a typo makes likely, the whole list is read, and cached as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from halo_async._utils.names import match_names, normalise
from halo_async._utils.single_flight import cache_of
from halo_async.errors import InvalidRequestError
from halo_async.records.repr import shorten
from halo_async.resources.lookups.candidates import LookupCandidate, can_search, candidates, lister
from halo_async.resources.lookups.kinds import LookupKind, kind_named
from halo_async.resources.lookups.wording import ambiguous, unknown


async def resolve(
    client: Any,
    kind: str,
    name: str | int | Iterable[str | int],
    filters: Mapping[str, Any],
    *,
    include_inactive: bool = False,
) -> int | list[int]:
    """See `Client.resolve`."""
    chosen = kind_named(kind)
    if include_inactive:
        filters = {**lister(client, chosen).operation.inactive_switches, **filters}
    if isinstance(name, Iterable) and not isinstance(name, str | bytes | Mapping):
        return [await _resolve_name(client, chosen, each, filters) for each in _check_names(chosen, name)]
    (checked,) = _check_names(chosen, [name])
    return await _resolve_name(client, chosen, checked, filters)


def _check_names(kind: LookupKind, names: Iterable[Any]) -> list[str | int]:
    listed = list(names)
    for name in listed:
        if isinstance(name, bool) or not (isinstance(name, int) or (isinstance(name, str) and name.strip())):
            raise InvalidRequestError(
                f"The kind {kind.name!r} is found by a name or an id, not by {shorten(name)}."
            )
    return listed


async def _resolve_name(client: Any, kind: LookupKind, name: str | int, filters: Mapping[str, Any]) -> int:
    if isinstance(name, int):
        return name
    lookup = _Lookup(client, kind, filters)
    found = await lookup.searched(name) if can_search(client, kind) else []
    known: Sequence[LookupCandidate] = ()
    if not found:
        known = await lookup.all()
        found = _meant(name, known)
    if len({candidate.id for candidate in found}) == 1:
        return found[0].id
    if found:
        raise ambiguous(kind, name, found)
    declared, measurements = lister(client, kind).operation, client.options.measurements
    unused = [
        switch
        for switch in declared.inactive_switches.keys() - filters.keys()
        if measurements is None
        or not measurements.shows_without(declared.resource, declared.api_name(switch))
    ]
    raise unknown(kind, name, known, filters, inactive_left_out=bool(unused))


class _Lookup:
    def __init__(self, client: Any, kind: LookupKind, filters: Mapping[str, Any]) -> None:
        self._client = client
        self._kind = kind
        self._filters = filters
        self._key = ("lookup", kind.name, repr(sorted(filters.items())), repr(client.options.params))
        self._known = cache_of(client.sender)

    async def searched(self, name: str) -> list[LookupCandidate]:
        """Return the instance's search results of that name, unless the whole list is already cached."""
        if self._known.known(self._key) is not None:
            return []
        words = " ".join(name.split())
        found: list[LookupCandidate] = await self._known.get(
            (*self._key, words), lambda: self._search_names(words)
        )
        return _meant(name, found)

    async def _search_names(self, words: str) -> list[LookupCandidate]:
        found = await candidates(self._client, self._kind, self._filters, words)
        return [each for each in found if normalise(words) in map(normalise, each.names)]

    async def all(self) -> list[LookupCandidate]:
        found: list[LookupCandidate] = await self._known.get(
            self._key, lambda: candidates(self._client, self._kind, self._filters)
        )
        return found


def _meant(name: str, known: Sequence[LookupCandidate]) -> list[LookupCandidate]:
    return match_names(name, known, lambda candidate: candidate.names)
