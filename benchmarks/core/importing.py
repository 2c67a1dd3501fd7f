"""Reasons why an import takes long: Python's own timings of each module."""

from __future__ import annotations

import subprocess
import sys

from benchmarks.core.children import environment

SHOWN = 8


def slowest(script: str, *, without: str = " ") -> str:
    """Return the modules whose own code takes longest while a script runs.

    `without`: a package that counts elsewhere.
    """
    command = [sys.executable, "-X", "importtime", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(), check=False)
    found: list[tuple[int, str]] = []
    for line in done.stderr.splitlines():
        if not line.startswith("import time:"):
            continue
        own, _, name = (part.strip() for part in line.removeprefix("import time:").split("|"))
        if own.isdigit() and not name.startswith(without):
            found.append((int(own), name))
    places = [f"{name} {own / 1000:.1f} ms" for own, name in sorted(found, reverse=True)[:SHOWN]]
    return f"longest, of their own: {', '.join(places)}; {len(found)} modules in all"
