"""The emulator in the foreground."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import suppress

from halo_async import emulator
from halo_async.cli.emulator_options import EmulatorOptions
from halo_async.cli.errors import UsageError
from halo_async.emulator import Emulator


async def serve(knobs: EmulatorOptions) -> None:
    """Serve until SIGINT or SIGTERM; both are a normal exit, not a failure.

    :raises UsageError: the port is taken.
    """
    serving = asyncio.ensure_future(emulator.serve(Emulator(**knobs), _ready))
    _on_signals(serving.cancel)
    try:
        with suppress(asyncio.CancelledError):
            await serving
    except OSError as error:
        raise UsageError(
            f"port {knobs['port']} cannot be listened on ({error.strerror}): use --port 0"
        ) from error


def _ready(running: Emulator) -> None:
    remark(running)
    announce(running)


def announce(running: Emulator) -> None:
    """Print the login for the parent process: a shell or a test reads it line by line."""
    print(f"HALO_INSTANCE={running.url}")
    print(f"HALO_CLIENT_ID={running.client_id}")
    print(f"HALO_CLIENT_SECRET={running.client_secret}", flush=True)


def remark(running: Emulator) -> None:
    """Print further details on stderr: other tenants, and the actual drift."""
    if running.tenants:
        others = ", ".join(sorted(running.tenants))
        print(f"more tenants of this host: {others}; HALO_TENANT=NAME (--tenant NAME) logs in to one",
              file=sys.stderr)  # fmt: skip
    for change in running.changes:
        print(f"drift: {change.kind}: {' '.join((change.where, change.name)).strip()}", file=sys.stderr)


def _on_signals(stop: Callable[[], object]) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop)
        except NotImplementedError:
            return
