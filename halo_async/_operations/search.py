"""Operations by words, and one operation as data for `--json` and for assistants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from halo_async._operations.resource import aliases
from halo_async._operations.resource import operations as all_operations

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async._utils.openapi_document import Document


def find(words: str, among: Iterable[Operation] | None = None) -> list[Operation]:
    """Return the operations with each of these words in their path, name or a parameter's name, ignoring case.

    The name is looked through with the resource's name in both numbers: `clients.list` finds `client.list`.

    :param among: the operations to look through; all if not given.
    """
    wanted = words.lower().split()
    numbers = {name: alias for alias, name in aliases().items()}
    chosen = all_operations() if among is None else among
    return [operation for operation in chosen if _matches(operation, wanted, numbers)]


def _matches(operation: Operation, wanted: Iterable[str], numbers: Mapping[str, str]) -> bool:
    names = [name.lower() for name in (operation.path, *names_of(operation, numbers))]
    if all(any(word in name for name in names) for word in wanted):
        return True
    names += [name.lower() for item in operation.parameters for name in (item.name, item.python_name)]
    return all(any(word in name for name in names) for word in wanted)


def names_of(operation: Operation, numbers: Mapping[str, str]) -> tuple[str, str]:
    """Return an operation's name, and the same with the resource's name in its other grammatical number."""
    resource, dot, method = operation.name.partition(".")
    return operation.name, f"{numbers.get(resource, resource)}{dot}{method}"


def describe(operation: Operation, document: Document) -> dict[str, Any]:
    """Return an operation as data, with the lifetimes that the canonical document has."""
    from halo_async._utils.openapi_releases import lifetimes

    described: Mapping[str, Any] = document["paths"].get(operation.path, {}).get(operation.method.lower(), {})
    own, parts = lifetimes(described)
    return {
        "method": operation.method,
        "path": operation.path,
        "python_name": operation.name,
        **own,
        "parameters": [
            {
                "name": item.name,
                "python_name": item.python_name,
                "in": item.location,
                "required": item.required,
                "type": item.type,
                **parts.get(item.name, {}),
            }
            for item in operation.parameters
        ],
    }
