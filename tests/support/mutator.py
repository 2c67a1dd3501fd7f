"""Documents that are nearly right: a few paths of a real one, with everything they speak of, changed at random."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from typing import Any

NAMES = [
    "/A{B}", "/{X}", "/", "//", "/{id}", "/a b", "/a?b=c", "/x/{a}{b}/{a}", "class", "__init__", "", "self", "int",
    "Any", "op", "models", "import os", 'x"""', "\\", "\ud800", "\x00\n", "π", "a.b", "RECORDS", "Resources", "Halo",
    "export", "/export", "/Resources/{id}", "con", "x" * 400, "$ref", "allOf", "{", "}", "é\u202e",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, -1, 1e308, "", "\ud800", '"""', "\\", "a\x00b", "\u202e", [], {}, [[]], [{}], {"": ""},
    {"$ref": "#"}, {"$ref": "#/components/schemas/Nobody"}, {"$ref": "other.yaml#/x"}, {"$ref": 7},
    {"type": "object", "nullable": True, "properties": {"a": {"type": "string"}}}, {"type": ["string", "null"]},
    {"type": "array"}, {"type": "int"}, {"allOf": [{}, {}]}, {"oneOf": []}, "null", 10**200, ["null"],
]  # fmt: skip


def subset(document: dict[str, Any], chance: random.Random, most_paths: int = 4) -> dict[str, Any]:
    """Some paths of a document and the components that they speak of, directly or not, but not endlessly many."""
    paths = chance.sample(sorted(document["paths"]), min(most_paths, len(document["paths"])))
    chosen = {path: document["paths"][path] for path in paths}
    components: dict[str, dict[str, Any]] = {"schemas": {}}
    pending: list[Any] = [chosen]
    while pending:
        for kind, name in references(pending.pop()):
            held = components.setdefault(kind, {})
            found = document["components"].get(kind, {}).get(name)
            if name not in held and found is not None and len(held) < 8:
                held[name] = found
                pending.append(found)
    info = {key: document[key] for key in ("openapi", "info")}
    return copy.deepcopy({**info, "paths": chosen, "components": components})


def references(node: Any) -> Iterator[tuple[str, str]]:
    """The components that a value speaks of."""
    pending = [node]
    while pending:
        at = pending.pop()
        if isinstance(at, dict):
            if isinstance(at.get("$ref"), str) and at["$ref"].count("/") == 3:
                _, _, kind, name = at["$ref"].split("/")
                yield kind, name
            pending += at.values()
        elif isinstance(at, list):
            pending += at


def mutated(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The document, changed at one to six places."""
    for _ in range(chance.randint(1, 6)):
        places = list(_places(document))
        if places:
            holder, key = chance.choice(places)
            chance.choice(CHANGES)(document, holder, key, chance)
    return document


def _places(node: Any) -> Iterator[tuple[Any, Any]]:
    pending = [node]
    while pending:
        at = pending.pop()
        if isinstance(at, (dict, list)):
            keys = list(at) if isinstance(at, dict) else range(len(at))
            yield from ((at, key) for key in keys)
            pending += at.values() if isinstance(at, dict) else at


def _replace(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = copy.deepcopy(chance.choice(VALUES))


def _remove(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    del holder[key]


def _rename(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder, dict):
        holder[chance.choice(NAMES)] = holder.pop(key)


def _say(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder[key], str):
        holder[key] = chance.choice(NAMES)


def _copy(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    holder[key] = copy.deepcopy(chance.choice([h[k] for h, k in _places(document)]))


def _refer(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    components = document.get("components")
    schemas = components.get("schemas") if isinstance(components, dict) else None
    names = list(schemas) if isinstance(schemas, dict) else []
    refer = {"$ref": f"#/components/schemas/{chance.choice(names)}"} if names else {"$ref": "#/paths"}
    holder[key] = chance.choice([refer, {"allOf": [refer, refer]}, {"anyOf": [refer, {"type": "null"}]}])


def _point(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    paths = document.get("paths")
    if isinstance(paths, dict) and paths:
        path = str(chance.choice(list(paths))).replace("~", "~0").replace("/", "~1")
        holder[key] = {"$ref": f"#/paths/{path}"}


def _spread(document: Any, holder: Any, key: Any, chance: random.Random) -> None:
    if isinstance(holder, dict) and isinstance(holder[key], dict):
        holder[key] |= {
            chance.choice(NAMES): copy.deepcopy(value) for value in list(holder[key].values())[:3]
        }


CHANGES: list[Callable[[Any, Any, Any, random.Random], None]] = [
    _replace, _remove, _rename, _say, _copy, _refer, _point, _spread,
]  # fmt: skip
