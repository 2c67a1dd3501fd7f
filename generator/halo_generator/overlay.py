"""Application of spec/overlay.toml: the hand-maintained facts that the document lacks or has wrong."""

from __future__ import annotations

import tomllib
from importlib import resources
from pathlib import Path
from typing import Any

import attrs

from halo_generator import arguments, mixins, release_history
from halo_generator.errors import OverlayError
from halo_generator.report import CanonicalReport, pointer
from halo_generator.traversal import Json, operations, ref_to

Table = dict[str, Any]
_SCALARS: dict[str, Json] = {
    "integer": {"type": "integer", "format": "int32"},
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "number": {"type": "number", "format": "double"},
    "date-time": {"type": "string", "format": "date-time"},
    "any": {},
}


class ByPath(dict[str, Any]):
    """A table by path, segment or operation: Halo's paths are case-insensitive."""

    def __init__(self, entries: dict[str, Any] | None = None) -> None:
        super().__init__({key.lower(): value for key, value in (entries or {}).items()})

    def __getitem__(self, key: str) -> Any:
        return super().__getitem__(key.lower())

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and super().__contains__(key.lower())

    def get(self, key: str, default: Any = None) -> Any:
        """Same as `dict.get`."""
        return super().get(key.lower(), default)


@attrs.frozen
class Overlay:
    """The facts of an overlay file, one table per kind; the comments in the file explain each."""

    records: dict[str, str] = attrs.field(factory=dict)
    words: dict[str, list[str]] = attrs.field(factory=dict)
    resources: dict[str, str] = attrs.field(factory=ByPath, converter=ByPath)
    methods: dict[str, str] = attrs.field(factory=ByPath, converter=ByPath)
    results: dict[str, Table] = attrs.field(factory=ByPath, converter=ByPath)
    parameters: dict[str, dict[str, str]] = attrs.field(factory=dict)
    needed: dict[str, dict[str, str]] = attrs.field(factory=dict)
    query: dict[str, dict[str, str]] = attrs.field(factory=dict)
    proxies: dict[str, Table] = attrs.field(factory=ByPath, converter=ByPath)
    lists: dict[str, Table] = attrs.field(factory=ByPath, converter=ByPath)
    identity: dict[str, Table] = attrs.field(factory=ByPath, converter=ByPath)
    changes: dict[str, Table] = attrs.field(factory=dict)
    several: dict[str, dict[str, list[str]]] = attrs.field(factory=ByPath, converter=ByPath)
    choices: dict[str, dict[str, list[str]]] = attrs.field(factory=ByPath, converter=ByPath)
    explained: dict[str, str] = attrs.field(factory=ByPath, converter=ByPath)
    typed: dict[str, dict[str, str]] = attrs.field(factory=ByPath, converter=ByPath)
    bodies: dict[str, Table] = attrs.field(factory=ByPath, converter=ByPath)
    mixins: dict[str, str] = attrs.field(factory=ByPath, converter=ByPath)
    operations: list[Table] = attrs.field(factory=list)
    schemas: dict[str, dict[str, str]] = attrs.field(factory=dict)
    fields: dict[str, dict[str, str]] = attrs.field(factory=dict)
    kept: dict[str, dict[str, str]] = attrs.field(factory=dict)
    own: Overlay | None = None
    """The part that applies to any document, if the rest is the generator's own, about Halo's."""


PAGING = ("count", "older_than_id")
"""By which parameters a list that repeats its first page can be read whole."""
_TABLES = tuple(field for field in attrs.fields(Overlay) if field.name != "own")


def read(path: Path | None = None) -> Overlay:
    """Return the overlay at ``path``, by default the one that ships with the generator.

    :raises OverlayError: the file cannot be read, is not valid TOML, or has an unknown table.
    """
    return _check_tables(_tables(path), path)


def merged(path: Path | None) -> Overlay:
    """Return the overlay that ships with the generator, with the facts of ``path`` over it, if given.

    :raises OverlayError: as `read`.
    """
    base, own = read(), read(path) if path is not None else Overlay()
    tables: Table = {"operations": [*base.operations, *own.operations]}
    for name in [field.name for field in _TABLES if field.name != "operations"]:
        tables[name] = type(getattr(base, name))(getattr(base, name) | getattr(own, name))
    return Overlay(**tables, own=own)


