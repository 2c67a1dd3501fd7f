"""Protocols of the client as the export needs it: the client itself is above this room."""

from __future__ import annotations

from typing import Protocol

from halo_async.transport.statistics import Statistics
from halo_async.transport.transport import Transport


class ExportClient(Protocol):
    """A client whose lists are exported, such as `halo_async.Halo`."""

    @property
    def transport(self) -> Transport:
        """Sends the requests of the client."""
        ...

    def statistics(self) -> Statistics:
        """Return requests, retries and waits up to now."""
        ...
