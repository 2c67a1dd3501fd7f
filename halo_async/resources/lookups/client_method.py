"""`Halo.resolve`: the method that every client has, with its options."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, overload

from halo_async._operations.common_mistakes import called_as


@overload
async def resolve(
    self: Any, kind: str, name: str | int, *, include_inactive: bool = False, **filters: Any
) -> int: ...
@overload
async def resolve(
    self: Any, kind: str, name: Iterable[str | int], *, include_inactive: bool = False, **filters: Any
) -> list[int]: ...
@called_as('resolve("agent", "Jane Doe")')
async def resolve(
    self: Any,
    kind: str,
    name: str | int | Iterable[str | int],
    *,
    include_inactive: bool = False,
    **filters: Any,
) -> int | list[int]:
    """The id of a status, priority, ticket type, team, agent, client, category, site or user by its name.

    Several names give a list of their ids, in their order.

    Case and spaces do not count unless two names differ in nothing else. What was found is kept for this client
    until `forget_lookups`; calls at the same time share one request. Clients, agents, sites and users are
    searched for; all of them are read only where the search does not find the name. An int comes back as it is.

    ```python
    team = await halo.resolve("team", "Service desk")
    new, closed = await halo.resolve("status", ["New", "Closed"])
    ```

    :param kind: `status`, `priority`, `ticket_type`, `team`, `agent`, `client`, `category`, `site` or `user`.
    :param include_inactive: also look among inactive, disabled and API-only rows, where the list has switches for
        them (`includeinactive`, `includedisabled`, `includeapiagents`, …); no effect where it has none. A switch
        given as a filter wins.
    :param filters: those of the list's own, such as `client_id=12` for a site or `slaid=3` for a priority.
    :param name: a name, an id (returned as it is), or several of them.
    :raises UnknownNameError: nothing has the name; the message has the nearest names and how many there are.
    :raises AmbiguousNameError: several have it; the message tells them apart.
    :raises InvalidRequestError: there is no such kind, or this API has no such list.
    :raises TypeError: the list has no such filter.
    """
    from halo_async.resources.lookups.resolve import resolve as resolved

    return await resolved(self, kind, name, filters, include_inactive=include_inactive)
