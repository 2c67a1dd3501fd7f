"""Files of tickets: up as base64 in a stream, down into a file that is whole or not there."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers take them for
    __getattr__, __dir__ = attach(__name__, {})
