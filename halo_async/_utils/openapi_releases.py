"""Releases of Halo that the canonical document describes together: since when there is what, and that of one alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._utils.openapi_document import Document

RELEASES = "x-halo-releases"
"""Extension of the document, its operations and its schemas."""


def releases(document: Document) -> tuple[str, ...]:
    """Return the releases of Halo that a document describes, oldest to newest: `("2024-09", …)`; often none."""
    return tuple(document.get(RELEASES, ()))


def lifetimes(holder: Document) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """Return since when there is an operation or a schema, and until when, and the same of its parameters or fields.

    `{"since": "2025-03"}`: not in the oldest release; `{"until": "2025-03"}`: the last release that has it. What every
    release has is not mentioned.
    """
    told = holder.get(RELEASES, {})
    own = {key: told[key] for key in ("since", "until") if key in told}
    parts: dict[str, dict[str, str]] = {}
    for key, kind in (("since", "added"), ("until", "removed")):
        for release, names in told.get(kind, {}).items():
            for name in names:
                parts.setdefault(name, {})[key] = release
    return own, parts


def document_of_release(document: Document, release: str) -> Document:
    """Return the canonical document of one release. Treat it as read-only: it shares parts with ``document``.

    :raises ValueError: ``document`` does not describe that release.
    """
    known = releases(document)
    if release not in known:
        raise ValueError(f"{release!r} is not a release of this document. Use one of {', '.join(known)}.")
    shared = document["components"].get("parameters", {})
    paths = {
        path: {
            method: _as_of(_resolved(operation, shared), release, "parameters")
            for method, operation in item.items()
            if _has(operation, release)
        }
        for path, item in document["paths"].items()
    }
    schemas = {
        name: _as_of(schema, release, "properties")
        for name, schema in document["components"]["schemas"].items()
        if _has(schema, release)
    }
    rest = {key: value for key, value in document.items() if key != RELEASES}
    components = {key: value for key, value in document["components"].items() if key != "parameters"}
    return {
        **rest,
        "paths": {path: item for path, item in paths.items() if item},
        "components": {**components, "parameters": {}, "schemas": schemas},
    }


def _has(holder: Document, release: str) -> bool:
    """Return whether a release has an operation or a schema."""
    told = holder.get(RELEASES, {})
    return bool(told.get("since", release) <= release <= told.get("until", release))


def _resolved(operation: Document, shared: Document) -> Document:
    """Return an operation with its parameters by location and name."""
    if "parameters" not in operation:
        return operation
    listed = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in operation["parameters"]]
    return {**operation, "parameters": {f"{each['in']} {each['name']}": each for each in listed}}


def _as_of(holder: Document, release: str, parts: str) -> Document:
    """Return an operation or schema as a release has it; ``parts`` names what has lifetimes of its own."""
    told = holder.get(RELEASES, {})
    made = {key: value for key, value in holder.items() if key != RELEASES}
    absent = {name for since, names in told.get("added", {}).items() if since > release for name in names}
    absent |= {name for until, names in told.get("removed", {}).items() if until < release for name in names}
    if absent and parts in made:
        made[parts] = {
            name: part for name, part in made[parts].items() if name.rpartition(" ")[2] not in absent
        }
    made = _patched(made, told.get("was", {}).get(release, {}))
    if parts == "parameters" and parts in made:
        made[parts] = list(made[parts].values())
        if not made[parts]:
            del made[parts]
    return made


def _patched(old: Document, patch: Document) -> dict[str, Any]:
    """Apply a JSON merge patch (RFC 7386)."""
    new = dict(old)
    for key, value in patch.items():
        if value is None:
            new.pop(key, None)
        elif isinstance(value, Mapping):
            before = new.get(key)
            new[key] = _patched(before if isinstance(before, Mapping) else {}, value)
        else:
            new[key] = value
    return new
