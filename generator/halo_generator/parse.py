"""Types of all reduced schemas, determined by openapi-python-client.

Its parser gets each distinct schema once, as a field of models built for it, under neutral names only
(models ``M0``, records ``R0``, fields ``p0``): no name in a document can collide with another or with
Python's words, or reach its naming rules. It compares every field of a model with each other, and copies
its state for every model, so it is given a few schemas at a time: the time is linear in the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

import openapi_python_client.parser.openapi as opc
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import GeneratorError as ParserError

from halo_generator.errors import RepairError
from halo_generator.reduce import text
from halo_generator.traversal import Json
from halo_generator.types import Type, Typer

FIELDS = 25
"""Fields per model."""
MODELS = 25
"""Models per document that the parser gets."""


def types(reduced: Iterable[Json], records: Mapping[str, str]) -> dict[str, Type]:
    """Return the types of reduced schemas by their text; ``records``: the record of each record schema.

    :raises RepairError: the parser rejects its input.
    """
    distinct = {text(schema): schema for schema in reduced}
    found: dict[str, Type] = {}
    pending = iter(sorted(distinct.items()))
    while batch := list(islice(pending, FIELDS * MODELS)):
        found.update(_typed(batch, records))
    return found


def _typed(batch: list[tuple[str, Json]], records: Mapping[str, str]) -> Iterator[tuple[str, Type]]:
    spoken_of = sorted({name for _, schema in batch for name in _find_references(schema)})
    neutral = {name: f"R{index}" for index, name in enumerate(spoken_of)}
    models = {
        f"M{index // FIELDS}": {
            "type": "object",
            "properties": {
                f"p{index + at}": _renamed(schema, neutral)
                for at, (_, schema) in enumerate(batch[index : index + FIELDS])
            },
        }
        for index in range(0, len(batch), FIELDS)
    }
    typer = Typer({neutral[name]: records[name] for name in spoken_of})
    for model in _parse_document(models | {name: {"type": "object"} for name in neutral.values()}).models:
        for prop in [*(model.required_properties or []), *(model.optional_properties or [])]:
            name = prop.name.get_untrusted_value()
            if model.class_info.name in models:
                yield batch[int(name[1:])][0], typer.of(prop)


def _parse_document(schemas: Json) -> opc.GeneratorData:
    document = {
        "openapi": "3.0.3",
        "info": {"title": "", "version": ""},
        "paths": {},
        "components": {"schemas": schemas},
    }
    config = Config.from_sources(ConfigFile(), MetaType.NONE, "", "utf-8", overwrite=True, output_path=None)
    data = opc.GeneratorData.from_dict(document, config=config)
    if isinstance(data, ParserError):
        raise RepairError(f"#: the document cannot be read: {data.detail}")
    return data


def _find_references(schema: Json) -> Iterator[str]:
    at: Json | None = schema
    while at:
        if "$ref" in at:
            yield at["$ref"]
        at = at.get("items") or at.get("additionalProperties")


def _renamed(schema: Json, neutral: Mapping[str, str]) -> Json:
    if "$ref" in schema:
        return {"$ref": f"#/components/schemas/{neutral[schema['$ref']]}"}
    inner: Json = {
        key: _renamed(schema[key], neutral) for key in ("items", "additionalProperties") if key in schema
    }
    if schema.get("type") == "array":
        inner.setdefault("items", {})
    return {**schema, **inner}
