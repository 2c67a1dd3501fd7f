"""Kind and response of each operation, inferred if the document does not state them.

The kinds: ``list`` (rows), ``get`` (one record by its id), ``delete``, ``upsert`` (a POST of an array of
records), ``call`` (any other POST), ``get_raw`` (any other GET), ``proxy`` (an IntegrationData GET with
a cursor).
"""

from __future__ import annotations

from typing import Any

from halo_generator.names import distinct
from halo_generator.operation_names import GROUP, by_id, literals, operation_name
from halo_generator.overlay import Overlay
from halo_generator.traversal import Json, json_schema, operations, ref_name, ref_to

# Lists next to the rows in an envelope.
SIDECARS = {"columns", "folders"}
Seen = dict[int, list[str]]
"""The lists among fields that have been looked at: many operations return one schema."""


def infer(document: Json, overlay: Overlay) -> dict[tuple[str, str], Json]:
    """Return the ``x-halo`` facts of every operation by (method, path); its ``name`` is unique."""
    facts = {}
    taken: set[str] = set()
    seen: Seen = {}
    newer = {(fact["method"].lower(), fact["path"]) for fact in overlay.operations}
    for method, path, operation in operations(document):
        fact = _infer_kind(document, overlay, method, path, operation, seen)
        name = distinct(operation_name(overlay, method, path, fact["kind"]), taken)
        taken.add(name)
        facts[method, path] = {"name": name, **fact, **({"newer": True} if (method, path) in newer else {})}
    return facts


# -- kinds ---------------------------------------------------------------------------------------------------------


def _infer_kind(
    document: Json, overlay: Overlay, method: str, path: str, operation: Json, seen: Seen
) -> Json:
    if method == "get":
        return _get_kind(document, overlay, path, operation, seen)
    if method == "delete":
        return {"kind": "delete"}
    body = json_schema(operation.get("requestBody"))
    collection = len(literals(path)) == 1 and not by_id(path)
    if method == "post" and collection and isinstance(body, dict) and ref_name(body.get("items")):
        return {"kind": "upsert"}
    return {"kind": "call"}


def _get_kind(document: Json, overlay: Overlay, path: str, operation: Json, seen: Seen) -> Json:
    if path in overlay.proxies:
        return {"kind": "proxy", **overlay.proxies[path]}
    if by_id(path):
        return {"kind": "get"}
    if literals(path)[0] == GROUP and path not in overlay.lists:
        return {"kind": "get_raw"}
    fact = _list_fact(document, overlay, path, operation, seen)
    return {"kind": "list", **fact} if fact else {"kind": "get_raw"}


def _list_fact(document: Json, overlay: Overlay, path: str, operation: Json, seen: Seen) -> Json | None:
    if f"GET {path}" in overlay.results:
        return None
    names = {p["name"] for p in operation.get("parameters", [])}
    pages = bool(names & {"pageinate", "page_no"})
    fact = {key: value for key, value in overlay.lists.get(path, {}).items() if key not in ("row",)}
    documented = list_shape(document, operation, fact.get("rows_key"), seen)
    if documented:
        fact.update(documented)
    shape = fact.get("shape", "unknown")
    if shape == "object" or (
        shape == "unknown" and not (pages or _looks_like_a_list(document, overlay, path))
    ):
        return None
    fact["shape"] = shape
    fact.setdefault("paged", "paging" not in fact and (pages or shape == "envelope"))
    if path in overlay.identity:
        fact["identity"] = overlay.identity[path]["fields"]
    changes = overlay.changes.get(path)
    if changes and changes["since"] in names:
        fact["changes"] = {key: changes[key] for key in ("since", "stamp") if key in changes}
    return fact


def _looks_like_a_list(document: Json, overlay: Overlay, path: str) -> bool:
    item = document["paths"].get(path + "/{id}", {})
    return "get" in item or "row" in overlay.lists.get(path, {}) or _posted_item(document, path) is not None


def documented_schema(operation: Json) -> Any:
    """Return the schema of the first successful response that the document itself states, or None."""
    for status in sorted(operation.get("responses", {})):
        response = operation["responses"][status]
        if str(status).startswith("2") and not (
            isinstance(response, dict) and response.get("x-halo-inferred")
        ):
            schema = json_schema(response)
            if schema is not None:
                return schema
    return None


