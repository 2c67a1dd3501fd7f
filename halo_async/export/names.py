"""Exportable lists and their names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from halo_async._utils.names import did_you_mean
from halo_async.errors import SettingsError
from halo_async.export.children import CHILDREN

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation

ENDLESS = frozenset({"feed", "notifications"})
"""Lists that return their first page whatever page is requested: news, not records."""


def resource_name(operation: Operation) -> str:
    """Return `tickets` for `tickets.list`; another list of a resource keeps its full name."""
    return operation.name.removesuffix(".list")


def list_operations() -> dict[str, Operation]:
    """Return every operation that lists rows and has no path parameters, by resource name."""
    from halo_async._operations.resource import operations

    return {
        resource_name(item): item for item in operations() if item.kind == "list" and "{" not in item.path
    }


def all_resources() -> list[str]:
    """Return the resources whose whole list can be requested without a filter.

    Lists that the newest release no longer has are left out: an instance that has been updated refuses them, and the
    export would never be complete.
    """
    gone = _ended_paths()
    return [
        name
        for name, operation in list_operations().items()
        if "." not in name
        and not operation.required
        and name not in CHILDREN
        and name not in ENDLESS
        and operation.path not in gone
    ]


def _ended_paths() -> set[str]:
    from halo_async._utils.openapi_document import load_document
    from halo_async._utils.openapi_releases import lifetimes

    return {
        path
        for path, item in load_document()["paths"].items()
        if "until" in lifetimes(item.get("get", {}))[0]
    }


def resolve_names(names: Iterable[str]) -> list[Operation]:
    """Return the lists named like `tickets`, `ticket`, `ClientContract`, `client_contract`, `/Site/StockBins`.

    Each is returned once, in the order of the names; a list requested per parent follows its parent, which
    is added if it was not named.

    :raises SettingsError: a name is unknown, or no name was given.
    """
    chosen: dict[str, Operation] = {}
    for name in names:
        operation = _found(name)
        child = CHILDREN.get(resource_name(operation))
        if child is not None:
            chosen.setdefault(child.parent, _found(child.parent))
        chosen[resource_name(operation)] = operation
    if not chosen:
        raise SettingsError("No resource was named. Name at least one to export, such as tickets.")
    return list(chosen.values())


def own_name(name: str) -> str:
    """Return `client` for `Clients` or `clients.list`: the name that `resource_name` gives, if there is one."""
    head, dot, rest = name.removesuffix(".list").partition(".")
    return f"{_member(_fold_name(head)) or head}{dot}{rest}"


def _member(folded: str) -> str | None:
    """Return the resource that is spelt like this, or else the one whose other number is."""
    from halo_async._operations.resource import aliases, resource_names
    from halo_async.api import Resources

    own = next((name for name in resource_names(Resources) if _fold_name(name) == folded), None)
    if own is not None:
        return own
    return next((name for alias, name in aliases(Resources).items() if _fold_name(alias) == folded), None)


def _found(name: str) -> Operation:
    wanted = _fold_name(own_name(name))
    operation = _directly(wanted)
    if operation is not None:
        return operation
    from halo_async._operations.resource import aliases

    known = list_operations()
    spellings = {_fold_name(operation.path): operation for operation in known.values()}
    spellings |= {_fold_name(name): operation for name, operation in known.items()}
    if wanted not in spellings:
        others = {alias: own for alias, own in aliases().items() if own in known}
        hint = did_you_mean(name, known, others) or ". Show all with `halo-async operations list`."
        raise SettingsError(f"There is no list called {name!r} to export{hint}")
    return spellings[wanted]


def _directly(folded: str) -> Operation | None:
    """Return the list of the resource with this name, if there is one: only its own module is imported."""
    from halo_async._operations.resource import ResourceGroup, member_class
    from halo_async.api import Resources

    member = _member(folded)
    found = None if member is None else member_class(Resources, member)
    if found is None or issubclass(found, ResourceGroup):
        return None
    operation: Operation | None = getattr(getattr(found, "list", None), "operation", None)
    return (
        operation
        if operation is not None and operation.kind == "list" and "{" not in operation.path
        else None
    )


def _fold_name(name: str) -> str:
    return name.strip().strip("/").replace("_", "").lower()
