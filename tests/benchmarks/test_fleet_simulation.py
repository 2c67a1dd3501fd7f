"""The simulation keeps the quota, uses it, and is fair: otherwise its figures would be of something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.redis_server import running


async def test_simulated_processes_keep_the_quota_and_use_it(tmp_path: Path) -> None:
    with running(tmp_path / "redis") as server:
        import redis

        from benchmarks.fleet_simulation import simulated

        with redis.Redis.from_url(server.url) as client:
            found = await simulated(client, 1, 3, 640.0)
    assert found["most_in_300_s"] == 300
    assert found["part_of_the_window_used"] >= 0.95
    assert found["slowest_process_of_its_fair_share"] >= 0.6
    assert found["microseconds_per_question"] > 0


def test_the_arithmetic_of_a_quota_is_that_of_the_library() -> None:
    pytest.importorskip("redis", reason="the package redis is not installed")
    from benchmarks.fleet_simulation import plan

    found = plan(10**9, 1000, 100, 2415.0)
    assert found["requests_per_instance"] == 10_000
    assert found["hours"] == pytest.approx(2.75)
    assert found["puts"] == 2 * found["parts"]