def resolve(document: Json, schema: Any) -> Json:
    """Return the schema behind a ``$ref``, or the schema itself; ``{}`` if the reference is dangling."""
    for _ in range(10):
        name = ref_name(schema)
        if name is None:
            break
        schema = document["components"]["schemas"].get(name, {})
    return schema if isinstance(schema, dict) else {}


def list_shape(document: Json, operation: Json, key: str | None, seen: Seen | None = None) -> Json | None:
    """Return the shape of the list that a document states, with the key of its rows; None if it states none."""
    seen = {} if seen is None else seen
    schema = resolve(document, documented_schema(operation))
    if schema.get("type") == "array":
        return {"shape": "array", "sure": "documented"}
    fields = schema.get("properties") or {}
    if "record_count" not in fields:
        return {"shape": "object", "sure": "documented"} if fields else None
    if id(fields) not in seen:
        seen[id(fields)] = [
            name
            for name, value in fields.items()
            if resolve(document, value).get("type") == "array" and name not in SIDECARS
        ]
    rows = seen[id(fields)]
    chosen = key if key in rows else next(iter(rows), None)
    return {"shape": "envelope", "rows_key": chosen, "sure": "documented"} if chosen is not None else None


# -- responses -----------------------------------------------------------------------------------------------------


def _posted_item(document: Json, path: str) -> str | None:
    body = json_schema(document["paths"].get(path, {}).get("post", {}).get("requestBody"))
    if not isinstance(body, dict):
        return None
    return ref_name(body.get("items")) or ref_name(body)


def record_of(document: Json, overlay: Overlay, path: str, operation: Json) -> str | None:
    """Return the schema of the full record of the resource that ``path`` belongs to; None if unknown."""
    known = document["components"]["schemas"]
    collection = "/" + literals(path)[0]
    tag = (operation.get("tags") or [""])[0]
    row = overlay.lists.get(collection, {}).get("row", "")
    candidates = [_posted_item(document, collection), tag, row.removesuffix("_List"), row]
    return next((name for name in candidates if name and name in known), None)


def row_of(document: Json, overlay: Overlay, path: str, operation: Json) -> str | None:
    """Return a list's row schema: from the overlay, else ``X_List`` if it exists, else the full record."""
    known = document["components"]["schemas"]
    row = overlay.lists.get(path, {}).get("row")
    if row in known:
        return str(row)
    if len(literals(path)) > 1:
        return None
    full = record_of(document, overlay, path, operation)
    return f"{full}_List" if f"{full}_List" in known else full


def response_schema(
    document: Json, overlay: Overlay, method: str, path: str, operation: Json, fact: Json
) -> Json | None:
    """Return the schema of a successful response: documented, else inferred; None if unknown."""
    stated = documented_schema(operation)
    if stated is not None:
        return dict(stated)
    told = overlay.results.get(f"{method.upper()} {path}", {}).get("result")
    if told is not None:
        return _find_schema(told, document)
    if fact["kind"] == "list":
        return _describe_rows(fact, row_of(document, overlay, path, operation))
    name = _inferred_record(document, overlay, path, operation, fact["kind"])
    if name is None:
        return None
    one = ref_to(name)
    return {"anyOf": [one, {"type": "array", "items": one}]} if fact["kind"] == "upsert" else one


def _find_schema(told: str, document: Json) -> Json | None:
    if told == "bytes":
        return {"type": "string", "format": "binary"}
    if told == "str":
        return {"type": "string"}
    return ref_to(told) if told in document["components"]["schemas"] else None


def _inferred_record(document: Json, overlay: Overlay, path: str, operation: Json, kind: str) -> str | None:
    plain = len(literals(path)) == 1
    if kind == "upsert":
        return _posted_item(document, path)
    if kind in ("get", "delete") and plain:
        return record_of(document, overlay, path, operation)
    if kind == "call" and plain and not by_id(path):
        return ref_name(json_schema(operation.get("requestBody")))
    if kind == "get_raw" and plain and overlay.lists.get(path, {}).get("shape") == "object":
        return _posted_item(document, path)
    return None


def _describe_rows(fact: Json, row: str | None) -> Json:
    rows: Json = {"type": "array", "items": ref_to(row) if row else {}}
    if fact["shape"] != "envelope":
        return rows
    counts = {name: {"type": "integer"} for name in ("record_count", "page_no", "page_size")}
    envelope: Json = {"type": "object", "properties": {**counts, fact["rows_key"]: rows}}
    return {"anyOf": [envelope, rows]} if fact.get("unpaged") == "array" else envelope
