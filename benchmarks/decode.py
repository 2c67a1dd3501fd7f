"""How fast rows become records: beside `orjson.loads` and openapi-python-client's own classes.

    python benchmarks/decode.py [--runs 15] [--rows 1000]

1,000 ticket rows with 80 of the record's fields, keys in the schema's order and shuffled. Each representation is made
from the same bytes, in turns; a ratio is the time of `orjson.loads` over its own. Memory is what
the rows take, at the peak and kept, each in a fresh interpreter. Exits with 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import importlib.util
import json
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

MIN_SPEED = 0.85
MAX_MEMORY = 1.1
FIELDS = 80


def ticket_rows(count: int, *, shuffled: bool) -> bytes:
    """JSON of ticket rows: fields spread over the whole record, values as instances send them."""
    from halo_async.models import Ticket

    annotations = {
        n: t for n, t in Ticket.__annotations__.items() if "Sequence" not in t and "Mapping" not in t
    }
    plain = [name for name, text in annotations.items() if text.split(" ")[0] in MAKERS]
    names = sorted(random.Random(1).sample(plain, FIELDS), key=plain.index)
    rows = [_row(names, annotations, random.Random(number), shuffled) for number in range(count)]
    return json.dumps(rows, separators=(",", ":")).encode()


MAKERS: dict[str, Callable[[random.Random], Any]] = {
    "int": lambda r: r.randrange(100_000),
    "float": lambda r: round(r.random() * 1000, 2),
    "bool": lambda r: r.random() < 0.5,
    "str": lambda r: "the printer on floor two is out of paper"[: r.randrange(4, 40)],
    "DateTime": lambda r: (
        f"2024-{r.randrange(1, 13):02}-11T08:15:{r.randrange(60):02}.{r.randrange(1000):03}"
    ),
}


def _row(names: list[str], annotations: dict[str, str], r: random.Random, shuffled: bool) -> dict[str, Any]:
    order = r.sample(names, len(names)) if shuffled else names
    return {name: MAKERS[annotations[name].split(" ")[0]](r) for name in order}


def with_records() -> Callable[[bytes], Any]:
    """Halo's rows as this package gives them: decoded as every answer is, then made records."""
    from halo_async.models import Ticket
    from halo_async.record import adopt_all
    from halo_async.transport.decode import decode_json
    from halo_async.transport.values import Response

    return lambda body: adopt_all(Ticket, decode_json(Response(200, {}, body, "application/json")))


def with_orjson() -> Callable[[bytes], Any]:
    """Bare dicts."""
    from orjson import loads

    return loads


def with_msgspec() -> Callable[[bytes], Any]:
    """Bare dicts, by the decoder that this package uses."""
    import msgspec

    return msgspec.json.Decoder().decode


def with_stock_client(package: Path) -> Callable[[bytes], Any]:
    """The attrs class that openapi-python-client makes of the same schema."""
    from orjson import loads

    sys.path.insert(0, str(package.parent))
    faults = importlib.import_module(f"{package.name}.models.faults").Faults
    return lambda body: [faults.from_dict(row) for row in loads(body)]


def generate_stock_client(folder: Path) -> Path | str:
    """Run openapi-python-client over the normal form's ticket schema; a text says why it could not be."""
    if importlib.util.find_spec("openapi_python_client") is None:
        return "openapi-python-client is not installed"
    document = folder / "document.json"
    document.write_text(json.dumps(ticket_document()))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--path", str(document)]
    config = folder / "config.yaml"
    config.write_text("post_hooks: []\n")  # formatting 170 files takes longer than making them
    command += ["--output-path", str(folder / "stock"), "--meta", "none", "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True)
    if not (folder / "stock" / "models" / "faults.py").exists():
        return f"openapi-python-client made nothing of it: {(done.stdout + done.stderr)[-300:]}"
    return folder / "stock"


def ticket_document() -> dict[str, Any]:
    """The normal form with one path and the schemas that a ticket needs."""
    document = json.loads((ROOT / "spec" / "halo.openapi.json").read_text())
    schemas = document["components"]["schemas"]
    wanted, queue = set(), ["Faults"]
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue += _references(schemas[name])
    answer = {"application/json": {"schema": {"$ref": "#/components/schemas/Faults"}}}
    operation = {"operationId": "ticket", "responses": {"200": {"description": "", "content": answer}}}
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": {"/ticket": {"get": operation}},
        "components": {"schemas": {name: schemas[name] for name in sorted(wanted)}},
    }


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"].rpartition("/")[2]] if "$ref" in value else []
        return own + [name for item in value.values() for name in _references(item)]
    return [name for item in value for name in _references(item)] if isinstance(value, list) else []


