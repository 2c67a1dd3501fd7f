"""Exports end to end, beside a bare aiohttp + orjson script and dlt's REST source: same server, same rows.

`python benchmarks/export.py [ROWS]`. The server is a process of its own that answers from rows made beforehand, so
that what is measured is the client. Each reader runs in a process of its own; shown are the best of three runs by
wall time. dlt takes part where it is installed. Exits with 1 where a target is missed.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

PAGE = 100
RUNS = 3


# The server --------------------------------------------------------------------------------------


async def templates() -> list[bytes]:
    """The emulator's tickets without their ids."""
    import msgspec

    from halo_async import ClientCredentials, Halo
    from halo_async.emulator import Emulator

    async with (
        Emulator(1, 1000, rate_limit=None) as emulator,
        Halo(emulator.url, ClientCredentials(emulator.client_id, emulator.client_secret)) as halo,
    ):
        rows = [dict(vars(row)) async for row in halo.tickets.list()]
    return [msgspec.json.encode({name: row[name] for name in row if name != "id"})[1:] for row in rows]


def serve(pipe: Connection, count: int) -> None:
    from aiohttp import web

    made = asyncio.run(templates())
    head = b'{"page_no":1,"page_size":100,"record_count":%d,"tickets":['

    def body(first: int, last: int, total: int, size: int) -> bytes:
        ids = range(first, min(last, first + size - 1) + 1)
        rows = b",".join(b'{"id":%d,%b' % (id, made[id % len(made)]) for id in ids)
        return head % total + rows + b"]}"

    async def tickets(request: web.Request) -> web.Response:
        query = request.query
        first, last = 1, count
        for test in json.loads(query.get("advanced_search", "[]")):
            value = int(test["filter_value"])
            first, last = (value + 1, last) if test["filter_type"] == 7 else (first, value)
        size = min(PAGE, int(query.get("page_size", PAGE)))
        total = max(0, last - first + 1)
        first += (int(query.get("page_no", 1)) - 1) * size
        if query.get("orderdesc") == "true":
            first = last
        return web.Response(body=body(first, last, total, size), content_type="application/json")

    async def token(request: web.Request) -> web.Response:
        return web.json_response({"access_token": "x", "expires_in": 3600})

    async def info(request: web.Request) -> web.Response:
        return web.json_response({"auth_url": f"http://{request.host}/auth"})

    async def main() -> None:
        app = web.Application()
        app.add_routes([web.get("/api/Tickets", tickets), web.get("/api/authinfo", info)])
        app.add_routes([web.post("/auth/token", token)])
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        pipe.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(main())


# The readers -------------------------------------------------------------------------------------


def bare(port: int, count: int, out: Path) -> None:
    """Page after page, a dict and a line a row."""
    import aiohttp
    import orjson

    async def main() -> None:
        got, number = 0, 1
        async with aiohttp.ClientSession() as session:
            with (out / "tickets.jsonl").open("wb") as file:
                while got < count:
                    params = {"pageinate": "true", "page_no": number, "page_size": PAGE, "order": "id"}
                    async with session.get(f"http://127.0.0.1:{port}/api/Tickets", params=params) as answer:
                        rows = orjson.loads(await answer.read())["tickets"]
                    for row in rows:
                        file.write(orjson.dumps(row) + b"\n")
                    got, number = got + len(rows), number + 1

    asyncio.run(main())


def halo(format: str, width: int) -> Callable[[int, int, Path], None]:
    def read(port: int, count: int, out: Path) -> None:
        from halo_async import ClientCredentials, Halo

        async def main() -> None:
            credentials = ClientCredentials("id", "secret")
            async with Halo(f"http://127.0.0.1:{port}", credentials, rate_limit=None) as client:
                report = await client.export(["tickets"], out, format=format, width=width)
            assert report.complete, report
            assert report.resources[0].rows == count

        asyncio.run(main())

    return read


def dlt(port: int, count: int, out: Path) -> None:
    import dlt
    from dlt.sources.rest_api import rest_api_source

    paginator = {
        "type": "page_number",
        "base_page": 1,
        "page_param": "page_no",
        "total_path": None,
        "stop_after_empty_page": True,
    }
    params = {"pageinate": "true", "page_size": PAGE, "order": "id"}
    source = rest_api_source(
        {
            "client": {"base_url": f"http://127.0.0.1:{port}/api/", "paginator": paginator},
            "resources": [
                {
                    "name": "tickets",
                    "max_table_nesting": 0,
                    "endpoint": {"path": "Tickets", "params": params, "data_selector": "tickets"},
                }
            ],
        }
    )
    os.environ["DESTINATION__FILESYSTEM__BUCKET_URL"] = out.as_uri()
    pipeline = dlt.pipeline(
        "bench", destination="filesystem", dataset_name="out", pipelines_dir=str(out / "p")
    )
    pipeline.run(source, loader_file_format="jsonl")


TARGETS = {"jsonl, width 1": 0.80, "parquet, width 1": 0.22}
"""Of the bare script's speed, at least."""
READERS: dict[str, Callable[[int, int, Path], None]] = {
    "aiohttp + orjson": bare,
    "jsonl, width 1": halo("jsonl", 1),
    "jsonl, width 8": halo("jsonl", 8),
    "parquet, width 1": halo("parquet", 1),
    "dlt to jsonl": dlt,
}


def measured(pipe: Connection, name: str, port: int, count: int) -> None:
    out = Path(tempfile.mkdtemp(prefix="halo-bench-"))
    try:
        target = out if name.startswith(("aiohttp", "dlt")) else out / "export"
        began = time.perf_counter()
        READERS[name](port, count, target)
        seconds = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_SELF)
        pipe.send((seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
    except ModuleNotFoundError as error:
        pipe.send(str(error))
    finally:
        shutil.rmtree(out, ignore_errors=True)


def once(name: str, port: int, count: int) -> Any:
    ours, theirs = CONTEXT.Pipe()
    process = CONTEXT.Process(target=measured, args=(theirs, name, port, count))
    process.start()
    theirs.close()
    result = ours.recv()
    process.join()
    return result


CONTEXT = multiprocessing.get_context("spawn")


def main(count: int, names: list[str], runs: int = RUNS) -> int:
    ours, theirs = CONTEXT.Pipe()
    server = CONTEXT.Process(target=serve, args=(theirs, count), daemon=True)
    server.start()
    port = ours.recv()
    baseline, missed = 0.0, 0
    print(f"{count:,} rows, pages of {PAGE}")
    print(f"{'':20} {'seconds':>8} {'rows/s':>9} {'CPU s':>7} {'RSS MB':>7} {'ratio':>6}")
    for name in names:
        found = [once(name, port, count) for _ in range(runs)]
        if isinstance(found[0], str):
            print(f"{name:20} left out: {found[0]}")
            continue
        seconds, cpu, rss = min(found)
        baseline = baseline or seconds
        ratio = baseline / seconds
        rate = count / seconds
        missed += len(names) > 1 and ratio < TARGETS.get(name, 0.0)
        print(f"{name:20} {seconds:8.2f} {rate:9,.0f} {cpu:7.2f} {rss:7.0f} {ratio:6.2f}", flush=True)
    server.terminate()
    return int(missed > 0)


if __name__ == "__main__":
    chosen = [name for name in READERS if not sys.argv[2:] or name in sys.argv[2:]]
    sys.exit(
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, chosen, 1 if len(sys.argv) > 2 else RUNS)
    )
