"""Measurements on an instance, by reading only: what this client assumes, and what is really so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from halo_async._utils.lazy_imports import attach

if TYPE_CHECKING:
    from halo_async.probing.runner import ProbeReport as ProbeReport
    from halo_async.probing.runner import probe as probe

__all__ = ["ProbeReport", "probe"]

_TABLE = {"ProbeReport": "halo_async.probing.runner", "probe": "halo_async.probing.runner"}

if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, _TABLE)
