"""Runs in turns: first one, then the other, then both again the other way round."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import field, frozen

from benchmarks.core.children import NotMeasured, Taken

Run = Callable[[], Taken]


@frozen
class Turns:
    """What every case took in every turn."""

    taken: Mapping[str, list[Taken]]
    failed: Mapping[str, str] = field(factory=dict)
    """Cases that could not be measured, and why."""

    def of(self, case: str, name: str) -> list[float]:
        """One number (`wall`, `cpu`, `peak`, …) of a case, turn by turn; empty where it was not measured."""
        return [getattr(taken, name) for taken in self.taken.get(case, ())]


def interleaved(cases: Mapping[str, Run], runs: int, *, warm: bool = True) -> Turns:
    """Run every case `runs` times, in turns; every second turn goes backwards, so that nobody is always first.

    `warm`: one more run before, which does not count. A case that fails is left out from then on.
    """
    taken: dict[str, list[Taken]] = {name: [] for name in cases}
    failed: dict[str, str] = {}
    for turn in range(-1 if warm else 0, runs):
        names = [name for name in cases if name not in failed]
        for name in reversed(names) if turn % 2 else names:
            try:
                result = cases[name]()
            except NotMeasured as why:
                failed[name] = str(why)
                continue
            if turn >= 0:
                taken[name].append(result)
    return Turns({name: values for name, values in taken.items() if name not in failed}, failed)
