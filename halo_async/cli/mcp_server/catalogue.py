"""Operations that a server offers: found by words, and described one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from halo_async._operations.common_mistakes import meant_operation
from halo_async._operations.operation import Operation
from halo_async._operations.resource import aliases, operations, own_name
from halo_async._operations.response_decoding import decode_as
from halo_async._operations.search import describe, find, names_of
from halo_async._utils.names import closest_names
from halo_async._utils.openapi_document import load_document
from halo_async.cli.mcp_server.budget import ENVELOPE, fitting, tokens_of
from halo_async.cli.mcp_server.cursors import ResultCursor, digest_of, read_cursor
from halo_async.cli.mcp_server.options import ServerOptions
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.cli.mcp_server.side_effects import changes_data
from halo_async.records.fields import declared

_MODEL = re.compile(r"models\.\w+").search
_NEAR = 5
_SHOWN_PARAMETERS = 12
"""Names of parameters shown for each operation that is found."""


class Catalogue:
    """Operations by name, narrowed to the resources that the server may use."""

    def __init__(self, options: ServerOptions) -> None:
        self._options = options

    @cached_property
    def by_name(self) -> Mapping[str, Operation]:
        """The operations by their Python names."""
        return {item.name: item for item in operations() if self._options.includes(item.resource)}

    @cached_property
    def _numbers(self) -> Mapping[str, str]:
        return {name: alias for alias, name in aliases().items()}

    def lookup(self, name: str) -> Operation:
        """Return the operation with a name such as `tickets.list` or `ticket.list`.

        :raises RefusedError: there is none; the sentence has near names.
        """
        found = self.by_name.get(own_name(name.strip()))
        if found is not None:
            return found
        if self._elsewhere(name):
            raise RefusedError(
                f"{name} is not among the resources that this server was started with: {self._allowed()}. "
                "Use one of these, or ask the user to start the server with --resources that include it."
            )
        near = self._near(name)
        mend = f"Did you mean {' or '.join(near)}?" if near else "Find one with search_operations."
        raise RefusedError(f"There is no operation {name!r:.100}. {mend}")

    def _elsewhere(self, name: str) -> bool:
        return self._options.resources is not None and any(
            item.name == own_name(name.strip()) for item in operations()
        )

    def _allowed(self) -> str:
        return ", ".join(sorted(self._options.resources or ()))

    def _near(self, name: str) -> list[str]:
        """Near names: that of a method and path, those of the same resource for a wrong verb, what is spelt alike."""
        method, _, path = name.strip().lower().replace(" /api/", " /").partition(" ")
        requested = [
            python_name
            for python_name, item in self.by_name.items()
            if (item.method.lower(), item.path.lower()) == (method, path)
        ]
        if requested:
            return requested[:_NEAR]
        own = own_name(name.strip())[:100]
        if meant := meant_operation(own, self.by_name):
            return [meant]
        resource, _, verb = own.rpartition(".")
        siblings = [item for item in self.by_name if item.rpartition(".")[0] == (resource or verb)]
        near = closest_names(verb, [item.rpartition(".")[2] for item in siblings], _NEAR)
        of_same = [item for item in siblings if item.rpartition(".")[2] in near]
        return (of_same or siblings[:_NEAR] or closest_names(own, self.by_name, _NEAR))[:_NEAR]

    def search(self, words: str, limit: int, cursor: str | None, budget: int) -> dict[str, Any]:
        """Return the operations with all of these words, those whose name has them first.

        :raises RefusedError: the cursor is of another search.
        """
        call = digest_of("search", words)
        place = read_cursor(cursor, call)
        found = sorted(find(words, self.by_name.values()), key=lambda item: self._rank(item, words))
        rows = [self._describe_shortly(item) for item in found[place.skip : place.skip + limit]]
        rows = rows[: fitting(rows, budget - ENVELOPE)]
        done = place.skip + len(rows)
        more = ResultCursor(call, done).text() if rows and done < len(found) else None
        return {
            "operations": rows,
            "total": len(found),
            "cursor": more,
            "note": _found_note(len(found), words),
        }

    def _rank(self, operation: Operation, words: str) -> tuple[int, int, str]:
        wanted = words.lower().split()
        names = [name.lower() for name in names_of(operation, self._numbers)]
        resources = {part for name in names for part in name.split(".")}
        parts = {part for name in resources for part in name.split("_")}
        whole, part, inside = (
            sum(word in place for word in wanted) for place in (resources, parts, " ".join(names))
        )
        return -4 * whole - 2 * part - inside, len(operation.name), operation.name

    def _describe_shortly(self, operation: Operation) -> dict[str, Any]:
        names = [item.python_name for item in operation.parameters]
        left = len(names) - _SHOWN_PARAMETERS
        return {
            "name": operation.name,
            "request": f"{operation.method} {operation.path}",
            "changes_data": changes_data(operation, {}),
            "gives": _gives(operation),
            "parameters": [*names[:_SHOWN_PARAMETERS], *([f"and {left} more"] if left > 0 else [])],
        }

    def describe(self, name: str, matching: str, budget: int) -> dict[str, Any]:
        """Return one operation with its parameters and the fields of its records, as many as fit.

        :param matching: only parameters and fields with this text in their names, and those that are required.
        :raises RefusedError: there is no such operation.
        """
        operation = self.lookup(name)
        whole = describe(operation, load_document())
        wanted = matching.lower().strip()
        parameters = [
            {**item, "type": item["type"].removesuffix(" | None")}
            for item in whole.pop("parameters")
            if item["required"] or wanted in item["python_name"].lower()
        ]
        result = {
            **whole,
            "changes_data": changes_data(operation, {}),
            "gives": _gives(operation),
            "parameters": sorted(parameters, key=lambda item: not item["required"]),
            "fields": {key: kind for key, kind in _list_fields(operation) if wanted in key.lower()},
            "note": _how_to_call(operation),
        }
        return _cut(result, budget)


def _found_note(count: int, words: str) -> str:
    if count:
        return "describe_operation has the types of the parameters and the fields of a result."
    return f"Nothing has all of these words: {words!r:.100}. Try fewer or other words, such as the name of a resource."


def _gives(operation: Operation) -> str:
    found = _MODEL(operation.result)
    what = found.group().removeprefix("models.") if found else "JSON"
    return f"rows of {what}" if operation.kind in ("list", "proxy") else what


def _list_fields(operation: Operation) -> Iterator[tuple[str, str]]:
    """The fields of an operation's records by their names in JSON, with their types."""
    found = _MODEL(operation.result)
    if found is None:
        return
    for name, field, kind in declared(decode_as(found.group(), operation.stub.__module__)):
        yield (name if field is None else field.wire), kind.removesuffix(" | None")


