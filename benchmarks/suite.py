"""The subjects, each a file of this folder with `measure(bench) -> Subject`."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

SUBJECTS = {
    "imports": "import_time",
    "decode": "decode",
    "transport": "transport",
    "pages": "pages",
    "loop": "event_loop",
    "blocking": "blocking",
    "quota": "quota",
    "export": "export",
    "tables": "tables",
    "generate": "generate",
}
"""Files by their names in results.json, in the order in which they run."""

NAMES = tuple(SUBJECTS)


def module(name: str) -> ModuleType:
    """Import a subject's file on demand."""
    return import_module(f"benchmarks.{SUBJECTS[name]}")
