"""Differences between two JSON objects as a merge patch (RFC 7386): what differs, and null for what is gone."""

from __future__ import annotations

from typing import Any

from halo_generator.traversal import Json


def difference(old: Json, new: Json) -> Json:
    """Return the patch that turns ``old`` into ``new``; neither may hold null as a value of an object."""
    patch: Json = dict.fromkeys(sorted(old.keys() - new.keys()))
    for key, value in new.items():
        before = old.get(key)
        if isinstance(value, dict) and isinstance(before, dict):
            inner = difference(before, value)
            if inner:
                patch[key] = inner
        elif key not in old or before != value:
            patch[key] = value
    return dict(sorted(patch.items()))


def patched(old: Json, patch: Json) -> Json:
    """Return ``old`` with a patch applied; neither is changed, and parts of both are shared."""
    new: Json = dict(old)
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        elif isinstance(value, dict):
            before = new.get(key)
            new[key] = patched(before if isinstance(before, dict) else {}, value)
        else:
            new[key] = value
    return new


def without_nulls(node: Any) -> Any:
    """Return a copy without the object members that are null, which a patch cannot express."""
    if isinstance(node, dict):
        return {key: without_nulls(value) for key, value in node.items() if value is not None}
    return [without_nulls(value) for value in node] if isinstance(node, list) else node
