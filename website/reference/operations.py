"""One page for each resource, and the list of all of them by Halo's path."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, get_args

import halo_async
from halo_async import Operation
from halo_async._operations.resource import member_class
from halo_async.api import Resources
from halo_async.api._aliases import ALIASES
from halo_async.writing.writable import Writable
from website.reference.text import PARAM, code, front_matter, link, marked, table, type_text

_RECORDS = "../records/"
_WRITES = (
    ("create", "Create one record.", "record: {0} | Mapping, or its fields by name"),
    ("update", "Change some fields of the record with this id.", "id, its fields by name"),
    ("save", "Send what was changed in a record that was read.", "record: {0}"),
    (
        "bulk_upsert",
        "Write any number of records, with a result for each.",
        "records: Iterable[{0} | Mapping]",
    ),
)


def by_resource() -> Mapping[str, list[Operation]]:
    """Return the operations of each resource, by its name in Python."""
    found: dict[str, list[Operation]] = defaultdict(list)
    for operation in halo_async.operations():
        found[operation.resource].append(operation)
    return found


def pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of every page."""
    resources = by_resource()
    yield "reference/api/index.md", _index(resources)
    for name, operations in resources.items():
        yield f"reference/api/{name}.md", _page(name, operations)


def own_path(operations: Iterable[Operation]) -> str:
    """Return Halo's path of a resource: the part that its operations share."""
    split = [operation.path.strip("/").split("/") for operation in operations]
    shared = []
    for parts in zip(*split, strict=False):
        if len(set(parts)) > 1 or parts[0].startswith("{"):
            break
        shared.append(parts[0])
    return f"/{'/'.join(shared or split[0][:1])}"


def written_record(name: str) -> str | None:
    """Return the record that a resource writes; None if it is not written in arrays."""
    cls: Any = Resources
    for part in name.split("."):
        cls = member_class(cls, part)
    if not issubclass(cls, Writable):
        return None
    for base in cls.__orig_bases__:
        for argument in get_args(base):
            return str(getattr(argument, "__forward_arg__", argument)).removeprefix("models.")
    return None


def _index(resources: Mapping[str, list[Operation]]) -> str:
    total = sum(map(len, resources.values()))
    letters: dict[str, list[str]] = defaultdict(list)
    for name, operations in resources.items():
        path = own_path(operations)
        letters[path[1].upper()].append(name)
    parts = [
        front_matter(
            "API operations", "Every resource of Halo's API by its path, and the methods that call it"
        ),
        "# API operations\n",
        f"All {len(resources)} resources with their {total:,} operations, by Halo's path. "
        "The search finds a path (`/ClientContract`), a name in Python (`client_contract`) and a word of it.\n",
    ]
    for letter in sorted(letters):
        rows = [
            (
                link(code(own_path(resources[name])), f"{name}.html"),
                code(f"halo.{name}"),
                ", ".join(code(operation.stub.__name__) for operation in resources[name]),
            )
            for name in sorted(letters[letter], key=lambda each: own_path(resources[each]).lower())
        ]
        parts += [f"## {letter}\n", table(("Path", "In Python", "Methods"), rows, indexed=False)]
    return "\n".join(parts)


def _page(name: str, operations: list[Operation]) -> str:
    path = own_path(operations)
    other = next((alias for alias, own in ALIASES.items() if own == name), None)
    also = f", also `halo.{other}`" if other else ""
    parts = [
        front_matter(f"{path} (halo.{name})", f"Operations of {path} in Python", plain=True),
        f"# {path}\n",
        f"`halo.{name}`{also}. Words: {_words(name)}. [All resources](index.md)\n",
    ]
    for operation in operations:
        parts.append(_operation(operation))
    record = written_record(name)
    if record:
        parts.append(_writes(name, record))
    return "\n".join(parts)


def _words(name: str) -> str:
    return " ".join(re.split(r"[._]", name))


def _operation(operation: Operation) -> str:
    method = operation.stub.__name__
    lines = [f"## {method} {{ #{method} }}\n", f"`{operation.method} {operation.path}`\n"]
    doc = inspect.cleandoc(operation.stub.__doc__ or "")
    said = dict(PARAM.findall(doc))
    sentence = doc.partition("\n\n")[0].partition(":")[2].strip()
    if sentence:
        lines.append(f"{escape(sentence[0].upper() + sentence[1:], quote=False)}\n")
    lines.append(f"<p>Returns {type_text(operation.result, up=_RECORDS)}.</p>\n")
    rows = [
        (
            code(parameter.python_name)
            + ("" if parameter.name == parameter.python_name else f" ({code(parameter.name)})"),
            type_text(parameter.type, up=_RECORDS),
            " ".join(
                filter(
                    None,
                    (
                        "required" if parameter.required else "",
                        marked(said.get(parameter.python_name, "")),
                    ),
                )
            ),
        )
        for parameter in operation.parameters
    ]
    if rows:
        lines.append(table(("Parameter", "Type", ""), rows, indexed=False))
    return "\n".join(lines)


def _writes(name: str, record: str) -> str:
    linked = link(record, f"{_RECORDS}{record}.html")
    rows = [
        (code(method), sentence, f"<code>{takes.format(linked)}</code>")
        for method, sentence, takes in _WRITES
    ]
    text = "Made of `upsert`, and safe to use: see [Writing safely](../../writes.md).\n"
    return "\n".join(["## Writing\n", text, table(("Method", "", "Takes"), rows, indexed=False)])
