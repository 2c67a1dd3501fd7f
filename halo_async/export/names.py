"""Which lists can be exported, and what people call them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from halo_async.errors import SettingsError
from halo_async.export.children import CHILDREN
from halo_async.suggestions import did_you_mean

if TYPE_CHECKING:
    from halo_async.declaration import Operation

ENDLESS = frozenset({"feed", "notifications"})
"""Lists that give their first page whatever page is asked for: news, not holdings."""


def resource_name(operation: Operation) -> str:
    """`tickets` for `tickets.list`; another list of a resource keeps its whole name."""
    return operation.name.removesuffix(".list")


def lists() -> dict[str, Operation]:
    """Every operation that lists rows and needs nothing in its path, by resource name."""
    from halo_async.resource import operations

    return {
        resource_name(item): item for item in operations() if item.kind == "list" and "{" not in item.path
    }


def everything() -> list[str]:
    """The resources whose whole list can be asked for without a filter."""
    return [
        name
        for name, operation in lists().items()
        if "." not in name and not operation.required and name not in CHILDREN and name not in ENDLESS
    ]


def resolve(names: Iterable[str]) -> list[Operation]:
    """The list operations meant by `tickets`, `ClientContract`, `client_contract`, `/Site/StockBins`.

    Each comes once, in the order of the names; what is asked for by parent comes after its parent, which
    is added where it was not named.

    :raises SettingsError: a name is none, or no name was given.
    """
    known = lists()
    spellings = {_folded(operation.path): operation for operation in known.values()}
    spellings |= {_folded(name): operation for name, operation in known.items()}
    chosen: dict[str, Operation] = {}
    for name in names:
        operation = spellings.get(_folded(name.removesuffix(".list")))
        if operation is None:
            hint = did_you_mean(name, known) or "; `halo-async operations list` shows them"
            raise SettingsError(f"there is no list called {name!r} to export{hint}")
        child = CHILDREN.get(resource_name(operation))
        if child is not None:
            chosen.setdefault(child.parent, known[child.parent])
        chosen[resource_name(operation)] = operation
    if not chosen:
        raise SettingsError("name at least one resource to export, such as tickets")
    return list(chosen.values())


def _folded(name: str) -> str:
    return name.strip().strip("/").replace("_", "").lower()
