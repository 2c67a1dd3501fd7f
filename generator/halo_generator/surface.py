"""Content of the generated package: resources, operations and records, under their Python names."""

from __future__ import annotations

import attrs

from halo_generator.grammatical_number import aliases
from halo_generator.release_history import ALWAYS, Lifetime
from halo_generator.traversal import Json
from halo_generator.types import Type

# Arguments for the client itself, never sent; a parameter of the same name is renamed.
CLIENT_OPTIONS = {
    "list": ("on_incomplete", "when", "overlap"),
    "proxy": ("on_incomplete", "rows_path", "next_path"),
}


@attrs.frozen
class OperationParameter:
    """One parameter of an operation: ``name`` on the wire, ``python_name`` in the signature."""

    name: str
    python_name: str
    location: str
    required: bool
    type: Type
    doc: str = ""
    lifetime: Lifetime = ALWAYS


@attrs.frozen
class Body:
    """A request body: the name of its argument, its type, its media type."""

    python_name: str
    type: Type
    media: str


@attrs.frozen
class SurfaceOperation:
    """One operation: ``method_name`` of its resource, ``facts`` as under ``x-halo`` in the document."""

    method: str
    path: str
    method_name: str
    kind: str
    parameters: tuple[OperationParameter, ...]
    body: Body | None
    result: Type
    facts: Json
    doc: str = ""
    lifetime: Lifetime = ALWAYS

    @property
    def positional(self) -> tuple[OperationParameter, ...]:
        """The path parameters, in the order of the path."""
        return tuple(p for p in self.parameters if p.location == "path")

    @property
    def keywords(self) -> tuple[OperationParameter, ...]:
        """All other parameters: mostly query parameters, the required ones first."""
        rest = [p for p in self.parameters if p.location != "path"]
        return tuple(sorted(rest, key=lambda p: not p.required))


@attrs.frozen
class Mixin:
    """A handwritten base class of a resource: its module and its name."""

    module: str
    name: str


@attrs.frozen
class SurfaceResource:
    """A class of operations; ``group`` names the package that contains it, if any."""

    name: str
    class_name: str
    module: str
    operations: tuple[SurfaceOperation, ...]
    group: str = ""
    mixin: Mixin | None = None

    @property
    def written(self) -> Type | None:
        """The record that `create`, `update` and `save` accept, if there is an upsert."""
        bodies = [o.body.type for o in self.operations if o.kind == "upsert" and o.body]
        return bodies[0] if bodies else None


@attrs.frozen
class SurfaceField:
    """One field of a record; never null where ``nullable`` is false."""

    name: str
    python_name: str
    type: Type
    nullable: bool
    doc: str = ""
    lifetime: Lifetime = ALWAYS


@attrs.frozen
class RecordType:
    """One record class and its schema; parts are in the ``module`` of the record that they belong to."""

    name: str
    schema: str
    module: str
    fields: tuple[SurfaceField, ...]
    doc: str = ""
    lifetime: Lifetime = ALWAYS

    @property
    def has_custom_fields(self) -> bool:
        """True if ``record.custom`` reads added fields; a Halo field of that name takes precedence."""
        types = {field.python_name: field.type.annotation() for field in self.fields}
        return types.get("customfields") == "Sequence[CustomField]" and "custom" not in types


@attrs.frozen
class Surface:
    """The whole generated package; ``groups`` contains the members of each group of resources."""

    resources: tuple[SurfaceResource, ...]
    groups: dict[str, tuple[SurfaceResource, ...]]
    records: tuple[RecordType, ...]

    @property
    def everything(self) -> list[SurfaceResource]:
        """All resources, including those of groups."""
        return [*self.resources, *(member for members in self.groups.values() for member in members)]

    @property
    def aliases(self) -> dict[str, str]:
        """Other grammatical numbers of resource names, each with the name; members of groups, products, have none."""
        return aliases(resource.name for resource in self.resources)

    @property
    def operations(self) -> list[tuple[SurfaceResource, SurfaceOperation]]:
        """All operations with their resources."""
        return [(resource, operation) for resource in self.everything for operation in resource.operations]
