"""Selection of the planned fault for a request, and the log of applied faults."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import attrs

from halo_async.emulator.faults.fault import Fault, FiredFault
from halo_async.emulator.faults.table import check_fault, known
from halo_async.emulator.journal import RecordedRequest


@attrs.define
class _Armed:
    fault: Fault
    seen: int = 0
    fired: int = 0


class FaultPlan:
    """The faults of one instance; the first that fits a request wins.

    ``log`` holds a `FiredFault` for every fault that was done.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._armed: list[_Armed] = []
        self._coin = Random(seed)  # noqa: S311 - it has to be repeatable, not secret
        self.log: list[FiredFault] = []

    def add(self, faults: Fault | Iterable[Fault]) -> None:
        """Arm more faults.

        :raises TypeError: they are something else.
        :raises ValueError: for a number or a variant that does not exist.
        """
        for fault in [faults] if isinstance(faults, Fault | str) else faults:
            if not isinstance(fault, Fault):
                raise TypeError(
                    f'A fault must be a Fault, for example Fault("F27", "GET /Tickets", times=1), not {fault!r:.40}.'
                )
            check_fault(fault)
            self._armed.append(_Armed(fault))

    def clear(self) -> None:
        """Disarm everything and clear the log."""
        self._armed.clear()
        self._coin = Random(self._seed)  # noqa: S311
        self.log.clear()

    def choose(self, entry: RecordedRequest) -> Fault | None:
        """Return the fault for a request, if any; it is counted and logged."""
        for armed in self._armed:
            if _fits_pattern(armed.fault.on, entry) and self._due(armed):
                armed.fired += 1
                fault = armed.fault
                variant = fault.variant or known()[fault.number][0]
                self.log.append(FiredFault(fault.number, variant, entry.method, entry.path, entry.at))
                return attrs.evolve(fault, variant=variant)
        return None

    def _due(self, armed: _Armed) -> bool:
        armed.seen += 1
        fault = armed.fault
        turn = armed.seen - fault.after
        if turn < 1 or turn % fault.every or (fault.times is not None and armed.fired >= fault.times):
            return False
        return fault.probability >= 1 or self._coin.random() < fault.probability


def _fits_pattern(pattern: str, entry: RecordedRequest) -> bool:
    method, _, path = pattern.rpartition(" ")
    method = method.upper() or "*"
    if path == "*":
        return method in ("*", entry.method)
    return entry.matches(method, path)