def times(makers: dict[str, Callable[[bytes], Any]], body: bytes, runs: int) -> dict[str, list[float]]:
    """Milliseconds of each representation, in turns, the collector off as timeit has it."""
    taken: dict[str, list[float]] = {name: [] for name in makers}
    for name, make in makers.items():
        make(body)
        taken[name].clear()
    gc.disable()
    try:
        for _ in range(runs):
            for name, make in makers.items():
                started = time.perf_counter()
                made = make(body)
                taken[name].append(1000 * (time.perf_counter() - started))
                del made
                gc.collect()
    finally:
        gc.enable()
    return taken


def memory_of(name: str, rows: int, package: Path | None) -> tuple[float, float]:
    """Kilobytes a row at the peak and kept, in a fresh interpreter that has read the bytes."""
    arguments = [sys.executable, __file__, "--memory", name, "--rows", str(rows)]
    if package is not None:
        arguments += ["--package", str(package)]
    done = subprocess.run(arguments, capture_output=True, text=True, check=True)
    peak, kept = map(float, done.stdout.split())
    return peak, kept


def print_memory(make: Callable[[bytes], Any], rows: int) -> None:
    """Measure as `memory_of` says, here."""
    import tracemalloc

    body = ticket_rows(rows, shuffled=False)
    make(ticket_rows(2, shuffled=False))
    gc.collect()
    tracemalloc.start()
    made = make(body)
    kept, peak = tracemalloc.get_traced_memory()
    print(peak / 1024 / len(made), kept / 1024 / len(made))


def main() -> int:
    """Measure, print and judge."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--memory", help=argparse.SUPPRESS)
    parser.add_argument("--package", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory:
        print_memory(all_makers(options.package)[options.memory](), options.rows)
        return 0
    folder = Path(tempfile.mkdtemp(prefix="halo-decode-"))
    try:
        return compare(generate_stock_client(folder), options.rows, options.runs)
    finally:
        shutil.rmtree(folder)


def all_makers(package: Path | None) -> dict[str, Callable[[], Callable[[bytes], Any]]]:
    """Every representation by its name."""
    stock = {} if package is None else {"openapi-python-client": lambda: with_stock_client(package)}
    return {
        "orjson.loads": with_orjson,
        "msgspec (dicts)": with_msgspec,
        "halo_async records": with_records,
        **stock,
    }


def compare(stock: Path | str, rows: int, runs: int) -> int:
    """Print speed and memory of all, and judge the records."""
    package = stock if isinstance(stock, Path) else None
    names = all_makers(package)
    makers = {name: load() for name, load in names.items()}
    worst = 1e9
    for shuffled in (False, True):
        print(f"\n{rows:,} ticket rows of {FIELDS} fields, keys {'shuffled' if shuffled else 'in order'}")
        taken = times(makers, ticket_rows(rows, shuffled=shuffled), runs)
        worst = min(worst, print_times(taken))
    memory = {name: memory_of(name, rows, package) for name in names}
    print("\nmemory, kB a row")
    base = memory["orjson.loads"]
    for name, (peak, kept) in memory.items():
        print(
            f"  {name:24} kept {kept:6.2f} ({kept / base[1]:.3f} of orjson.loads)"
            f"   peak {peak:6.2f} ({peak / base[0]:.3f})"
        )
    if isinstance(stock, str):
        print(f"\nwithout openapi-python-client's classes: {stock}")
    ours = memory["halo_async records"]
    return judge(worst, max(ours[0] / base[0], ours[1] / base[1]))


def print_times(taken: dict[str, list[float]]) -> float:
    """Print medians; the records' speed as a part of orjson's, each turn compared with itself."""
    base = taken["orjson.loads"]
    speeds = {}
    for name, values in taken.items():
        speeds[name] = statistics.median([theirs / own for theirs, own in zip(base, values, strict=True)])
        spread = f"{min(values):.2f} to {max(values):.2f}"
        print(
            f"  {name:24} {statistics.median(values):8.2f} ms ({spread:>18})   {speeds[name]:6.3f} of orjson.loads"
        )
    return speeds["halo_async records"]


def judge(speed: float, memory: float) -> int:
    """Say what was missed; 1 where anything was."""
    missed = []
    if speed < MIN_SPEED:
        missed.append(
            f"MISSED: records are {speed:.3f} as fast as orjson.loads, at least {MIN_SPEED} is wanted"
        )
    if memory > MAX_MEMORY:
        missed.append(f"MISSED: records take {memory:.3f} of the memory, at most {MAX_MEMORY} is wanted")
    print(
        "",
        *(
            missed
            or [
                f"records: {speed:.3f} of the speed (>= {MIN_SPEED}), {memory:.3f} of the memory (<= {MAX_MEMORY})"
            ]
        ),
        sep="\n",
    )
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
