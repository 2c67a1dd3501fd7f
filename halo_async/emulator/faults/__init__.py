"""Faults on demand, by the numbers of the fault checklist: which requests they hit, and what then happens."""

from __future__ import annotations

from halo_async.emulator.faults.fault import Fault, Fired
from halo_async.emulator.faults.plan import Plan
from halo_async.emulator.faults.table import known, stage

__all__ = ["Fault", "Fired", "Plan", "known", "stage"]
