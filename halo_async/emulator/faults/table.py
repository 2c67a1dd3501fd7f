"""Table of all faults: number -> variant -> implementation.

Five stages: ``ask`` changes the request, ``instead`` responds without executing it, ``beside`` does so while another
of its kind is under way, ``rewrite`` changes a complete response, ``wire`` sends a complete response's bytes
directly, below HTTP.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import cache

from halo_async.emulator.config_fields import ConfigError
from halo_async.emulator.faults import ask, beside, bodies, instead, lists, wire, writes
from halo_async.emulator.faults.fault import Fault
from halo_async.emulator.faults.line import RawConnection
from halo_async.emulator.reply import Reply

Instead = Callable[[Fault], Reply]
Rewrite = Callable[[Reply, Fault], Reply]
Wire = Callable[[RawConnection, Reply, Fault], Awaitable[None]]

ASK: Mapping[str, Mapping[str, ask.Ask]] = ask.FAULTS
INSTEAD: Mapping[str, Mapping[str, Instead]] = instead.FAULTS
BESIDE: Mapping[str, Mapping[str, beside.Beside]] = beside.FAULTS
REWRITE: Mapping[str, Mapping[str, Rewrite]] = {**bodies.FAULTS, **lists.FAULTS, **writes.FAULTS}
WIRE: Mapping[str, Mapping[str, Wire]] = wire.FAULTS
_DEFAULTS = {"F51": "many"}
"""The variant that is meant where none is given, if it is not the first of the stages in their order."""


@cache
def known() -> dict[str, tuple[str, ...]]:
    """Return every fault number with its variants, the default one first."""
    found: dict[str, tuple[str, ...]] = {}
    for table in (ASK, INSTEAD, BESIDE, REWRITE, WIRE):
        for number, variants in table.items():
            found[number] = (*found.get(number, ()), *variants)
    for number, default in _DEFAULTS.items():
        found[number] = tuple(sorted(found[number], key=default.__ne__))
    return dict(sorted(found.items()))


def check_fault(fault: Fault) -> None:
    """Check that a fault exists.

    :raises ConfigError: it does not; the message lists those that do.
    """
    variants = known().get(fault.number)
    if variants is None:
        raise ConfigError(f"number must be one of {', '.join(known())}, not {fault.number!r}.")
    if fault.variant not in (None, *variants):
        raise ConfigError(
            f"variant must be one of {', '.join(variants)} for {fault.number}, not {fault.variant!r}."
        )


def stage(fault: Fault) -> str:
    """Return ``ask``, ``instead``, ``beside``, ``rewrite`` or ``wire``."""
    for name, table in (("ask", ASK), ("instead", INSTEAD), ("beside", BESIDE), ("rewrite", REWRITE)):
        if fault.variant in table.get(fault.number, {}):
            return name
    return "wire"
