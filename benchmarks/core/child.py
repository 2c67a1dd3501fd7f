"""A measured process: reads one JSON command per line, runs it, writes one JSON line with its cost.

`{"load": "module:function", "args": {…}}` calls a function that prepares a task and returns the part that
counts; `{"run": true}` calls that part and measures it; `{"run": true, "sampled": true}` also reports where
its CPU time is spent.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.core.sampling import sampled


def main() -> None:
    """Respond to commands until the other side closes. Output of tasks is sent to standard error."""
    output = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    part: Callable[[], Any] = _nothing
    for line in sys.stdin:
        command = json.loads(line)
        try:
            if "load" in command:
                part = loaded(command["load"], command["args"])
                print(json.dumps({"ready": True}), file=output)
            else:
                print(json.dumps(measured(part, sampling=command.get("sampled", False))), file=output)
        except ModuleNotFoundError as error:
            print(json.dumps({"error": f"not measured: {error}"}), file=output)
        except Exception as error:
            traceback.print_exc()
            print(json.dumps({"error": f"not measured: {type(error).__name__}: {error}"[:300]}), file=output)


def loaded(place: str, args: dict[str, Any]) -> Callable[[], Any]:
    """Prepare a task."""
    module, _, name = place.partition(":")
    ready: Callable[[], Any] = getattr(importlib.import_module(module), name)(**args)
    return ready


def measured(part: Callable[[], Any], *, sampling: bool) -> dict[str, Any]:
    """Run once: return wall time, CPU time of all threads, this process's peak memory, and the result."""
    gc.collect()
    before = _megabytes("VmRSS")
    with sampled(on=sampling) as shares:
        wall, cpu = time.perf_counter(), time.process_time()
        value = part()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    result = {"wall": wall, "cpu": cpu, "peak": _megabytes("VmHWM"), "before": before, "value": value}
    return {**result, "shares": shares} if sampling else result


def _megabytes(name: str) -> float:
    """Return VmHWM, which belongs to this process alone; ru_maxrss would start with its parent's memory."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024 / 1e6
    raise LookupError(name)


def _nothing() -> None:
    """Do nothing: the task before anything is loaded."""


if __name__ == "__main__":
    main()
