"""How long imports take: ours beside aiohttp's, medians of runs in fresh interpreters, interleaved.

    python benchmarks/import_time.py [--runs 11]

Prints a table and exits with 1 where a target is missed. CPU time of the whole process is measured, so that
what else the machine does counts little; bytecode is written by a first run that does not count.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

BARE = "pass"
AIOHTTP = "import aiohttp"
PACKAGE = "import halo_async"
RECORD = "import halo_async.record"
MODELS = (
    "import halo_async.record\n"
    "import halo_async.models as models\n"
    "for name in dir(models):\n    getattr(models, name)\n"
    "assert len(models.RECORDS) > 600"
)
SCRIPT = """
import asyncio, aiohttp, msgspec
async def main():
    async with aiohttp.ClientSession() as session:
        decode = msgspec.json.Decoder().decode
asyncio.run(main())
"""
TYPED = """
import asyncio
from halo_async import ClientCredentials, Halo
class Ready(Exception):
    pass
async def main():
    halo = Halo("acme.halopsa.com", ClientCredentials("id", "secret"))
    transport = halo._transport
    await transport.open()
    async def send(request, decode):
        assert request.path.startswith("/Tickets")
        raise Ready
    transport.send = send
    try:
        await halo.tickets.{call}
    except Ready:
        await halo.aclose()
asyncio.run(main())
"""

CASES = {
    "bare interpreter": BARE,
    "import aiohttp": AIOHTTP,
    "import halo_async": PACKAGE,
    "import halo_async.record": RECORD,
    "all records": MODELS,
    "aiohttp + msgspec script": SCRIPT,
    "first typed call ready": TYPED.format(call="get(1, includedetails=True)"),
    "first list ready": TYPED.format(call="list(open_only=True)"),
}


def cpu_ms(code: str) -> float:
    """CPU milliseconds of a fresh interpreter that runs `code`."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["PYTHONPATH"] = str(ROOT)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def measure(runs: int) -> dict[str, list[float]]:
    """Every case `runs` times, taking turns."""
    for code in CASES.values():
        cpu_ms(code)
    times: dict[str, list[float]] = {name: [] for name in CASES}
    for _ in range(runs):
        for name, code in CASES.items():
            times[name].append(cpu_ms(code))
    return times


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=11)
    times = measure(parser.parse_args().runs)
    print(f"{'CPU ms':30} {'median':>8} {'least':>8} {'most':>8}")
    for name, values in times.items():
        print(f"{name:30} {statistics.median(values):8.1f} {min(values):8.1f} {max(values):8.1f}")
    return judge(times)


def over(times: dict[str, list[float]], name: str, base: str) -> float:
    """How much more `name` takes than `base`: the median of the differences, turn by turn."""
    return statistics.median([own - other for own, other in zip(times[name], times[base], strict=True)])


def judge(times: dict[str, list[float]]) -> int:
    """Compare with the targets; 1 where one is missed."""
    bare, script = "bare interpreter", "aiohttp + msgspec script"
    ratio = over(times, "import halo_async", bare) / over(times, "import aiohttp", bare)
    results = [
        ("import halo_async over import aiohttp", ratio, 0.15, ""),
        ("all records, with bytecode", over(times, "all records", "import halo_async.record"), 100, " ms"),
        ("first typed call after the script's", over(times, "first typed call ready", script), 30, " ms"),
        ("first list after the script's", over(times, "first list ready", script), 30, " ms"),
    ]
    print(f"\n{'':40} {'measured':>11} {'at most':>11}")
    for name, value, target, unit in results:
        verdict = "" if value <= target else "   MISSED"
        print(f"{name:40} {f'{value:.3g}{unit}':>11} {f'{target:g}{unit}':>11}{verdict}")
    return int(any(value > target for _, value, target, _ in results))


if __name__ == "__main__":
    sys.exit(main())
