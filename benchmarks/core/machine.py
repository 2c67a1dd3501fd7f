"""Machine and software versions of a measurement."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from benchmarks.core.children import ROOT

PACKAGES = (
    "aiohttp", "anyio", "attrs", "msgspec", "orjson", "pyarrow", "httpx", "pydantic", "githubkit", "openai", "stripe",
    "msgraph-sdk", "haloitsm-python", "dlt", "openapi-python-client", "mypy", "pyright",
)  # fmt: skip


def machine() -> dict[str, Any]:
    """Return the processor, its cores, the system, its load, and the state of the project."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        "system": f"{platform.system()} {platform.release()}",
        "load_before": round(os.getloadavg()[0], 2),
        "commit": _commit(),
    }


def versions() -> dict[str, str]:
    """Return the installed versions of Python and of everything that is measured."""
    found = {"python": f"{platform.python_implementation()} {sys.version.split()[0]}"}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"