def _tables(path: Path | None) -> Table:
    try:
        return tomllib.loads(path.read_text("utf-8") if path else _shipped())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise OverlayError(f"The overlay {path or 'of the generator'} cannot be read: {error}.") from error


def _check_tables(tables: Table, path: Path | None) -> Overlay:
    for field in _TABLES:
        kind = list if field.name == "operations" else dict
        if not isinstance(tables.get(field.name, kind()), kind):
            raise OverlayError(f"[{field.name}] of the overlay {path} must be a table.")
    unknown = tables.keys() - {field.name for field in _TABLES}
    if unknown:
        raise OverlayError(
            f"The overlay {path} has unknown tables: {', '.join(sorted(unknown))}. Remove them."
        )
    mixins.read(tables.get("mixins", {}))
    for place, fact in tables.get("lists", {}).items():
        if isinstance(fact, dict) and fact.get("paging", "count") not in PAGING:
            raise OverlayError(
                f"The paging of {place} in the overlay {path} must be one of {', '.join(PAGING)}."
            )
    return Overlay(**tables)


def _shipped() -> str:
    packaged = resources.files("halo_generator") / "overlay.toml"
    if packaged.is_file():
        return packaged.read_text("utf-8")
    return (Path(__file__).parents[2] / "spec" / "overlay.toml").read_text("utf-8")


def apply(document: Json, overlay: Overlay, report: CanonicalReport) -> None:
    """Add to ``document`` the operations and schemas that it lacks, and correct names that it has wrong."""
    known = document.setdefault("components", {}).setdefault("schemas", {})
    for name in sorted(overlay.schemas.keys() - known.keys()):
        known[name] = _build_schema(overlay.schemas[name])
    for operation in overlay.operations:
        _add_operation(document, operation, report)
    for name, fields in overlay.fields.items():
        _add_fields(known, name, fields, report)
    for name in overlay.kept.keys() & known.keys():
        properties = known[name].setdefault("properties", {})
        properties.update({f: _parse_scalar(t) for f, t in overlay.kept[name].items() if f not in properties})
    for key, renames in overlay.parameters.items():
        _rename_parameters(document, key, renames, report)
    for key, query in overlay.needed.items():
        _add_parameters(document, key, query, report, needed=True)
    for key, query in overlay.query.items():
        _add_parameters(document, key, query, report, needed=False)
    for path, fact in overlay.changes.items():
        _moments(document, path, fact, report)
    for method, path, operation in operations(document):
        place = pointer("paths", path, method)
        _retype(operation, overlay.typed.get(f"{method} {path}", {}), place, report)
        _note_several(operation, overlay.several.get(f"{method} {path}", {}), place, report)
        _note_choices(operation, overlay.choices.get(f"{method} {path}", {}), place, report)
        if "requestBody" not in operation and f"{method} {path}" in overlay.bodies:
            operation["requestBody"] = _json_body(overlay.bodies[f"{method} {path}"]["body"], document)
            report.note("bodies from the overlay", place)


def _add_operation(document: Json, fact: Table, report: CanonicalReport) -> None:
    method, path = fact["method"].lower(), fact["path"]
    item = document["paths"].setdefault(path, {})
    if method in item:
        return
    operation: Json = {"tags": [fact["tag"]], "responses": {}}
    parameters = [_path_parameter(name) for name in _templated(path)]
    parameters += [
        {"name": n, "in": "query", "schema": _parse_scalar(t)} for n, t in fact.get("query", {}).items()
    ]
    if parameters:
        operation["parameters"] = parameters
    if "body" in fact:
        operation["requestBody"] = _json_body(fact["body"], document)
    item[method] = operation
    report.note("operations from the overlay", pointer("paths", path, method))


def _templated(path: str) -> list[str]:
    return [segment[1:-1] for segment in path.split("/") if segment.startswith("{")]


