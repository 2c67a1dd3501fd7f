"""Convert the parser's properties to annotation types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.file import FileProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol
from openapi_python_client.parser.properties.string import StringProperty

_SCALARS: list[tuple[type[Any], str]] = [
    (BooleanProperty, "bool"),
    (IntProperty, "int"),
    (FloatProperty, "float"),
    (DateTimeProperty, "DateTime"),
    (FileProperty, "bytes"),
    (StringProperty, "str"),
]

ARGUMENT_WORDS = ("Many", "Moment", "RangeEnd", "RangeStart")
"""Names that signatures import from `halo_async._operations.argument_types`."""


@attrs.frozen
class Type:
    """A type: a scalar or ``Any`` (``text``), a ``record``, or a list or map of an ``item``."""

    text: str = ""
    record: str = ""
    container: str = ""
    item: Type | None = None

    def annotation(self, prefix: str = "") -> str:
        """Return the annotation's source text, with ``prefix`` before record names."""
        if self.record:
            return f"{prefix}{self.record}"
        if self.item is None:
            return self.text
        inner = self.item.annotation(prefix)
        return f"Sequence[{inner}]" if self.container == "list" else f"Mapping[str, {inner}]"

    def names(self) -> set[str]:
        """The words that the annotation takes from elsewhere: ``Any``, ``DateTime``, ``Sequence``, ``RangeEnd`` …."""
        inner = self.item.names() if self.item else set()
        own = (
            {"Sequence" if self.container == "list" else "Mapping"}
            if self.item
            else {self.text.partition("[")[0]}
        )
        return (inner | own) & {"Any", "DateTime", "Literal", "Sequence", "Mapping", *ARGUMENT_WORDS}

    def records(self) -> set[str]:
        """Return the records that the annotation refers to."""
        return {self.record} if self.record else self.item.records() if self.item else set()

    def without_records(self) -> Type:
        """Return the same type for a query parameter, which cannot contain records."""
        if self.record:
            return ANY
        return attrs.evolve(self, item=self.item.without_records()) if self.item else self


ANY = Type("Any")
EITHER = Type("str | bytes")
"""A body that is sent unchanged."""


@attrs.frozen
class Typer:
    """Annotation types of the parser's properties; `records` maps the parser's class names."""

    records: Mapping[str, str]

    def of(self, prop: PropertyProtocol) -> Type:
        """Return the type of a property, ignoring nullability."""
        if isinstance(prop, ListProperty):
            return Type(container="list", item=self.of(prop.inner_property))
        if isinstance(prop, ModelProperty):
            return self._model(prop)
        return next((Type(text) for cls, text in _SCALARS if isinstance(prop, cls)), ANY)

    def _model(self, prop: ModelProperty) -> Type:
        name = prop.class_info.name
        if name in self.records:
            return Type(record=self.records[name])
        values = prop.additional_properties
        return Type(container="map", item=ANY if values is None else self.of(values))
