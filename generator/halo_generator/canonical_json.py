"""Layout of the canonical document: one line per parameter and property, for readable diffs."""

from __future__ import annotations

import json
from typing import Any

from halo_generator.traversal import Json

_ROWS = {"parameters", "properties", "responses", "securitySchemes"}


def dumps(document: Json) -> str:
    """Return the canonical document as text: one line for each parameter and property."""
    return _format_node(document, 0, expand=True) + "\n"


def _format_node(node: Any, depth: int, *, expand: bool) -> str:
    flat = json.dumps(node, ensure_ascii=False, separators=(", ", ": "))
    if not expand or not isinstance(node, (dict, list)) or not node or len(flat) + depth <= 118:
        return flat
    inner, outer = "  " * (depth + 1), "  " * depth
    if isinstance(node, list):
        rows = [inner + _format_node(value, depth + 1, expand=False) for value in node]
        return "[\n" + ",\n".join(rows) + f"\n{outer}]"
    rows = [
        f"{inner}{json.dumps(key)}: {_format_value(key, value, depth + 1)}" for key, value in node.items()
    ]
    return "{\n" + ",\n".join(rows) + f"\n{outer}}}"


def _format_value(key: str, value: Any, depth: int) -> str:
    if key in _ROWS and isinstance(value, dict) and value:
        inner, outer = "  " * (depth + 1), "  " * depth
        rows = [
            f"{inner}{json.dumps(k)}: {_format_node(v, depth + 1, expand=False)}" for k, v in value.items()
        ]
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    if key == "parameters" and isinstance(value, list):
        inner, outer = "  " * (depth + 1), "  " * depth
        rows = [inner + _format_node(v, depth + 1, expand=False) for v in value]
        return "[\n" + ",\n".join(rows) + f"\n{outer}]"
    return _format_node(value, depth, expand=True)
