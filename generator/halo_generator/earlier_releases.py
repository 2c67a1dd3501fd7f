"""Differences of the canonical documents of releases from that of their union, noted in the latter."""

from __future__ import annotations

from collections.abc import Mapping

from halo_generator import merge_patch
from halo_generator.release_facts import parameter_key
from halo_generator.release_history import KEY
from halo_generator.traversal import Json, operations


def note(document: Json, releases: Mapping[str, Json]) -> None:
    """Note the differences of each release's canonical document under ``was`` of operations and schemas.

    With them and the lifetimes, the union's document gives that of each release.
    """
    shared = document["components"]["parameters"]
    for name, older in releases.items():
        own = older["components"]["parameters"]
        for method, path, operation in operations(older):
            was = _strip_operation(operation, own)
            _note_patch(
                document["paths"][path][method],
                _strip_operation(document["paths"][path][method], shared),
                was,
                name,
            )
        for schema, facts in older["components"]["schemas"].items():
            newer = document["components"]["schemas"][schema]
            _note_patch(newer, {key: value for key, value in newer.items() if key != KEY}, facts, name)


def _strip_operation(operation: Json, shared: Json) -> Json:
    listed = operation.get("parameters", [])
    resolved = [shared[p["$ref"].rpartition("/")[2]] if "$ref" in p else p for p in listed]
    parameters = {parameter_key(parameter): parameter for parameter in resolved}
    rest = {key: value for key, value in operation.items() if key not in (KEY, "parameters")}
    return {**rest, "parameters": parameters} if parameters else rest


def _note_patch(holder: Json, now: Json, was: Json, release: str) -> None:
    patch = merge_patch.difference(now, was)
    for key in ("parameters", "properties"):  # those that a release lacks are told by their lifetime
        kept = {name: value for name, value in (patch.get(key) or {}).items() if value is not None}
        patch.pop(key, None)
        if kept:
            patch[key] = kept
    if patch:
        holder.setdefault(KEY, {}).setdefault("was", {})[release] = patch
