"""The emulator in the foreground."""

from __future__ import annotations

import asyncio
import signal

from halo_async.cli.errors import UsageError
from halo_async.emulator import Emulator
from halo_async.settings import RateLimit


async def serve(*, port: int, seed: int, tickets: int, rate_limit: RateLimit | None) -> None:
    """Serve until SIGINT or SIGTERM; both are the usual end and no failure.

    :raises UsageError: the port is taken.
    """
    stop = asyncio.Event()
    _on_signals(stop)
    running = Emulator(seed, tickets, rate_limit=rate_limit, port=port)
    try:
        await running.start()
    except OSError as error:
        raise UsageError(f"port {port} cannot be listened on ({error.strerror}): use --port 0") from error
    try:
        announce(running)
        await stop.wait()
    finally:
        await running.stop()


def announce(running: Emulator) -> None:
    """Tell whoever started us how to log in: what a shell or a test reads line by line."""
    print(f"HALO_INSTANCE={running.url}")
    print(f"HALO_CLIENT_ID={running.client_id}")
    print(f"HALO_CLIENT_SECRET={running.client_secret}", flush=True)


def _on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stop.set)
        except NotImplementedError:
            return
