"""Interleaved runs: each case in turn, then all of them in reverse order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from benchmarks.core.children import NotMeasured, Taken

Run = Callable[[], Taken]


@attrs.frozen
class Turns:
    """Results of every case in every turn."""

    taken: Mapping[str, list[Taken]]
    failed: Mapping[str, str] = attrs.field(factory=dict)
    """Cases that could not be measured, with the reason."""
    slow: frozenset[str] = frozenset()
    """Cases with fewer turns, next to which the base was run again."""

    def pair(self, base: str, case: str, name: str) -> tuple[list[float], list[float]]:
        """Return one number of a base and of a case, from the turns that include both."""
        own = self.of(case, name)
        together = self.of(beside(base) if case in self.slow else base, name)
        return together[: len(own)], own

    def of(self, case: str, name: str) -> list[float]:
        """Return one number (`wall`, `cpu`, `peak`, …) of a case, turn by turn; empty if not measured."""
        return [getattr(taken, name) for taken in self.taken.get(case, ())]


def beside(base: str) -> str:
    """Return the name of the base in the turns of the slow cases."""
    return f"{base}, beside the slow"


def at_two_paces(
    cases: Mapping[str, Run], base: str, slow: Iterable[str], runs: int, few: int, *, warm: bool = True
) -> Turns:
    """Run the quick cases in many turns; the slow ones in few, with the base again to compare with."""
    own = {name: cases[name] for name in slow if name in cases}
    quick = interleaved({name: run for name, run in cases.items() if name not in own}, runs, warm=warm)
    if own and base in cases:
        own[beside(base)] = cases[base]
    rest = interleaved(own, few, warm=warm)
    failed = {**quick.failed, **rest.failed}
    return Turns({**quick.taken, **rest.taken}, failed, frozenset(own) - {beside(base)})


def joined(rounds: Sequence[Turns]) -> Turns:
    """Concatenate the turns of several rounds; a case that failed in one of them failed.

    A round has processes of its own: two processes of the same program differ in their memory layout by
    more than two runs in one of them do.
    """
    failed = {name: why for turns in rounds for name, why in turns.failed.items()}
    names = [name for name in rounds[0].taken if name not in failed]
    return Turns(
        {name: [taken for turns in rounds for taken in turns.taken.get(name, ())] for name in names}, failed
    )


def interleaved(cases: Mapping[str, Run], runs: int, *, warm: bool = True) -> Turns:
    """Run every case `runs` times, in turns; every second turn is reversed, so no case is always first.

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
