"""Connection to a Dask scheduler: one that runs somewhere, or one of this process with workers of its own."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from typing import Any

import attrs

from halo_async._utils.background import complete
from halo_async._utils.validation import article
from halo_async._utils.web_address import is_loopback
from halo_async.errors import ClusterError, SettingsError
from halo_async.export.cluster.staging import check_address
from halo_async.export.cluster.worker_login import LOGINS

_LOCAL = re.compile(r"local(?::(\d{1,3}))?").fullmatch
_ADDRESS = re.compile(r"(?:tcp|tls|ws|wss|ucx|inproc)://([^\s/@]+|\[[^\s@]+\].*)(?:/\S*)?").fullmatch
MOST_LOCAL = 64
CONNECTING, FIRST_WORKER = 30, 120
"""Seconds for the scheduler to respond, and without any worker."""
NOT_STARTED = (
    "The worker processes did not start. A program starts them below `if __name__ == '__main__':`, since each of them "
    "imports it."
)
NO_WORKERS = "The scheduler has had no worker for {seconds} s. Start some, then resume the export."


@attrs.frozen
class ClusterRequest:
    """A cluster as asked for."""

    scheduler: Any = attrs.field(repr=False)
    """Address, `local:4`, or a `distributed.Client`."""
    staging: str | None = None
    worker_login: str = "environment"

    @property
    def local_workers(self) -> int | None:
        """Number of workers to start on this machine; None for a cluster that runs."""
        found = _LOCAL(self.scheduler) if isinstance(self.scheduler, str) else None
        return None if found is None else int(found[1] or 0) or _cores()


@attrs.frozen
class ClusterConnection:
    """A client of the scheduler on the running event loop, and what its workers are."""

    client: Any
    workers: int
    """Processes."""
    slots: int
    """Tasks at once."""


def cluster_request(scheduler: Any, staging: str | None, worker_login: str | None) -> ClusterRequest | None:
    """Return what was asked for; None for an export by this process alone.

    :raises SettingsError: an option is invalid, makes no sense alone, or would send a secret unencrypted.
    """
    if scheduler is None:
        for name, value in (("staging", staging), ("worker_login", worker_login)):
            if value is not None:
                raise SettingsError(f"{name} is for an export on a cluster. Give scheduler, too.")
        return None
    login = "environment" if worker_login is None else worker_login
    if login not in LOGINS:
        raise SettingsError(f"worker_login must be {' or '.join(LOGINS)}, not {login!r}.")
    if staging is not None:
        check_address(staging)
    request = ClusterRequest(_check_scheduler(scheduler), staging, login)
    if login == "send":
        _check_encrypted(request)
    return request


def _check_scheduler(scheduler: Any) -> Any:
    if isinstance(scheduler, str):
        text = scheduler.strip()
        local = _LOCAL(text)
        if local is not None and int(local[1] or 1) not in range(1, MOST_LOCAL + 1):
            raise SettingsError(f"The scheduler {text!r} is not from local:1 to local:{MOST_LOCAL}.")
        if local is None and not _ADDRESS(text):
            raise SettingsError(
                f"{text!r} is not a scheduler. Write an address such as tcp://host:8786, or local:4 for processes of "
                "this machine."
            )
        return text
    if not hasattr(getattr(scheduler, "scheduler", None), "address"):
        raise SettingsError(
            f"scheduler must be an address or an open distributed.Client, not {article(scheduler)}."
        )
    return scheduler


def _check_encrypted(request: ClusterRequest) -> None:
    """Refuse to send a login where others can read it."""
    if request.local_workers is not None:
        return
    address = _address(request.scheduler)
    scheme, _, rest = address.partition("://")
    host = rest.partition("/")[0].rpartition(":")[0].strip("[]")
    if scheme in ("tls", "wss", "inproc") or is_loopback(host):
        return
    raise SettingsError(
        f"worker_login='send' would send the client secret unencrypted to {scheme}://{host}. Use a scheduler with "
        "tls://, or set HALO_CLIENT_ID and HALO_CLIENT_SECRET in the environment of the workers."
    )


def _address(scheduler: Any) -> str:
    return scheduler if isinstance(scheduler, str) else str(scheduler.scheduler.address)


@asynccontextmanager
async def connected(request: ClusterRequest, environ: Mapping[str, str]) -> AsyncIterator[ClusterConnection]:
    """Connect to the scheduler, or start one with workers.

    :param environ: variables of the workers that are started, beside those of this process.
    :raises SettingsError: distributed is not installed.
    :raises ClusterError: the scheduler or its workers do not respond.
    """
    distributed = _distributed()
    async with AsyncExitStack() as stack:
        address, security = await _found(request, environ, distributed, stack)
        options = {"security": security} if security is not None else {}
        try:
            client = await distributed.Client(
                address, asynchronous=True, set_as_default=False, timeout=CONNECTING, **options
            )
        except (OSError, TimeoutError) as error:
            raise ClusterError(
                f"No scheduler responds at {_address(address)}. Check the address, and that it runs."
            ) from error
        stack.push_async_callback(_close_quietly, client)
        try:
            await client.wait_for_workers(1, timeout=FIRST_WORKER)
        except (OSError, TimeoutError) as error:
            raise ClusterError(NO_WORKERS.format(seconds=FIRST_WORKER)) from error
        threads = await client.nthreads()
        yield ClusterConnection(client, len(threads), sum(threads.values()))


async def _found(
    request: ClusterRequest, environ: Mapping[str, str], distributed: Any, stack: AsyncExitStack
) -> tuple[Any, Any]:
    """Return the scheduler's address and what encrypts the connection."""
    workers = request.local_workers
    if workers is None:
        given = request.scheduler
        return _address(given), None if isinstance(given, str) else given.security
    security = distributed.Security.temporary()  # others on this machine could run code in the workers else
    try:
        cluster = await distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            asynchronous=True,
            dashboard_address="127.0.0.1:0",  # without one, port 8787 is taken, and a warning says if it is in use
            security=security,
            silence_logs="CRITICAL",
            env=dict(environ),
        )
    except (OSError, RuntimeError, TimeoutError) as error:
        raise ClusterError(NOT_STARTED) from error
    stack.push_async_callback(_close_quietly, cluster)
    return cluster.scheduler_address, security


async def _close_quietly(opened: Any) -> None:
    # A client that lost its scheduler logs the end of its attempts to reconnect, with a traceback.
    logger = logging.getLogger("distributed.client")
    was, logger.disabled = logger.disabled, True
    try:
        await complete(opened.close())
    finally:
        logger.disabled = was


def _distributed() -> Any:
    try:
        return import_module("distributed")
    except ModuleNotFoundError:
        raise SettingsError(
            'An export on a cluster requires Dask. Run pip install "halo-async[dask]".'
        ) from None


def _cores() -> int:
    import os

    return max(1, min(os.cpu_count() or 1, MOST_LOCAL))
