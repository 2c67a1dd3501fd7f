"""Halo's reports as rows: saved ones by id, others by their SQL."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {})
