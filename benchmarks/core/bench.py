"""The context of a subject: amount of work, output folder, and what an earlier subject already built."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import attrs

T = TypeVar("T", int, float, tuple[int, ...])


@attrs.define
class Bench:
    """One run of the suite."""

    folder: Path
    """Scratch folder; deleted afterwards."""
    quick: bool = False
    """Small sizes and few rivals: to check a change, not to support a claim."""
    _made: dict[str, Any] = attrs.field(factory=dict)

    def pick(self, whole: T, quick: T) -> T:
        """Return a size, depending on the amount of work."""
        return quick if self.quick else whole

    def made(self, name: str, make: Callable[[], Any]) -> Any:
        """Return what subjects share, such as the stock generator's output, building it once."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def say(self, text: str) -> None:
        """Report progress, separately from the results."""
        print(f"  {text}", file=sys.stderr, flush=True)
