"""The transport that all tasks of a worker share: one login, and one part of the quota."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import attrs

from halo_async.export.cluster.worker_login import WorkerClient
from halo_async.transport.transport import Transport

MOST = 8
"""Transports of a process that are kept while no task uses them: what they have sent counts for their quota."""


@attrs.define
class _Kept:
    transport: Transport
    loop: asyncio.AbstractEventLoop
    users: int = 0


_KEPT: dict[WorkerClient, _Kept] = {}


@asynccontextmanager
async def borrowed(client: WorkerClient) -> AsyncIterator[Transport]:
    """Lend the transport of a client to a task. Its connections are closed when no task has it any more.

    :raises SettingsError: the worker has no login.
    """
    kept = _keep_transport(client)
    kept.users += 1
    try:
        await kept.transport.open()
        yield kept.transport
    finally:
        kept.users -= 1
        if not kept.users:
            await kept.transport.aclose()


def _keep_transport(client: WorkerClient) -> _Kept:
    loop = asyncio.get_running_loop()
    found = _KEPT.pop(client, None)
    if found is None or found.loop is not loop:
        found = _Kept(client.transport(), loop)
    _KEPT[client] = found
    for old in [old for old, kept in _KEPT.items() if not kept.users][:-MOST]:
        del _KEPT[old]
    return found
