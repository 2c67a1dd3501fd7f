"""Processes that share the quota and the login of an instance, through Redis."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.coordination.options import Coordination as Coordination

__all__ = ["Coordination"]

if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {"Coordination": "options"})
