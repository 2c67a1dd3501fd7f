"""One page for each public module, with the docstrings of its names; mkdocstrings writes them out."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import halo_async
from website.reference.text import code, front_matter, link, table

MODULES = ("auth", "settings", "writing", "export", "tables", "webhooks", "fleet", "emulator", "dlt")
"""Public modules that a page is made of, besides `halo_async` itself."""
_LEFT_OUT = {"models", "errors", "Halo"}
"""Names of `halo_async` with pages of their own."""


def pages() -> Iterator[tuple[str, str]]:
    """Yield path and text of every page."""
    rows = [(link(code("halo_async"), "halo_async.html"), _sentence(halo_async))]
    yield "reference/python/halo_async.md", _page("halo_async", halo_async)
    for name in MODULES:
        module = import_module(f"halo_async.{name}")
        rows.append((link(code(f"halo_async.{name}"), f"{name}.html"), _sentence(module)))
        yield f"reference/python/{name}.md", _page(f"halo_async.{name}", module)
    yield "reference/python/index.md", _index(rows)


def _index(rows: list[tuple[str, str]]) -> str:
    return "\n".join(
        [
            front_matter("Python reference", "Every public class and function of halo-async"),
            "# Python reference\n",
            "The handwritten part of the package. Operations and records, which are generated, are under "
            "[API operations](../api/index.md) and [Records](../records/index.md).\n",
            table(("Module", ""), rows),
        ]
    )


def _sentence(module: Any) -> str:
    return " ".join((module.__doc__ or "").partition("\n\n")[0].split())


def _page(name: str, module: Any) -> str:
    parts = [front_matter(name, f"Public names of {name}"), f"# {name}\n", _sentence(module) + "\n"]
    for public in sorted(module.__all__, key=str.lower):
        value = getattr(module, public)
        if public in _LEFT_OUT or _is_error(value) or inspect.ismodule(value):
            continue
        home = getattr(value, "__module__", None)
        if home and home.startswith("halo_async") and (inspect.isclass(value) or callable(value)):
            parts.append(f"::: {home}.{public}\n")
    return "\n".join(parts)


def _is_error(value: Any) -> bool:
    return inspect.isclass(value) and issubclass(value, halo_async.HaloError)
