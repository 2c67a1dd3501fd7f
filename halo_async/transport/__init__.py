"""From a prepared request to a whole response: limit, login, retry, guards."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach
from halo_async.transport.transport import Transport
from halo_async.transport.types import Request, Response

__all__ = ["Request", "Response", "Transport"]

TYPE_CHECKING = False
if not TYPE_CHECKING:  # its modules are attributes from the start, as type checkers assume
    __getattr__, __dir__ = attach(__name__, {})
