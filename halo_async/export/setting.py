"""What all resources of an export share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from attrs import field, frozen

from halo_async.client import Client
from halo_async.export.ledger import Syncer
from halo_async.export.options import Options
from halo_async.export.sinks import Sink
from halo_async.export.spool import Spool
from halo_async.export.watcher import Watcher

AT_ONCE = 16
"""Resources that are read or made at the same time."""


@frozen
class Setting:
    """What all jobs of an export share."""

    halo: Client
    folder: Path
    options: Options
    sink: Sink
    syncer: Syncer
    watcher: Watcher
    limited: bool
    """Whether the instance has a limit."""
    stamps: dict[str, str]
    """By resource: the moment from which on changes are wanted."""
    make_spool: Callable[[Path, int], Spool] | None = None
    turns: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(AT_ONCE))
    """Who has one is at work."""
