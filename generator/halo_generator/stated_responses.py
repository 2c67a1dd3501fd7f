"""Responses that a document states, beside those that the overlay knows: who is followed, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from halo_generator.infer import documented_schema, list_shape, resolve
from halo_generator.overlay import Overlay, Table
from halo_generator.report import CanonicalReport, pointer
from halo_generator.traversal import Json, operations, ref_name

OVER = "over"
"""A fact with this set holds whatever a document states: the document is known to be wrong."""


def overrule(document: Json, overlay: Overlay, report: CanonicalReport) -> None:
    """Remove the responses that a document is known to state wrongly, so that those of the overlay are taken."""
    for method, path, operation in operations(document):
        if any(fact.get(OVER) for fact in _find_tables(overlay, method, path)):
            stated = [status for status in operation["responses"] if str(status).startswith("2")]
            if documented_schema(operation) is not None:
                report.note("responses that are known to be different", pointer("paths", path, method))
            for status in stated:
                del operation["responses"][status]


def _find_tables(overlay: Overlay, method: str, path: str) -> Iterator[Table]:
    yield overlay.results.get(f"{method} {path}", {})
    if method == "get":
        yield overlay.lists.get(path, {})


def disagreements(document: Json, overlay: Overlay) -> list[str]:
    """Return where a document states another response than the overlay: the document is followed."""
    return [
        f"{method.upper()} {path}: the document states {stated}, the overlay has {known}; the document is followed"
        for method, path, operation in operations(document)
        for stated, known in _differing(document, overlay, method, path, operation)
    ]


def _differing(
    document: Json, overlay: Overlay, method: str, path: str, operation: Json
) -> Iterator[tuple[str, str]]:
    schema = documented_schema(operation)
    if schema is None:
        return
    told = overlay.results.get(f"{method} {path}", {}).get("result")
    if told is not None and told != _name_type(schema):
        yield _name_type(schema), told
    fact = overlay.lists.get(path, {}) if method == "get" else {}
    if fact.get("shape", "unknown") != "unknown":
        stated, known = _list_text(document, operation, fact), _known_text(fact)
        if not stated.startswith(known):
            yield stated, known


def _list_text(document: Json, operation: Json, fact: Table) -> str:
    schema = resolve(document, documented_schema(operation))
    one = {"shape": "object"} if schema.get("type") == "object" else {}
    shape = list_shape(document, operation, fact.get("rows_key")) or one
    rows: Any = schema.get("properties", {}).get(shape["rows_key"], {}) if "rows_key" in shape else schema
    row = ref_name(rows.get("items")) if isinstance(rows, dict) else None
    return _known_text({**shape, **({"row": row} if row and "row" in fact else {})})


def _known_text(fact: Table) -> str:
    key = f" under {fact['rows_key']!r}" if fact.get("shape") == "envelope" and "rows_key" in fact else ""
    row = f" of {fact['row']}" if "row" in fact else ""
    return f"{_SHAPES.get(fact.get('shape', ''), 'something else')}{key}{row}"


_SHAPES = {"array": "an array", "envelope": "an envelope", "object": "one object"}


def _name_type(schema: Any) -> str:
    name = ref_name(schema)
    if name is not None:
        return name
    if schema.get("format") == "binary":
        return "bytes"
    return "str" if schema.get("type") == "string" else str(schema.get("type", "anything"))
