"""What is measured: the subjects, each a file of this folder with `measure(bench) -> Subject`."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

SUBJECTS = {
    "imports": "import_time",
    "decode": "decode",
    "transport": "transport",
    "pages": "pages",
    "quota": "quota",
    "export": "export",
    "generate": "generate",
}
"""The file by the name in results.json, in the order in which they run."""

NAMES = tuple(SUBJECTS)


def module(name: str) -> ModuleType:
    """A subject's file, loaded only now."""
    return import_module(f"benchmarks.{SUBJECTS[name]}")
