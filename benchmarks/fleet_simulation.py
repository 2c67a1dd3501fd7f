"""Simulate a fleet that shares quotas through Redis: `python -m benchmarks.fleet_simulation`.

The limiter, the shared window and its script are those of the library; Redis is a real redis-server, whose script gets
the time from a virtual clock. Simulated are the requests: each takes a random time, and is counted by the instance in
the middle of it. So 15 minutes of many processes take seconds, and Redis says itself what each question cost it.

Figures for the whole fleet are those of the simulated instances times their number: their keys are independent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec

from halo_async import ClientCredentials, Coordination, Halo, RateLimit, VirtualClock
from halo_async.coordination.link import RedisLink
from halo_async.coordination.script import SCRIPT
from halo_async.coordination.window import SharedWindow
from halo_async.emulator import Emulator
from halo_async.export.cluster.part_writer import EVERY, PART
from halo_async.transport.limiter import Limiter
from halo_async.transport.quota_time import seconds_for

TIMED = SCRIPT.replace("redis.call('TIME')", "{ARGV[2], ARGV[3]}")
LATENCY = (0.15, 0.45)
"""Seconds of a request, uniformly distributed. A question to Redis takes none on the virtual clock."""
IN_FLIGHT = 2
"""Requests in flight of a process, as of an export under a limit."""


class VirtualLink(RedisLink):
    """Asks a real Redis, at a moment of a virtual clock that stands still meanwhile."""

    def __init__(self, client: Any, clock: VirtualClock) -> None:
        self._redis, self._clock = client, clock
        self._script = client.register_script(TIMED)

    async def ask(self, keys: list[str], question: dict[str, Any]) -> list[Any]:
        now = self._clock.time()
        seconds, part = int(now), int(now % 1 * 1_000_000)
        found: list[Any] = self._script(keys=keys, args=[msgspec.json.encode(question), seconds, part])
        return found


class Instance:
    """An instance with processes that always have something to read, and the requests that it counted."""

    def __init__(self, number: int, processes: int, clock: VirtualClock, client: Any) -> None:
        limit = RateLimit()
        options = Coordination("redis://simulated")
        self.clock = clock
        self.counted: list[float] = []
        self.by_process = [0] * processes
        self._windows = [
            SharedWindow(VirtualLink(client, clock), options, limit, f"instance-{number}", clock, 330.0)
            for _ in range(processes)
        ]
        self._limiters = [Limiter(limit, clock, random.random, window) for window in self._windows]

    async def run(self, until: float) -> None:
        async with asyncio.TaskGroup() as group:
            for process in range(len(self._limiters)):
                for _ in range(IN_FLIGHT):
                    group.create_task(self._read(process, until))
        for window in self._windows:
            await window.aclose()

    async def _read(self, process: int, until: float) -> None:
        limiter = self._limiters[process]
        while self.clock.monotonic() < until:
            await limiter.acquire()
            half = random.uniform(*LATENCY) / 2
            await self.clock.sleep(half)
            self.counted.append(self.clock.monotonic())
            self.by_process[process] += 1
            await self.clock.sleep(half)
            limiter.release()
            limiter.succeeded()

    def part_used(self, seconds: float) -> float:
        """How much of the window was used on average, from when the first had passed."""
        begin, end = min(self.counted) + seconds, max(self.counted)
        used = sum(max(0.0, min(end, at + seconds) - max(begin, at)) for at in self.counted)
        return used / (300 * (end - begin))

    def most_in_window(self, seconds: float) -> int:
        times, most, first = sorted(self.counted), 0, 0
        for index, at in enumerate(times):
            while times[first] <= at - seconds:
                first += 1
            most = max(most, index - first + 1)
        return most


def started_redis(folder: str) -> tuple[subprocess.Popen[bytes], int]:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        sys.exit("There is no redis-server on this machine. Install Debian's redis-server.")
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = int(sock.getsockname()[1])
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return process, port
    raise AssertionError("redis-server does not start")


async def simulated(client: Any, instances: int, processes: int, seconds: float) -> dict[str, float]:
    """Run the processes of some instances, and return the figures of one instance."""
    clock = VirtualClock(auto_advance=True)
    client.flushall()
    client.config_resetstat()
    fleet = [Instance(number, processes, clock, client) for number in range(instances)]
    running = [asyncio.create_task(one.run(seconds)) for one in fleet]
    await clock.sleep(seconds * 0.9)
    memory = sum(client.memory_usage(key) or 0 for key in client.keys("*"))
    await asyncio.gather(*running)
    stats = client.info("commandstats")["cmdstat_evalsha"]
    counted = sum(len(one.counted) for one in fleet)
    return {
        "requests": counted / instances,
        "most_in_300_s": max(one.most_in_window(300.0) for one in fleet),
        "part_of_the_window_used": sum(one.part_used(300.0) for one in fleet) / instances,
        "questions_per_request": stats["calls"] / counted,
        "questions_a_second": stats["calls"] / instances / seconds,
        "microseconds_per_question": stats["usec_per_call"],
        "bytes_in_redis": memory / instances,
        "slowest_process_of_its_fair_share": min(
            min(one.by_process) * processes / sum(one.by_process) for one in fleet
        ),
    }


async def client_memory(clients: int = 200) -> float:
    """Bytes of an open client with a session of its own, beyond the first and without buffers of connections."""
    login = ClientCredentials("client-id", "client-secret-of-32-characters-x")

    async def opened(host: str) -> Halo:
        halo = Halo(host, login, coordination="redis://simulated")
        await halo.transport.open()
        return halo

    kept = [await opened("one.halopsa.com")]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept += [await opened(f"h{number}.halopsa.com") for number in range(clients)]
    bytes_each = (tracemalloc.get_traced_memory()[0] - before) / clients
    tracemalloc.stop()
    for halo in kept:
        await halo.aclose()
    return bytes_each


async def row_bytes() -> float:
    """Bytes of a ticket in a list, as the emulator serves it."""
    async with (
        Emulator(tickets=500, rate_limit=None) as emulator,
        Halo(emulator.url, ClientCredentials(emulator.client_id, emulator.client_secret)) as halo,
    ):
        rows = (await halo.request("GET", "/Tickets", params={"page_size": 100, "pageinate": True}))[
            "tickets"
        ]
        return len(json.dumps(rows)) / len(rows)


def plan(rows: int, instances: int, page: int, bytes_per_row: float) -> dict[str, float]:
    """The arithmetic: requests and time by the quota, and requests to an object store by the parts of tasks."""
    requests = rows / instances / page
    seconds = seconds_for(int(requests), 300, 300.0)
    volume = rows / instances * bytes_per_row
    parts = max(volume / PART, seconds / EVERY)
    return {
        "requests_per_instance": requests,
        "hours": seconds / 3600,
        "gigabytes": volume * instances / 1e9,
        "bytes_a_second_of_an_instance": volume / seconds,
        "parts": parts * instances,
        "puts": 2 * parts * instances,
        "gets": 2 * parts * instances,
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    arguments.add_argument("--instances", type=int, default=1000)
    arguments.add_argument("--rows", type=int, default=10**9)
    arguments.add_argument("--sample", type=int, default=8, help="instances that are simulated")
    arguments.add_argument("--processes", type=int, nargs="+", default=[1, 4, 8])
    arguments.add_argument("--seconds", type=float, default=960.0, help="virtual seconds")
    arguments.add_argument("--json", type=Path, help="write the figures to this file, too")
    given = arguments.parse_args()

    import redis

    found: dict[str, Any] = {"instances": given.instances, "rows": given.rows, "processes": {}}
    with tempfile.TemporaryDirectory() as folder:
        process, port = started_redis(folder)
        try:
            client = redis.Redis(port=port)
            for processes in given.processes:
                one = asyncio.run(simulated(client, given.sample, processes, given.seconds))
                one["questions_a_second_of_the_fleet"] = one["questions_a_second"] * given.instances
                one["cores_of_redis"] = (
                    one["questions_a_second_of_the_fleet"] * one["microseconds_per_question"] / 1e6
                )
                one["megabytes_of_redis"] = one["bytes_in_redis"] * given.instances / 1e6
                found["processes"][processes] = one
        finally:
            process.kill()
            process.wait()
    found["bytes_of_a_client"] = asyncio.run(client_memory())
    found["bytes_of_a_row"] = asyncio.run(row_bytes())
    found["pages"] = {
        page: plan(given.rows, given.instances, page, found["bytes_of_a_row"]) for page in (100, 1000)
    }
    text = json.dumps(found, indent=2)
    print(text)
    if given.json is not None:
        given.json.write_text(text + "\n")


if __name__ == "__main__":
    main()
