"""One page for each record with its fields, and the list of all of them."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from html import escape
from importlib import import_module
from pathlib import Path
from typing import Any

import halo_async
from halo_async import models
from halo_async.models import RECORDS
from website.reference.text import code, front_matter, link, table, type_text

_SCHEMA = re.compile(r"Halo schema: (\S+?)(?:\.(?:\s|$)| \()")
_NAME = re.compile(r"models\.(\w+)")


def pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of every page."""
    uses = _uses()
    yield "reference/records/index.md", _index()
    for name in RECORDS:
        yield f"reference/records/{name}.md", _page(name, uses.get(name, {}))


def _uses() -> Mapping[str, Mapping[str, list[str]]]:
    """Return for each record the operations that return it and those that take it."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for operation in halo_async.operations():
        for name in set(_NAME.findall(operation.result)):
            found[name]["Returned by"].append(operation.name)
        for parameter in operation.parameters:
            for name in set(_NAME.findall(parameter.type)) if parameter.location == "body" else ():
                found[name]["Taken by"].append(operation.name)
    return found


def _schema(cls: type[Any]) -> str:
    found = _SCHEMA.search(cls.__doc__ or "")
    return found[1] if found else ""


def _index() -> str:
    letters: dict[str, list[str]] = defaultdict(list)
    count = 0
    for name in sorted(RECORDS, key=str.lower):
        letters[name[0].upper()].append(name)
        count += sum(1 for _ in _fields(name))
    parts = [
        front_matter("Records", "Every record of Halo's API with its fields"),
        "# Records\n",
        f"All {len(RECORDS)} records with their {count:,} fields. Import them from `halo_async.models`. "
        "Records are views of the JSON that was received: see [Records](../../client.md#records).\n",
    ]
    for letter in sorted(letters):
        rows = [
            (link(code(name), f"{name}.html"), code(_schema(getattr(models, name))))
            for name in letters[letter]
        ]
        parts += [f"## {letter}\n", table(("Record", "Halo's schema"), rows, indexed=False)]
    return "\n".join(parts)


def _fields(name: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield Python name, Halo's name, annotation and explanation of each field that the class declares."""
    module = import_module(f"halo_async.models.{RECORDS[name]}")
    tree = _tree(str(module.__file__))
    body = next(node.body for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    for position, node in enumerate(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            following = body[position + 1] if position + 1 < len(body) else None
            said = ""
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                said = str(following.value.value)
            yield node.target.id, _halo_name(node), ast.unparse(node.annotation), said


_TREES: dict[str, ast.Module] = {}


def _tree(path: str) -> ast.Module:
    if path not in _TREES:
        _TREES[path] = ast.parse(Path(path).read_text("utf-8"))
    return _TREES[path]


def _halo_name(node: ast.AnnAssign) -> str:
    value = node.value
    if isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Constant):
        return str(value.args[0].value)
    return node.target.id if isinstance(node.target, ast.Name) else ""


def _page(name: str, uses: Mapping[str, list[str]]) -> str:
    cls = getattr(models, name)
    parts = [
        front_matter(f"{name} record", f"Fields of the record {name}", plain=True),
        f"# {name}\n",
        f"`halo_async.models.{name}`, Halo's schema `{_schema(cls)}`. [All records](index.md)\n",
    ]
    for title, operations in uses.items():
        links = ", ".join(_operation_link(operation) for operation in operations)
        parts.append(f"<p>{title} {links}.</p>\n")
    rows = [
        (
            code(python) + ("" if python == halo else f" ({code(halo)})"),
            type_text(annotation.replace("DateTime", "datetime"), up=""),
            escape(said, quote=False),
        )
        for python, halo, annotation, said in _fields(name)
    ]
    heads = ("Field", "Type", "") if any(row[2] for row in rows) else ("Field", "Type")
    if rows:
        parts.append("## Fields\n")
        parts.append(table(heads, (row[: len(heads)] for row in rows), indexed=False))
    return "\n".join(parts)


def _operation_link(operation: str) -> str:
    resource, _, method = operation.rpartition(".")
    return link(code(operation), f"../api/{resource}.html#{method}")
