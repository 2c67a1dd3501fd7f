"""Redis is killed in the middle and comes back, with its data or without: no window is broken, nothing is lost."""

from __future__ import annotations

import pytest

from halo_async.emulator import Emulator
from tests.coordination.conftest import Workers, wait_for
from tests.support.redis_server import RedisServer
from tests.support.window_kit import api_times, logins, most_in_window

REQUESTS, SECONDS = 16, 2.0


@pytest.mark.parametrize("with_data", [True, False], ids=["with its data", "without its data"])
def test_a_restart_of_redis_breaks_no_window_and_loses_nothing(
    emulator: Emulator, redis: RedisServer, workers: Workers, with_data
) -> None:
    three = workers(3, f"{REQUESTS}/{SECONDS:g}")
    for worker in three:
        worker.make(16)
    wait_for(emulator, REQUESTS + 4)
    redis.restart(with_data=with_data)
    assert [worker.result() for worker in three] == [{"done": 16, "errors": {}, "throttled": 0}] * 3
    assert most_in_window(api_times(emulator), SECONDS) <= REQUESTS
    assert logins(emulator) == 1
    for worker in three:
        worker.leave()


def test_a_process_that_starts_after_the_data_are_lost_breaks_no_window(
    emulator: Emulator, redis: RedisServer, workers: Workers
) -> None:
    (old,) = workers(1, f"{REQUESTS}/{SECONDS:g}")
    old.make(REQUESTS - 1)
    assert old.result()["done"] == REQUESTS - 1
    (new,) = workers(1, f"{REQUESTS}/{SECONDS:g}")
    redis.restart(with_data=False)
    new.make(REQUESTS)
    assert new.result()["done"] == REQUESTS
    assert most_in_window(api_times(emulator), SECONDS) <= REQUESTS