def _path_parameter(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": _parse_scalar("integer")}


def _json_body(text: str, document: Json) -> Json:
    return {"content": {"application/json": {"schema": _parse_body(text, document)}}}


def _parse_body(text: str, document: Json) -> Json:
    """Return a schema, or a list of it if in brackets; anything if the document does not contain it."""
    name = text.strip("[]")
    found = ref_to(name) if name in document["components"]["schemas"] else {}
    return {"type": "array", "items": found} if text.startswith("[") else found


def _parse_scalar(text: str) -> Json:
    name = text.removesuffix("?")
    if name not in _SCALARS:
        raise OverlayError(f"{text!r} is not a type of the overlay. Use one of {', '.join(_SCALARS)}.")
    return {**_SCALARS[name], **({"nullable": True} if text.endswith("?") else {})}


def _build_schema(fields: dict[str, str]) -> Json:
    return {"type": "object", "properties": {field: _parse_scalar(text) for field, text in fields.items()}}


def _add_fields(known: Json, name: str, fields: dict[str, str], report: CanonicalReport) -> None:
    """Add fields missing from an instance's document, mostly custom ones, or correct wrong types."""
    if name not in known:
        raise OverlayError(
            f"[fields.{name}] of the overlay names a schema that the document lacks. Correct the name."
        )
    properties = known[name].setdefault("properties", {})
    for field, text in fields.items():
        properties[field] = _parse_scalar(text)
        report.note("fields from the overlay", pointer("components", "schemas", name, "properties", field))


def _moments(document: Json, path: str, fact: Table, report: CanonicalReport) -> None:
    """Give date filters a date type, whatever the document says about them."""
    operation = document["paths"].get(path, {}).get("get", {})
    for parameter in operation.get("parameters", []):
        filters = parameter["name"] in (fact["since"], fact.get("until"))
        if filters and parameter.get("schema") != _parse_scalar("date-time"):
            report.note("mistyped parameters", pointer("paths", path, "get", parameter["name"]))
            parameter["schema"] = _parse_scalar("date-time")


def _retype(operation: Json, types: dict[str, str], place: str, report: CanonicalReport) -> None:
    """Give parameters the types that they have on the wire, where the document says otherwise."""
    for parameter in operation.get("parameters", []) if types else []:
        text = types.get(parameter["name"])
        if text and parameter.get("schema") != _parse_scalar(text):
            report.note("mistyped parameters", f"{place}/{parameter['name']}")
            parameter["schema"] = _parse_scalar(text)


def _note_several(operation: Json, names: dict[str, list[str]], place: str, report: CanonicalReport) -> None:
    """Note the parameters that take several values in one text, where the document's own words do not."""
    kinds = {name: kind for kind in arguments.KINDS for name in names.get(kind, ())}
    for parameter in operation.get("parameters", []) if kinds else []:
        kind = kinds.get(parameter["name"])
        if kind and arguments.MANY not in parameter and arguments.is_text(parameter):
            arguments.note(parameter, kind, f"{place}/{parameter['name']}", report)


def _note_choices(operation: Json, words: dict[str, list[str]], place: str, report: CanonicalReport) -> None:
    """Note the words that parameters take, where the document's own descriptions do not."""
    for parameter in operation.get("parameters", []) if words else []:
        known = words.get(parameter["name"])
        if (
            known
            and not {arguments.CHOICES, arguments.MANY} & parameter.keys()
            and arguments.is_text(parameter)
        ):
            arguments.note_choices(parameter, known, f"{place}/{parameter['name']}", report)


def _rename_parameters(document: Json, key: str, renames: dict[str, str], report: CanonicalReport) -> None:
    method, _, path = key.partition(" ")
    operation = document["paths"].get(path, {}).get(method.lower(), {})
    names = {p["name"] for p in operation.get("parameters", [])}
    for parameter in operation.get("parameters", []):
        right = renames.get(parameter["name"])
        if right and right not in names:
            report.note("filters parameters", pointer("paths", path, method.lower(), parameter["name"]))
            release_history.rename(operation, parameter["name"], right)
            parameter["name"] = right


def _add_parameters(
    document: Json, key: str, query: dict[str, str], report: CanonicalReport, *, needed: bool
) -> None:
    """Query parameters that an operation takes, or does nothing without, whether or not a document has them."""
    method, _, path = key.partition(" ")
    operation = document["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return
    listed = operation.setdefault("parameters", [])
    for name, text in query.items():
        found = next((p for p in listed if p["name"] == name and p["in"] == "query"), None)
        if found is None:
            required = {"required": True} if needed else {}
            listed.append({"name": name, "in": "query", **required, "schema": _parse_scalar(text)})
            report.note("parameters from the overlay", pointer("paths", path, method.lower(), name))
        elif needed:
            found["required"] = True
