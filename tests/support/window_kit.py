"""Figures of a rolling window, from the log of an emulated instance and by its own clock."""

from __future__ import annotations

from collections.abc import Sequence

from halo_async.emulator import Emulator


def api_times(emulator: Emulator) -> list[float]:
    """When each request that counts was received."""
    return [request.at for request in emulator.requests if request.api]


def most_in_window(times: Sequence[float], seconds: float) -> int:
    """The most requests in any window of so many seconds."""
    most = first = 0
    for index, at in enumerate(times):
        while times[first] <= at - seconds:
            first += 1
        most = max(most, index - first + 1)
    return most


def part_used(times: Sequence[float], requests: int, seconds: float) -> float:
    """How much of the window was used on average, from when the first had passed to the last request."""
    begin, end = times[0] + seconds, times[-1]
    in_window = sum(max(0.0, min(end, at + seconds) - max(begin, at)) for at in times)
    return in_window / (requests * (end - begin))


def logins(emulator: Emulator) -> int:
    return len(emulator.requests("POST /auth/token"))
