"""Processes of the clients whose walks are compared, and their turns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.core.bench import Bench
from benchmarks.core.children import Child, NotMeasured
from benchmarks.core.instance import Served
from benchmarks.core.turns import Turns, at_two_paces
from benchmarks.stock import tickets_client

OURS, RAW = "halo_async", "raw aiohttp + orjson"
SLOW = ("httpx + orjson", "stock generator's client", "haloitsm-python")


@contextmanager
def clients(bench: Bench, names: list[str]) -> Iterator[tuple[dict[str, Child], dict[str, str]]]:
    """Yield one process per client, and the reasons why some have none."""
    children: dict[str, Child] = {}
    failed: dict[str, str] = {}
    with ExitStack() as stack:
        for name in names:
            if bench.quick and name in SLOW[1:]:
                failed[name] = "not measured: left out of quick runs"
                continue
            try:
                paths = (tickets_client(bench),) if name.startswith("stock") else ()
                children[name] = stack.enter_context(child_of(name, "http://nowhere", 1, 1, paths))
            except NotMeasured as why:
                failed[name] = str(why)
        yield children, failed


def child_of(client: str, url: str, pages: int, width: int, paths: tuple[Path, ...] = ()) -> Child:
    return Child("walks:ready", _task(client, url, pages, width), paths=paths)


def _task(client: str, url: str, pages: int, width: int) -> dict[str, Any]:
    return {"client": client, "url": url, "pages": pages, "width": width}


def turns_of(
    children: dict[str, Child], instance: Served, pages: int, width: int, latency: int, runs: int
) -> Turns:
    """Run walks in turns; the slow clients in a few turns only."""
    instance.latency(latency / 1000)
    for name, child in children.items():
        child.load("walks:ready", _task(name, instance.url, pages, width))
    return at_two_paces({name: child.run for name, child in children.items()}, RAW, SLOW, runs, 3)
