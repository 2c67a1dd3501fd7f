"""Checks that the docstrings of public functions describe their parameters and the errors that they raise.

A function is followed into those of its own module that it calls, one step far.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

PUBLIC = Path(__file__).resolve().parents[2] / "spec" / "public.txt"
_FUNCTION = re.compile(r"(?:async )?def\(|classmethod\(|staticmethod\(|class\(")


class Described(NamedTuple):
    """One public function, with its docstring and, for a constructor or a method, that of its class."""

    name: str
    function: Callable[..., Any]
    docstring: str


def public_functions() -> Iterator[Described]:
    """Yield each function, method and constructor of `spec/public.txt` once; neither data classes nor errors."""
    seen = set()
    for line in PUBLIC.read_text("utf-8").splitlines():
        name, _, kind = line.partition(": ")
        if not _FUNCTION.match(kind) or name.startswith("halo_async.blocking."):  # as the awaited ones
            continue
        owner, found = _resolve(name)
        found = getattr(found, "__func__", found)
        function, text = (
            (_constructor(found), found.__doc__)
            if inspect.isclass(found)
            else (found, getattr(owner, "__doc__", ""))
        )
        if function is None or function in seen or not function.__module__.startswith("halo_async"):
            continue
        seen.add(function)
        if not _is_operator(function.__name__) and not (function.__doc__ or "").startswith("See `"):
            yield Described(name, function, f"{text or ''}\n{function.__doc__ or ''}")


def undescribed_parameters(described: Described) -> list[str]:
    """Return the parameters that neither a `:param` field nor a name in backticks mentions."""
    parameters = inspect.signature(described.function).parameters.values()
    return [
        parameter.name
        for parameter in parameters
        if parameter.name not in ("self", "cls")
        and parameter.kind is not parameter.VAR_POSITIONAL
        and not re.search(rf":(?:param|ivar) {parameter.name}:|`{parameter.name}\b", described.docstring)
    ]


def raises_unsaid(described: Described) -> bool:
    """Return whether the function raises an error on purpose, and its docstring has no `:raises`."""
    return ":raises" not in described.docstring and _raises(described.function)


def _raises(function: Callable[..., Any]) -> bool:
    node = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body[0]
    others = _functions_of(function.__module__)
    called = {_called(each) for each in ast.walk(node) if isinstance(each, ast.Call)}
    return any(map(_has_raise, [node, *(others[name] for name in called & others.keys())]))


def _has_raise(node: ast.AST) -> bool:
    return any(isinstance(each, ast.Raise) and each.exc is not None for each in ast.walk(node))


def _called(call: ast.Call) -> str:
    """The name of a function of the module, or of a method of the same object."""
    match call.func:
        case ast.Name(name) | ast.Attribute(ast.Name("self" | "cls"), name):
            return name
    return ""


@cache
def _functions_of(module: str) -> dict[str, ast.AST]:
    tree = ast.parse(inspect.getsource(import_module(module)))
    return {
        node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def _resolve(dotted: str) -> tuple[Any, Any]:
    parts = dotted.split(".")
    owner: Any = None
    found: Any = import_module(parts[0])
    for place, part in enumerate(parts[1:], 2):
        owner = found
        if inspect.ismodule(found) and not hasattr(found, part):
            found = import_module(".".join(parts[:place]))
        else:
            found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
    return (owner if inspect.isclass(owner) else None), found


def _constructor(cls: type) -> Callable[..., Any] | None:
    """The `__init__` that is written in a class's own source."""
    function = vars(cls).get("__init__")
    written = inspect.isfunction(function) and Path(function.__code__.co_filename).name != "typing.py"
    made = written and function.__code__.co_filename.startswith("<")
    return None if issubclass(cls, BaseException) or not written or made else function


def _is_operator(name: str) -> bool:
    return name.startswith("__") and name != "__init__"
