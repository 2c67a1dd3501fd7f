"""Measurements on an instance, by reading only: what this client assumes, and what is really so."""

from __future__ import annotations

from halo_async.probing.probe import ProbeReport, probe

__all__ = ["ProbeReport", "probe"]
