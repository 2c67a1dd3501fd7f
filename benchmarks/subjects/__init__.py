"""What is measured: one file a subject, each with `measure(bench) -> Subject`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.core.bench import Bench
    from benchmarks.core.results import Subject

NAMES = ("imports", "decode", "transport", "quota", "export", "generate")
"""In the order in which they run."""


def measurer(name: str) -> Callable[[Bench], Subject]:
    """The function that measures a subject, its module loaded only now."""
    found: Callable[[Bench], Subject] = import_module(f"benchmarks.subjects.{name}").measure
    return found
