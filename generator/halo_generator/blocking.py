"""Types of the client without `await`: a line for each operation, whose parameters are those of the awaited one."""

from __future__ import annotations

import attrs

from halo_generator.surface import Surface, SurfaceOperation, SurfaceResource

FOLDER = "blocking/api"
"""Inside of a package."""
_OWN = "halo_async."


@attrs.frozen
class ResourceStub:
    """The stub of one resource."""

    name: str
    class_name: str
    bases: tuple[str, ...]
    methods: tuple[tuple[str, str], ...]
    """Each with the function that gives its type."""
    members: tuple[tuple[str, str], ...] = ()
    """Of a group: attributes, each with its class."""
    is_open: bool = False
    """True if a class of the user's is among its bases, whose methods are not known here."""


def stubs(surface: Surface) -> tuple[ResourceStub, ...]:
    """Return the stubs of the resources at the top; those of a group are told by `group_stubs`."""
    return tuple(
        _stub(
            resource,
            tuple((m.name, f"_{resource.name}.{m.class_name}") for m in surface.groups[resource.name]),
        )
        if resource.name in surface.groups
        else _stub(resource)
        for resource in surface.resources
    )


def group_stubs(surface: Surface, group: str) -> tuple[ResourceStub, ...]:
    """Return the stubs of a group's members."""
    return tuple(_stub(member) for member in surface.groups[group])


def attributes(surface: Surface) -> list[str]:
    """Return a line for each resource: the attribute of a client, and the one in the other grammatical number."""
    names: dict[str, list[str]] = {resource.name: [resource.name] for resource in surface.resources}
    for alias, name in surface.aliases.items():
        names[name].append(alias)
    return [
        "; ".join(f"{name}: {resource.class_name}" for name in names[resource.name])
        for resource in surface.resources
    ]


def _stub(resource: SurfaceResource, members: tuple[tuple[str, str], ...] = ()) -> ResourceStub:
    written, mixin = resource.written, resource.mixin
    own = (
        f"Writable[{written.annotation('_models.')}]"
        if written
        else "ResourceGroup"
        if members
        else "Resource"
    )
    known = mixin is not None and mixin.module.startswith(_OWN)
    mixed: tuple[str, ...] = (f"_bases.{mixin.name}",) if mixin is not None and known else ()
    watched = (o.result.annotation("_models.") for o in resource.operations if "changes" in o.facts)
    mixed += tuple(f"_bases.Watchable[{'_typing.Any' if row == 'Any' else row}]" for row in watched)[:1]
    methods = [pair for operation in resource.operations for pair in _methods(operation)]
    return ResourceStub(
        resource.name,
        resource.class_name,
        (*mixed, f"_bases.{own}"),
        tuple(methods),
        members,
        is_open=mixin is not None and not known,
    )


def _methods(operation: SurfaceOperation) -> list[tuple[str, str]]:
    how = "rows" if operation.kind in ("list", "proxy") else "call"
    own = [(operation.method_name, how)]
    return [*own, ("changed_since", how)] if "changes" in operation.facts else own
