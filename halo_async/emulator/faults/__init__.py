"""Faults on demand, by the numbers of the fault checklist: the requests they match, and their effects."""

from __future__ import annotations

from halo_async.emulator.faults.fault import Fault, FiredFault
from halo_async.emulator.faults.plan import FaultPlan
from halo_async.emulator.faults.table import check_fault, known, stage

__all__ = ["Fault", "FaultPlan", "FiredFault", "check_fault", "known", "stage"]
