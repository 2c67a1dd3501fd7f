"""Strict instance: it rejects what is not in its document, where a live one ignores it.

For tests of applications: a misspelt filter or field fails at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.errors import model_state
from halo_async.emulator.reply import Reply
from halo_async.emulator.schema import Schemas, body_schema

# Paging works on lists that do not declare it, and every client sends it.
_EVERYWHERE = frozenset({"pageinate", "page_no", "page_size", "count"})


def refusal(schemas: Schemas, call: EmulatorCall) -> Reply | None:
    """Return a 400 that lists the query parameters and posted fields that the document lacks, if any."""
    unknown = unknown_parameters(call) | {
        name: ["The document knows no such field, or another shape."] for name in _check_fields(schemas, call)
    }
    return model_state(unknown) if unknown else None


def unknown_parameters(call: EmulatorCall) -> dict[str, list[str]]:
    """Return a message for each query parameter that the document lacks."""
    declared = call.operation.query_names()
    return {name: ["This parameter is not in the document."] for name in call.given()
            if name not in declared and name not in _EVERYWHERE}  # fmt: skip


def _check_fields(schemas: Schemas, call: EmulatorCall) -> Iterator[str]:
    schema = body_schema(call.operation.raw)
    if schema is None or not call.body.strip():
        return
    try:
        body = call.json()
    except ValueError:
        return
    if schemas.resolve(schema).get("type") == "array" and not isinstance(body, list):
        yield ""
        return
    known = schemas.properties(schemas.row(schema) or {})
    if not known:
        return
    for index, element in enumerate(body if isinstance(body, list) else [body]):
        where = f"[{index}]." if isinstance(body, list) else ""
        yield from (f"{where}{name}" for name in _list_names(element) if name not in known)


def _list_names(element: Any) -> list[str]:
    return list(element) if isinstance(element, Mapping) else []
