"""Values of expressions in a user's code, as far as they can be followed."""

from __future__ import annotations

import ast

import attrs

from halo_generator.diff_meaning import CallMeaning
from halo_generator.types import Type


@attrs.frozen
class Value:
    """Value of an expression: ``kind`` is one of those below, ``name`` its name, ``type`` that of its values.

    ``client``, ``resource``, ``method`` (``call`` with it), ``pages``, ``data``, ``models`` (the module), ``class``,
    ``client class``, ``function`` (which returns ``inner``), or a ``method of`` one of them.
    """

    kind: str
    name: str = ""
    type: Type | None = None
    call: CallMeaning | None = None
    inner: Value | None = None
    sure: bool = True
    origin: str = ""
    """The call whose response it is: ``tickets.list``."""


CLIENT = Value("client")
CLIENT_NAMES = ("halo", "client")
"""Names that stand for a client wherever they come from."""


def is_self(node: ast.expr) -> bool:
    """Return whether an expression is `self` or `cls`."""
    return isinstance(node, ast.Name) and node.id in ("self", "cls")


def item(found: Value | None) -> Value | None:
    """Return what a loop over a value gives."""
    if found is None or found.type is None:
        return None
    if found.kind == "pages":
        return attrs.evolve(found, kind="data")
    return attrs.evolve(found, type=found.type.item) if found.type.item else None


def listed(found: Value) -> Value:
    """Return a list of such values."""
    return attrs.evolve(found, kind="data", type=Type(container="list", item=found.type))


def text(node: ast.expr) -> str | None:
    """Return a text, with ``{}`` where an f-string has a value; None if it is not one."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(
            (text(part) or "{}") if isinstance(part, ast.Constant) else "{}" for part in node.values
        )
    return None
