"""Running an emulator until it is cancelled."""

from __future__ import annotations

from collections.abc import Callable

from halo_async.emulator.instance import Emulator


async def serve(emulator: Emulator, ready: Callable[[Emulator], object] | None = None) -> None:
    """Run an emulator until the task is cancelled; ``ready(emulator)`` is called once it listens.

    It prints nothing.

    :param emulator: not running yet.
    :param ready: called with the emulator once it listens.
    """
    from anyio import sleep_forever

    async with emulator:
        if ready is not None:
            ready(emulator)
        await sleep_forever()
