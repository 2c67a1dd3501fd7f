"""openapi-python-client reads the normal form and says what type every place has.

Its parser sees neutral names only (schemas ``S0``, fields ``p0``, operations ``o0``), so no name in a document can
collide with another, with Python's words, or reach its naming rules. Enumerations, defaults and bounds are left out:
Halo's enumerations are open, and none of them changes a type.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

import attrs
import openapi_python_client.parser.openapi as opc
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError as ParserError
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol

from halo_generator.errors import RepairError
from halo_generator.facts import LOCAL_DATE
from halo_generator.walk import Json, ref_name

MOST_PARAMETERS = 2000
"""Of one operation: the parser compares each with each. Beyond that an operation is emitted with plain types."""
_TYPE_FACTS = ("type", "format", "nullable", "required")


@attrs.frozen
class ParsedOperation:
    """What the parser made of one operation; its parameters by (location, name)."""

    parameters: dict[tuple[str, str], PropertyProtocol]
    body: PropertyProtocol | None
    answer: PropertyProtocol | None


@attrs.frozen
class Parsed:
    """The parser's properties: fields by (schema, field), operations by (method, path).

    ``schema_names`` leads from the class names in it back to Halo's schemas. What the parser refused is missing.
    """

    fields: dict[tuple[str, str], PropertyProtocol]
    operations: dict[tuple[str, str], ParsedOperation]
    schema_names: dict[str, str]


def parse(document: Json) -> Parsed:
    """Parse a document in normal form. :raises RepairError: the parser refuses the document as a whole."""
    view = _View(document)
    with _shared_properties():
        data = opc.GeneratorData.from_dict(view.document(), config=_config())
    if isinstance(data, ParserError):
        raise RepairError(f"#: the document cannot be read: {data.detail}")
    return _collect(view, data)


def _config() -> Config:
    return Config.from_sources(ConfigFile(), MetaType.NONE, "", "utf-8", overwrite=True, output_path=None)


@contextmanager
def _shared_properties() -> Iterator[None]:
    """Have the parser copy an endpoint without its model properties.

    It copies every endpoint deeply, and with it the models that its parameters, bodies and answers refer to: 20 of the
    28 seconds that it takes for Halo's document. Only the endpoint's own lists are changed afterwards.
    """
    original = opc.deepcopy  # type: ignore[attr-defined]
    opc.deepcopy = _copy_endpoint  # type: ignore[attr-defined,assignment]
    try:
        yield
    finally:
        opc.deepcopy = original  # type: ignore[attr-defined]


def _copy_endpoint(endpoint: opc.Endpoint) -> opc.Endpoint:
    twin = copy.copy(endpoint)
    for name, value in vars(twin).items():
        if isinstance(value, (list, set, dict)):
            setattr(twin, name, copy.copy(value))
    return twin


class _View:
    """The normal form under neutral names, and the way back from them."""

    def __init__(self, document: Json) -> None:
        self._source = document
        self._components = document["components"]
        self.schemas = list(self._components["schemas"])
        self._neutral = {name: f"S{index}" for index, name in enumerate(self.schemas)}
        self.operations = [(m, p) for p, item in document["paths"].items() for m in item]

    def document(self) -> Json:
        schemas = {self._neutral[n]: self._schema(s) for n, s in self._components["schemas"].items()}
        paths = {}
        for index, (method, path) in enumerate(self.operations):
            if len(self.parameters(method, path)) > MOST_PARAMETERS:
                continue
            operation = self._operation(self._source["paths"][path][method], f"o{index}")
            variables = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
            paths["".join([f"/o{index}", *(f"/{{{name}}}" for name in variables)])] = {method: operation}
        info = {"title": "", "version": ""}
        return {"openapi": "3.0.3", "info": info, "paths": paths, "components": {"schemas": schemas}}

    def parameters(self, method: str, path: str) -> list[Json]:
        listed = self._source["paths"][path][method].get("parameters", [])
        shared = self._components["parameters"]
        return [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in listed]

    def fields(self, schema: str) -> list[str]:
        return list(self._components["schemas"][schema].get("properties", {}))

    def _operation(self, operation: Json, name: str) -> Json:
        method, path = self.operations[int(name[1:])]
        parameters = [
            {
                "name": f"q{i}",
                "in": p["in"],
                "required": p.get("required", False),
                "schema": self._schema(p["schema"]),
            }
            for i, p in enumerate(self.parameters(method, path))
            if p["in"] in ("path", "query", "header", "cookie")
        ]
        answers = {s: self._answer(r) for s, r in operation["responses"].items() if s.startswith("2")}
        plain: Json = {"operationId": name, "parameters": parameters, "responses": answers}
        if "requestBody" in operation:
            plain["requestBody"] = {"content": self._content(operation["requestBody"])}
        return plain

    def _answer(self, response: Json) -> Json:
        return {"description": "", "content": self._content(response)}

    def _content(self, holder: Json) -> Json:
        return {
            media: {"schema": self._schema(v["schema"])} for media, v in holder.get("content", {}).items()
        }

    def _schema(self, schema: Json) -> Json:
        name = ref_name(schema)
        if name is not None:
            return {"$ref": f"#/components/schemas/{self._neutral[name]}"}
        plain = {key: schema[key] for key in _TYPE_FACTS if key in schema and key != "required"}
        if plain.get("format") == LOCAL_DATE:
            plain["format"] = "date-time"
        if "type" not in plain and schema.get("enum"):
            plain["type"] = _type_of(schema["enum"][0])
        for key in ("items", "additionalProperties"):
            if key in schema:
                plain[key] = self._schema(schema[key])
        for key in ("allOf", "anyOf", "oneOf"):
            if key in schema:
                plain[key] = [self._schema(part) for part in schema[key]]
        if "properties" in schema:
            plain["properties"] = {
                f"p{i}": self._schema(v) for i, v in enumerate(schema["properties"].values())
            }
        return plain


def _type_of(value: Any) -> str:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "number" if isinstance(value, float) else "string"


def _collect(view: _View, data: opc.GeneratorData) -> Parsed:
    names = {f"S{index}": name for index, name in enumerate(view.schemas)}
    fields: dict[tuple[str, str], PropertyProtocol] = {}
    for model in data.models:
        schema = names.get(model.class_info.name)
        if schema is not None:
            fields.update(_model_fields(view.fields(schema), schema, model))
    operations = dict(_parsed_operations(view, data))
    return Parsed(fields, operations, names)


def _model_fields(
    wire_names: list[str], schema: str, model: ModelProperty
) -> Iterator[tuple[tuple[str, str], PropertyProtocol]]:
    for prop in [*(model.required_properties or []), *(model.optional_properties or [])]:
        neutral = prop.name.get_untrusted_value()
        if neutral.startswith("p") and neutral[1:].isdigit() and int(neutral[1:]) < len(wire_names):
            yield (schema, wire_names[int(neutral[1:])]), prop


def _parsed_operations(
    view: _View, data: opc.GeneratorData
) -> Iterator[tuple[tuple[str, str], ParsedOperation]]:
    for collection in data.endpoint_collections_by_tag.values():
        for endpoint in collection.endpoints:
            key = view.operations[int(endpoint.name.lstrip("o_"))]
            declared = view.parameters(*key)
            found = [
                (declared[int(p.name.get_untrusted_value()[1:])], p)
                for _, p in endpoint.iter_all_parameters()
            ]
            parameters = {(told["in"], told["name"]): cast(PropertyProtocol, prop) for told, prop in found}
            body = endpoint.bodies[0].prop if endpoint.bodies else None
            answer = next(iter(endpoint.responses), None)
            yield key, ParsedOperation(parameters, body, answer.prop if answer else None)
