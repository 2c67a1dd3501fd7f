"""Packages whose names load on first access (PEP 562)."""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


def attach(package: str, table: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a lazy package.

    `table` maps a public name to the submodule that defines it, relative to `package` (`"ticket"`) or
    absolute (`"halo_async.pagination.pages"`). Any other name is that of a submodule, which type checkers treat as an
    attribute once it has been imported anywhere; so it is one here from the start. A loaded name is stored
    in the package's globals, so `__getattr__` runs once per name. The names of the table are also the
    package's `__all__`, so that `help` and `import *` find them.
    """
    vars(sys.modules[package]).setdefault("__all__", list(table))

    def load(name: str) -> Any:
        where = table.get(name)
        if where is None:
            return _submodule(package, name)
        module = import_module(where if "." in where else f"{package}.{where}")
        value = vars(sys.modules[package])[name] = getattr(module, name)
        return value

    def names() -> list[str]:
        return sorted({*vars(sys.modules[package]), *table})

    return load, names


def _submodule(package: str, name: str) -> Any:
    if name.isidentifier() and not name.startswith("_"):
        try:
            return import_module(f"{package}.{name}")
        except ModuleNotFoundError as error:
            if error.name != f"{package}.{name}":
                raise
    raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=sys.modules[package])
