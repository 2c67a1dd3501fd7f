"""Eight processes, one instance, one quota, one login, over real sockets and a real redis-server."""

from __future__ import annotations

from collections import Counter

from halo_async.emulator import Emulator
from tests.coordination.conftest import Workers, wait_for
from tests.support.window_kit import api_times, logins, most_in_window, part_used

REQUESTS, SECONDS, WINDOWS = 32, 8.0, 4
LIMIT = f"{REQUESTS}/{SECONDS:g}"


def test_eight_processes_use_all_of_one_window_and_none_starves(emulator: Emulator, workers: Workers) -> None:
    eight = workers(8, LIMIT)
    for worker in eight:  # all are logged in and known to each other before any takes more
        worker.make(1)
    assert [worker.result()["done"] for worker in eight] == [1] * 8
    for worker in eight:
        worker.make(10_000)
    wait_for(emulator, WINDOWS * REQUESTS)
    for worker in eight:
        worker.process.kill()
    times = api_times(emulator)
    assert most_in_window(times, SECONDS) <= REQUESTS
    assert part_used(times, REQUESTS, SECONDS) >= 0.95
    assert logins(emulator) == 1
    by_process = Counter(
        request.headers["x-process"]
        for request in emulator.requests("GET /Status")
        if request.at > times[0] + SECONDS
    )
    assert len(by_process) == 8
    assert min(by_process.values()) >= 0.6 * sum(by_process.values()) / 8
