"""What a subject is given: how much to do, where to write, and what was made for another one already."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from attrs import define, field

T = TypeVar("T", int, float, tuple[int, ...])


@define
class Bench:
    """One run of the suite."""

    folder: Path
    """Scratch; gone afterwards."""
    quick: bool = False
    """Small sizes and few rivals: for looking at a change, not for a claim."""
    _made: dict[str, Any] = field(factory=dict)

    def pick(self, whole: T, quick: T) -> T:
        """A size, by how much is to be done."""
        return quick if self.quick else whole

    def made(self, name: str, make: Callable[[], Any]) -> Any:
        """What subjects share, such as the stock generator's output: made once."""
        if name not in self._made:
            self._made[name] = make()
        return self._made[name]

    def say(self, text: str) -> None:
        """Tell how far it is, away from the results."""
        print(f"  {text}", file=sys.stderr, flush=True)
