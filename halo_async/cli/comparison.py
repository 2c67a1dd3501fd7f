"""Comparison of an instance's own document with the built-in operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.request import ProxyHandler, build_opener

import msgspec

from halo_async._operations.resource import operations
from halo_async.settings import Instance

DOCUMENT = "/swagger/v2/swagger.json"
_METHODS = ("get", "post", "put", "patch", "delete")
_SHOWN = 10

Surface = Mapping[tuple[str, str], frozenset[str]]
"""The parameters of each (method, path), such as `query agent_id`."""


def compare(instance: str) -> list[str]:
    """Fetch an instance's document over HTTP and return one line per difference."""
    opener = build_opener(ProxyHandler({}))  # the demo's instance is on this machine
    with opener.open(Instance.parse(instance).api_url + DOCUMENT, timeout=30) as answer:
        document = msgspec.json.decode(answer.read())
    return differences(declared(document), built_in())


def declared(document: Mapping[str, Any]) -> Surface:
    """Return the declarations of a document in any dialect."""
    found = {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                found[method.upper(), path] = _parameters(document, item[method].get("parameters", ()))
    return found


def _parameters(document: Mapping[str, Any], declared: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    names = []
    for parameter in declared:
        if "$ref" in parameter:
            parameter = document["components"]["parameters"][parameter["$ref"].rpartition("/")[2]]
        if parameter["in"] in ("path", "query"):
            names.append(f"{parameter['in']} {parameter['name']}")
    return frozenset(names)


def built_in() -> Surface:
    """Return the built-in declarations."""
    return {
        (operation.method, operation.path): frozenset(
            f"{item.location} {item.name}" for item in operation.parameters if item.location != "body"
        )
        for operation in operations()
    }


def differences(theirs: Surface, ours: Surface) -> list[str]:
    """Return the lines that list what only one of the two has."""
    lines = [f"only there: {method} {path}" for method, path in sorted(theirs.keys() - ours.keys())]
    lines += [f"only built in: {method} {path}" for method, path in sorted(ours.keys() - theirs.keys())]
    for key in sorted(theirs.keys() & ours.keys()):
        for name in sorted(theirs[key] ^ ours[key]):
            where = "only there" if name in theirs[key] else "only built in"
            lines.append(f"{where}: {' '.join(key)}, {name}")
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], f"and {more} more"] if more > 1 else lines
