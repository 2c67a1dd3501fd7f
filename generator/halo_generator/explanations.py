"""Hover texts of operations, parameters and records, in our own words."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from halo_generator.grammatical_number import other_number
from halo_generator.names import snake
from halo_generator.traversal import Json
from halo_generator.types import Type

if TYPE_CHECKING:
    from halo_generator.surface import SurfaceOperation, SurfaceResource

_MOST = 4
"""Names of operations in the text of a record."""

_CURSOR = {
    "parameter": "where the next page begins; the pages that are read set it.",
    "secondary_parameter": "sent with the cursor; the pages that are read set it.",
    "paging_flag": "turns paging on; sent unless given.",
    "size": "rows in one page.",
}
_CHOICES = re.compile(r"Literal\[(.+)\]")
_SEVERAL = "one value or several: a list is sent as one text with commas."


def explanation(name: str, kind: Type, facts: Json, explained: Mapping[str, str]) -> str:
    """Return what a parameter does, as far as the overlay says; empty if it does not.

    :param facts: the ``x-halo`` of its operation.
    :param explained: texts by the name of a parameter.
    """
    for role, text in _CURSOR.items():
        if facts.get("kind") == "proxy" and facts.get(role) == name:
            return text
    if name in explained:
        return explained[name]
    annotation = kind.annotation()
    if annotation.startswith("Many["):
        return _SEVERAL
    if choices := _CHOICES.match(annotation):
        return f"{_either(choices[1])}; instances may know others."
    return ""


def _either(choices: str) -> str:
    """Return `"a", "b"` as `a` or `b`, in backticks."""
    names = [f"`{name.strip().strip(chr(34))}`" for name in choices.split(",")]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def purpose(operation: SurfaceOperation, resource: str) -> str:
    """Return what an operation does, as the end of the first sentence of its docstring.

    :param resource: the name of its resource in Python.
    """
    parts = [part for part in operation.path.split("/") if part and not part.startswith("{")] or ["response"]
    if parts[0].lower() == "integrationdata" and len(parts) > 1:
        return _purpose_of_proxy(operation, parts[1:])
    one, many = _nouns(parts[0], resource)
    rest = " ".join(_spell_name(part, snake(part)) for part in parts[1:])
    if operation.kind == "list" and rest:
        return f'list "{rest}" of {many}'
    if operation.kind == "list":
        return f"list {many}, page after page" if operation.facts.get("paged") else f"list {many}"
    if operation.kind == "get":
        return f"read one {one} by its id"
    if operation.kind == "upsert":
        return f"create {many}, or update those that have an id"
    if operation.kind == "delete":
        return f"delete one {one}, and return what was deleted"
    verb = "fetch" if operation.method == "GET" else "call"
    rest = " ".join(_spell_name(part, snake(part)) for part in parts[1:])
    return (
        f'{verb} "{rest}" of {many}{_as_it_is(operation)}' if rest else f"{verb} {many}{_as_it_is(operation)}"
    )


def _purpose_of_proxy(operation: SurfaceOperation, parts: list[str]) -> str:
    name = " ".join(part for part in parts if part not in ("Get", "Post"))
    if operation.kind == "proxy":
        return f"read data of {name} through Halo, page by page"
    return f"{'fetch' if operation.method == 'GET' else 'call'} {name} through Halo{_as_it_is(operation)}"


def _as_it_is(operation: SurfaceOperation) -> str:
    return "; the response is returned as it is" if operation.kind == "get_raw" else ""


def _nouns(segment: str, name: str) -> tuple[str, str]:
    """Return what a path holds, in words: one of it, and many."""
    other = other_number(name)
    if name.endswith("details"):
        return f"record of {_spell_name(segment, name)}", _spell_name(segment, name)
    one, many = sorted((name, other or name), key=len)
    return _spell_name(segment, one), _spell_name(segment, many)


def _spell_name(segment: str, name: str) -> str:
    """Return the words of a name, with abbreviations as Halo's path has them."""
    return " ".join(_abbreviation(segment, word) for word in name.split("_") if word) or segment


def _abbreviation(segment: str, word: str) -> str:
    if len(word) > 1 and word.upper() in segment:
        return word.upper()
    plural = len(word) > 2 and word.endswith("s") and word[:-1].upper() in segment
    return f"{word[:-1].upper()}s" if plural else word


def record_uses(operations: Iterable[tuple[SurfaceResource, SurfaceOperation]]) -> dict[str, str]:
    """Return for each record, by its name, a sentence with the operations that return it and that take it."""
    found: dict[str, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for resource, operation in operations:
        path = f"{resource.group}.{resource.name}" if resource.group else resource.name
        for record in operation.result.records():
            found[record][0].append(f"{path}.{operation.method_name}")
        for record in operation.body.type.records() if operation.body else ():
            found[record][1].append(f"{path}.{operation.method_name}")
    return {record: _sentence(*lists) for record, lists in found.items()}


def _sentence(returned: list[str], taken: list[str]) -> str:
    told = [
        f"{word} {_some(names)}" for word, names in (("Returned by", returned), ("Taken by", taken)) if names
    ]
    return " ".join(f"{each}." for each in told)


def _some(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST])
    return f"{shown} and {len(names) - _MOST} more" if len(names) > _MOST else shown
