"""The rows of a list, reduced to ids and names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from halo_async._operations.resource import member_name
from halo_async.errors import InvalidRequestError
from halo_async.records.converters import is_record
from halo_async.resources.lookups.kinds import LookupKind


class LookupCandidate(NamedTuple):
    """Possible match of a name."""

    id: int
    names: tuple[str, ...]
    traits: tuple[tuple[str, Any], ...]
    """Fields that distinguish it from others of the same name."""


async def candidates(
    client: Any, kind: LookupKind, filters: Mapping[str, Any], search: str | None = None
) -> list[LookupCandidate]:
    """Return all rows of a kind's list, or those found by the instance's own search.

    :raises InvalidRequestError: this API has no such list.
    :raises TypeError: the list has no such filter.
    """
    listing = lister(client, kind)
    asked = dict(filters) if search is None or kind.search is None else {**filters, kind.search: search}
    found = [_candidate(kind, row) async for row in listing(**asked)]
    return list({(each.id, each.names): each for each in found if each is not None}.values())


def lister(client: Any, kind: LookupKind) -> Any:
    """Return the `list` method of a kind's resource.

    :raises InvalidRequestError: the client, which may be generated from another document, has none.
    """
    resource = member_name(type(client), kind.resource)
    listing = None if resource is None else getattr(getattr(client, resource), "list", None)
    if listing is None:
        raise InvalidRequestError(
            f"The API document of this client has no list of {kind.resource!r}, "
            f"so no {kind.name} can be looked up."
        )
    return listing


def can_search(client: Any, kind: LookupKind) -> bool:
    """Return whether the kind's list has its search parameter."""
    return kind.search is not None and kind.search in lister(client, kind).operation.argument_names


def _candidate(kind: LookupKind, row: Any) -> LookupCandidate | None:
    fields = row.__dict__ if is_record(row) else row
    if not isinstance(fields, Mapping) or not isinstance(fields.get(kind.id), int):
        return None
    names = tuple(name for field in kind.names if isinstance(name := fields.get(field), str) and name)
    traits = tuple((field, fields[field]) for field in kind.tells if fields.get(field) is not None)
    return LookupCandidate(fields[kind.id], names, traits)
