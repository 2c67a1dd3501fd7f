"""The public names of `halo_async` with their signatures, one line each: the content of `spec/public.txt`.

Run `python -m tests.support.public_names` to write the file again after a deliberate change; review its difference.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from functools import cache, cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_origin

PUBLIC = (
    "halo_async",
    "halo_async.errors",
    "halo_async.settings",
    "halo_async.measurements",
    "halo_async.probing",
    "halo_async.auth",
    "halo_async.writing",
    "halo_async.webhooks",
    "halo_async.export",
    "halo_async.tables",
    "halo_async.dlt",
    "halo_async.blocking",
    "halo_async.fleet",
    "halo_async.emulator",
    "halo_async.api",
    "halo_async.models",
)
"""The public modules. What their `__all__` names is public; everything else is internal."""

GENERATED = ("halo_async.api", "halo_async.models")
"""Their members are listed one by one in `spec/surface.txt`, so the names alone stand in `spec/public.txt`."""

SPECIAL = {"__aenter__", "__aiter__", "__await__", "__getitem__", "__iter__"}

FILE = Path(__file__).resolve().parents[2] / "spec" / "public.txt"


def public_lines() -> list[str]:
    """Every public name, in order of module and name; methods and attributes below their class."""
    return [line for name in PUBLIC for line in _module_lines(import_module(name))]


def _module_lines(module: ModuleType) -> Iterator[str]:
    for name in sorted(module.__all__):
        value = getattr(module, name)
        if module.__name__ in GENERATED:
            yield f"{module.__name__}.{name}"
        else:
            yield from _lines(f"{module.__name__}.{name}", value)


def _lines(path: str, value: Any) -> Iterator[str]:
    if isinstance(value, type):
        bases = ", ".join(base.__name__ for base in value.__bases__ if base is not object)
        plain = issubclass(value, tuple) or getattr(value, "_is_protocol", False)
        yield f"{path}: class({bases}){'' if plain else _signature(value)}"
        for name, owner in sorted(_members(value).items()):
            yield from _member_line(f"{path}.{name}", owner, name)
    elif get_origin(value) is not None:
        yield f"{path}: {re.sub(r'[a-z_.]*[.](?=[A-Z])', '', repr(value))}"
    elif callable(value):
        yield f"{path}: {'async def' if inspect.iscoroutinefunction(value) else 'def'}{_signature(value)}"
    else:
        yield f"{path}: {_type_of(value)}"


def _members(value: type) -> dict[str, type]:
    """Return the class that has each public member: itself, or an internal base, which has no lines of its own."""
    internal = [
        base
        for base in value.__mro__[1:]
        if base.__module__.startswith("halo_async.") and base not in _public_classes()
    ]
    return {
        name: owner
        for owner in [*reversed(internal), value]
        for name in {*vars(owner), *inspect.get_annotations(owner)}
        if not name.startswith("_") or name in SPECIAL
    }


@cache
def _public_classes() -> frozenset[type]:
    """Return the classes that have lines of their own."""
    modules = [import_module(name) for name in PUBLIC if name not in GENERATED]
    found = [getattr(module, name) for module in modules for name in module.__all__]
    return frozenset(value for value in found if isinstance(value, type))


def _member_line(path: str, owner: type, name: str) -> Iterator[str]:
    member = vars(owner).get(name)
    annotation = inspect.get_annotations(owner).get(name)
    if isinstance(member, property | cached_property):
        getter: Any = member.fget if isinstance(member, property) else member.func
        yield f"{path}: property -> {getter.__annotations__.get('return', 'Any')}"
    elif isinstance(member, staticmethod | classmethod):
        yield f"{path}: {type(member).__name__}{_signature(member.__func__)}"
    elif inspect.isfunction(member):
        asynchronous = inspect.iscoroutinefunction(member) or inspect.isasyncgenfunction(member)
        yield f"{path}: {'async def' if asynchronous else 'def'}{_signature(member)}"
    elif annotation is not None:
        yield f"{path}: {getattr(annotation, '__forward_arg__', annotation)}"
    elif not inspect.isclass(member):
        yield f"{path}: {_type_of(member)}"


class _Text:
    """An annotation that is shown as it is written."""

    def __init__(self, text: Any) -> None:
        self.text = getattr(text, "__forward_arg__", text)

    def __repr__(self) -> str:
        return self.text if isinstance(self.text, str) else getattr(self.text, "__name__", repr(self.text))


def _signature(value: Any) -> str:
    try:
        found = inspect.signature(value)
    except (TypeError, ValueError):
        return ""
    empty = inspect.Parameter.empty
    parameters = [
        each.replace(annotation=empty)
        if each.name == "self"
        else each
        if each.annotation is empty
        else each.replace(annotation=_Text(each.annotation))
        for each in found.parameters.values()
    ]
    result = found.return_annotation
    shown = found.replace(
        parameters=parameters, return_annotation=result if result is empty else _Text(result)
    )
    return re.sub(r" at 0x[0-9a-f]+", "", str(shown))


def _type_of(value: Any) -> str:
    return (
        type(value).__name__
        if not isinstance(value, str | int | float)
        else f"{type(value).__name__} = {value!r}"
    )


if __name__ == "__main__":
    FILE.write_text("\n".join(public_lines()) + "\n", encoding="utf-8")
