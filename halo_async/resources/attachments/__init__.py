"""Attachments of tickets: uploaded as a base64 stream, downloaded to a complete file or none."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {})
