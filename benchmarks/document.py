"""The 2024 document as an instance serves it, and the output of both generators for it."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import attrs

from benchmarks import stock
from benchmarks.core.bench import Bench
from benchmarks.core.children import NotMeasured, Taken, ran


def served(bench: Bench) -> Path:
    """Return the document the emulator serves: the vendor's facts with all defects, without its prose."""
    path: Path = bench.made("document", lambda: _fetched(bench.folder / "served.json"))
    return path


def _fetched(path: Path) -> Path:
    import aiohttp

    from halo_async.emulator import Emulator

    async def fetch() -> bytes:
        async with (
            Emulator(tickets=5) as emulator,
            aiohttp.ClientSession() as session,
            session.get(f"{emulator.url}/api/swagger/v2/swagger.json") as response,
        ):
            return await response.read()

    path.write_bytes(asyncio.run(fetch()))
    return path


def cut(document: Path, part: float, path: Path) -> tuple[Path, int]:
    """Return the document with an evenly drawn part of its paths, and its number of operations."""
    whole: dict[str, Any] = json.loads(document.read_bytes())
    names = list(whole["paths"])
    count = max(1, round(len(names) * part))
    chosen = [names[number * len(names) // count] for number in range(count)]
    whole["paths"] = {name: whole["paths"][name] for name in chosen}
    whole["components"]["schemas"] = stock.needed(whole["paths"], whole["components"]["schemas"])
    path.write_text(json.dumps(whole), "utf-8")
    return path, sum(len(item) for item in whole["paths"].values())


def repaired(bench: Bench) -> Path:
    """Return the document in a form that the stock generator accepts: repaired, nothing more."""

    def make() -> Path:
        from halo_generator import repair, source
        from halo_generator.report import CanonicalReport

        path = bench.folder / "repaired.json"
        document = repair.repair(source.load(str(served(bench))), CanonicalReport())
        path.write_text(json.dumps(document), "utf-8")
        return path

    path: Path = bench.made("repaired document", make)
    return path


def ours(document: Path, out: Path) -> list[str]:
    """Return the command of this project's generator."""
    return [sys.executable, "-m", "halo_generator", str(document), "--out", str(out)]


@attrs.frozen
class Made:
    """Output of a generator."""

    folder: Path | NotMeasured
    """Folder to import the output from."""
    taken: Taken | None


def stock_of_all(bench: Bench) -> Made:
    """Return the stock generator's package `stock` of the whole document: half a minute, once per run."""

    def make() -> Made:
        bench.say("the stock generator's package of the whole document")
        out = bench.folder / "stock-whole" / "stock"
        out.parent.mkdir()
        try:
            return Made(out.parent, ran(stock.command(repaired(bench), out)))
        except NotMeasured as why:
            return Made(why, None)

    made: Made = bench.made("stock whole", make)
    return made
