"""From a prepared request to a whole answer: limit, login, retry, guards."""

from __future__ import annotations

from halo_async.transport.transport import Transport
from halo_async.transport.values import Request, Response

__all__ = ["Request", "Response", "Transport"]