def _how_to_call(operation: Operation) -> str:
    if operation.body_name is None:
        return "Give the parameters in `arguments` of call_operation, under their python_name."
    kinds = {
        "upsert": "`body` is a list of objects with these fields. With an id it changes a record, without one it "
        "creates one.",
        "call": "`body` is what the parameter in `body` says.",
    }
    return f"{kinds.get(operation.kind, kinds['call'])} The other parameters go into `arguments`."


def _cut(result: dict[str, Any], budget: int) -> dict[str, Any]:
    """Leave out fields, then parameters, until the result fits, and say so."""
    fields: Sequence[tuple[str, str]] = tuple(result["fields"].items())
    parameters: Sequence[Any] = result["parameters"]
    room = budget - tokens_of({**result, "fields": {}, "parameters": []}) - ENVELOPE
    kept = fitting(parameters, room * 2 // 3 if fields else room)
    room -= sum(map(tokens_of, parameters[:kept]))
    shown = fitting([dict([pair]) for pair in fields], room)
    left = [
        f"{len(all_of) - count} {what}"
        for what, all_of, count in (("parameters", parameters, kept), ("fields", fields, shown))
        if len(all_of) > count
    ]
    note = (
        f"{result['note']} {' and '.join(left)} are left out. Name some by `matching`."
        if left
        else result["note"]
    )
    return {**result, "parameters": list(parameters[:kept]), "fields": dict(fields[:shown]), "note": note}
