"""One document of several releases: every operation, parameter and field that any has, the newest as to types."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import attrs

from halo_generator import release_facts
from halo_generator.release_facts import parameter_key
from halo_generator.release_history import KEY, lifetime, members
from halo_generator.releases import Release
from halo_generator.traversal import Json


@attrs.frozen
class Union:
    """The document, with `x-halo-releases`, and the places where a newer release lacks what an older one has."""

    document: Json
    lost: dict[str, str]
    """By ``POST /Path``: what the operation had, and until when."""


def united(releases: list[Release]) -> Union:
    """Return the union of one release or more, oldest to newest."""
    names = [release.name for release in releases]
    lost: dict[str, str] = {}
    facts = releases[0].facts
    for older, newer in pairwise(releases):
        facts = _merged(facts, newer.facts)
        lost |= _find_lost(older, newer)
    document = release_facts.document_of(facts)
    document[KEY] = names
    _note_operations(document, releases, names)
    _note_schemas(document, releases, names)
    return Union(document, lost)


def _merged(old: Json, new: Json) -> Json:
    known = old["schemas"] | new["schemas"]
    newer = release_facts.refined(old, new, known)
    schemas = {
        name: _join_schemas(old["schemas"].get(name), newer["schemas"].get(name)) for name in sorted(known)
    }
    paths = {
        path: _join_items(old["paths"].get(path, {}), newer["paths"].get(path, {}))
        for path in sorted(old["paths"].keys() | newer["paths"].keys())
    }
    return {"paths": paths, "schemas": schemas}


def _join_schemas(old: Json | None, new: Json | None) -> Json:
    if old is None or new is None:
        return old or new or {}
    if "properties" not in old or "properties" not in new:
        return new
    fields = old["properties"] | new["properties"]
    return {**new, "properties": {name: fields[name] for name in sorted(fields)}}


def _join_items(old: Json, new: Json) -> Json:
    return {
        method: _join_operations(old.get(method, {}), new.get(method, {}))
        for method in sorted(old.keys() | new.keys())
    }


def _join_operations(old: Json, new: Json) -> Json:
    """Return an operation with what an older document says of it, where the newer one does not speak of it at all."""
    made = {**old, **new}
    before = old.get("parameters", {})
    gone = {key: _optional(key, before[key]) for key in before.keys() - new.get("parameters", {}) if new}
    parameters = {**before, **gone, **new.get("parameters", {})}
    return {**made, "parameters": parameters} if parameters else made


def _optional(key: str, parameter: Json) -> Json:
    """Return a parameter that newer instances do not have, so that they need it no more."""
    return parameter if key.startswith("path ") else {k: v for k, v in parameter.items() if k != "required"}


def _find_lost(older: Release, newer: Release) -> dict[str, str]:
    found = {}
    for path, item in older.facts["paths"].items():
        for method, operation in item.items():
            now = newer.facts["paths"].get(path, {}).get(method)
            gone = [
                part for part in ("body", "responses") if now is not None and part in operation.keys() - now
            ]
            if gone:
                found[f"{method.upper()} {path}"] = f"{' and '.join(gone)} until {older.name}"
    return found


# -- since when ----------------------------------------------------------------------------------------------------


def _note_operations(document: Json, releases: list[Release], names: list[str]) -> None:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            held = {r.name: r.facts["paths"].get(path, {}).get(method) for r in releases}
            listed = {name: facts.get("parameters", {}) for name, facts in held.items() if facts is not None}
            own = {parameter_key(each): each["name"] for each in operation.get("parameters", ())}
            _note_lifetime(operation, own, listed, names)


def _note_schemas(document: Json, releases: list[Release], names: list[str]) -> None:
    for name, schema in document["components"]["schemas"].items():
        held = {r.name: r.facts["schemas"].get(name) for r in releases}
        listed = {
            release: facts.get("properties", {}) for release, facts in held.items() if facts is not None
        }
        fields = schema.get("properties", {})
        _note_lifetime(schema, dict(zip(fields, fields, strict=True)), listed, names)


def _note_lifetime(
    holder: Json, parts: Mapping[str, str], listed: Mapping[str, Any], names: list[str]
) -> None:
    """Note the lifetime of an operation or schema, and of its ``parts``: a key in ``listed`` and the name of each."""
    whole = lifetime([name for name in names if name in listed], names)
    own = {
        name: lifetime([release for release in names if key in listed.get(release, ())], names)
        for key, name in parts.items()
    }
    told = members(whole, own)
    if told:
        holder[KEY] = told
