"""From a document to a formatted package: this generator, and the stock one on the same document once repaired.

    python benchmarks/generate.py [DOCUMENT]

DOCUMENT is a raw document of an instance; without one, the document that the emulator serves, which has the same
defects.
Each run is a process of its own; seconds are wall time, memory the peak of the process and its children.
Targets for this generator: at most 10 s and 1 GB.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

SECONDS, MEGABYTES = 10.0, 1000.0


def served_document(folder: Path) -> Path:
    import asyncio

    import aiohttp

    from halo_async.emulator import Emulator

    async def fetch() -> bytes:
        async with (
            Emulator(tickets=5) as emulator,
            aiohttp.ClientSession() as session,
            session.get(f"{emulator.url}/api/swagger/v2/swagger.json") as answer,
        ):
            return await answer.read()

    path = folder / "served.json"
    path.write_bytes(asyncio.run(fetch()))
    return path


def repaired(document: Path, folder: Path) -> Path:
    """The document as the stock generator accepts it: repaired, nothing more."""
    from halo_generator import repair, source
    from halo_generator.report import Report

    path = folder / "repaired.json"
    path.write_text(json.dumps(repair.repair(source.load(str(document)), Report())), "utf-8")
    return path


def measured(command: list[str]) -> tuple[float, float]:
    """Wall seconds and peak megabytes of a command, measured in a process that runs nothing else."""
    program = (
        "import resource, subprocess, sys, time\n"
        "began = time.perf_counter()\n"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)\n"
        "print(time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *command], check=True, capture_output=True, text=True
    )
    seconds, megabytes = map(float, done.stdout.split())
    return seconds, megabytes


def written(folder: Path) -> tuple[int, int, float]:
    """Files, lines and megabytes of Python below a folder."""
    files = list(folder.rglob("*.py"))
    contents = [path.read_bytes() for path in files]
    return len(files), sum(content.count(b"\n") for content in contents), sum(map(len, contents)) / 1e6


def ours(document: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "halo_generator", str(document), "--out", str(out)]


def stock(document: Path, out: Path) -> list[str]:
    tool = "from openapi_python_client.cli import app; app()"
    options = ["generate", "--path", str(document), "--output-path", str(out), "--meta", "none"]
    return [sys.executable, "-c", tool, *options]


def row(
    name: str, command: Callable[[Path, Path], list[str]], document: Path, out: Path
) -> tuple[float, float]:
    seconds, megabytes = measured(command(document, out))
    files, lines, size = written(out)
    print(
        f"{name:<22}{seconds:8.1f} s{megabytes:9.0f} MB{files:8,} files{lines:10,} lines{size:7.1f} MB written"
    )
    return seconds, megabytes


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        document = Path(sys.argv[1]) if len(sys.argv) > 1 else served_document(folder)
        began = time.perf_counter()
        seconds, megabytes = row("halo-async-generator", ours, document, folder / "ours")
        row("openapi-python-client", stock, repaired(document, folder), folder / "stock")
        missed = seconds > SECONDS or megabytes > MEGABYTES
        print(f"{'MISSED' if missed else 'met'}: at most {SECONDS:.0f} s and {MEGABYTES:.0f} MB", end="")
        print(f" ({time.perf_counter() - began:.0f} s in all)")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
