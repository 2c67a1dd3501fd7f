"""The parser's properties -> the types that stand in annotations."""

from __future__ import annotations

from typing import Any

import attrs
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty
from openapi_python_client.parser.properties.uuid import UuidProperty

_SCALARS: list[tuple[type[Any], str]] = [
    (BooleanProperty, "bool"),
    (IntProperty, "int"),
    (FloatProperty, "float"),
    (DateTimeProperty, "DateTime"),
    (FileProperty, "bytes"),
    (StringProperty, "str"),
    (DateProperty, "str"),
    (UuidProperty, "str"),
]


@attrs.frozen
class Type:
    """A type: a scalar or ``Any`` (``text``), a ``record``, or a list or map of an ``item``."""

    text: str = ""
    record: str = ""
    container: str = ""
    item: Type | None = None

    def annotation(self, prefix: str = "") -> str:
        """The text of the annotation, records with ``prefix`` before them."""
        if self.record:
            return f"{prefix}{self.record}"
        if self.item is None:
            return self.text
        inner = self.item.annotation(prefix)
        return f"Sequence[{inner}]" if self.container == "list" else f"Mapping[str, {inner}]"

    def names(self) -> set[str]:
        """The words that the annotation takes from elsewhere: ``Any``, ``DateTime``, ``Sequence``, ``Mapping``."""
        inner = self.item.names() if self.item else set()
        own = {"Sequence" if self.container == "list" else "Mapping"} if self.item else {self.text}
        return (inner | own) & {"Any", "DateTime", "Sequence", "Mapping"}

    def records(self) -> set[str]:
        """The records that the annotation names."""
        return {self.record} if self.record else self.item.records() if self.item else set()

    def without_records(self) -> Type:
        """The same for a query, which carries no records."""
        if self.record:
            return ANY
        return attrs.evolve(self, item=self.item.without_records()) if self.item else self


ANY = Type("Any")


def scalar(schema: dict[str, Any]) -> Type:
    """The type of a plain schema of an operation that the parser refused as a whole."""
    names = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
    return Type(names.get(str(schema.get("type")), "Any"))


@attrs.frozen
class Typer:
    """Types of the parser's properties; ``records`` by schema, ``schema_names`` from the parser's class names."""

    records: dict[str, str]
    schema_names: dict[str, str]

    def of(self, prop: PropertyProtocol, depth: int = 0) -> Type:
        """The type of a property; that it may be null is not part of it."""
        if depth > 20:
            return ANY
        if isinstance(prop, UnionProperty):
            return self._union(prop, depth)
        if isinstance(prop, ListProperty):
            return Type(container="list", item=self.of(prop.inner_property, depth + 1))
        if isinstance(prop, ModelProperty):
            return self._model(prop, depth)
        return next((Type(text) for cls, text in _SCALARS if isinstance(prop, cls)), ANY)

    def _union(self, prop: UnionProperty, depth: int) -> Type:
        inner = [part for part in prop.inner_properties if not isinstance(part, NoneProperty)]
        found = {self.of(part, depth + 1) for part in inner}
        return found.pop() if len(found) == 1 else ANY

    def _model(self, prop: ModelProperty, depth: int) -> Type:
        schema = self.schema_names.get(prop.class_info.name)
        if schema in self.records:
            return Type(record=self.records[schema])
        if prop.additional_properties is not None and not (
            prop.required_properties or prop.optional_properties
        ):
            return Type(container="map", item=self.of(prop.additional_properties, depth + 1))
        return Type(container="map", item=ANY)

    def first_record(self, prop: PropertyProtocol) -> Type | None:
        """The record of an answer that is one record or a list of them."""
        parts = prop.inner_properties if isinstance(prop, UnionProperty) else [prop]
        for part in parts:
            found = self.of(part)
            if found.record or (found.item and found.item.record):
                return found if found.record else found.item
        return None

    def property_at(self, prop: PropertyProtocol, index: int) -> PropertyProtocol | None:
        """The field of an object without a name of its own that stands at ``index``."""
        if not isinstance(prop, ModelProperty):
            return None
        fields = [*(prop.required_properties or []), *(prop.optional_properties or [])]
        return next((field for field in fields if field.name.get_untrusted_value() == f"p{index}"), None)
