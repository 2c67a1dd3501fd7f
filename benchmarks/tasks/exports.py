"""Export of the tickets to a file by several tools. The folder is this run's own, deleted with it."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.tasks.floor import BUFFER

LEAST = "least: aiohttp + zlib-ng + msgspec, JSONL"
PAGE = 100
_QUERY = {"pageinate": "true", "page_size": str(PAGE), "order": "id"}


def ready(
    tool: str, url: str, rows: int, out: str, resume: bool = False, keep: bool = False
) -> Callable[[], int]:
    """Run a whole export with its imports, and return the size of the file in bytes.

    `resume`: in a folder that another run left; `keep`: leave the folder.
    """
    folder = Path(out)

    def run() -> int:
        if not resume:
            shutil.rmtree(folder, ignore_errors=True)
        try:
            TOOLS[tool](url, rows, folder)
            return sum(path.stat().st_size for path in folder.rglob("*.*") if path.is_file())
        finally:
            if not keep:
                shutil.rmtree(folder, ignore_errors=True)

    return run


def held(tool: str, url: str, rows: int, out: str) -> Callable[[], list[float]]:
    """Measure peak memory during an export: Python's objects, and Arrow's pool, in MB."""
    run = ready(tool, url, rows, out)

    def traced() -> list[float]:
        import tracemalloc

        arrow = import_module("pyarrow").default_memory_pool()
        tracemalloc.start()
        run()
        _, peak = tracemalloc.get_traced_memory()
        return [peak / 1e6, (arrow.max_memory() or 0) / 1e6]

    return traced


def _bare(url: str, rows: int, out: Path) -> None:
    """Read page after page, with one dict and one line per row."""
    import aiohttp
    import orjson

    async def main() -> None:
        got, number = 0, 1
        async with aiohttp.ClientSession() as session:
            with (out / "tickets.jsonl").open("wb") as file:
                while got < rows:
                    params = {**_QUERY, "page_no": str(number)}
                    async with session.get(f"{url}/api/Tickets", params=params) as response:
                        page = orjson.loads(await response.read())["tickets"]
                    for row in page:
                        file.write(orjson.dumps(row) + b"\n")
                    got, number = got + len(page), number + 1

    out.mkdir(parents=True)
    asyncio.run(main())


def _least(url: str, rows: int, out: Path) -> None:
    """Read page after page with the client's own libraries, with one line per row as it was received.

    That rows are JSON objects with ids is seen, and nothing else is kept of them: there are no types of columns.
    """
    import aiohttp
    import msgspec
    from zlib_ng import zlib_ng

    from halo_async.transport.malloc import keep_freed_memory

    keep_freed_memory()
    parts = msgspec.defstruct("Parts", [("tickets", list[msgspec.Raw])])
    decode = msgspec.json.Decoder(parts).decode
    numbered = msgspec.json.Decoder(msgspec.defstruct("Numbered", [("id", int)])).decode

    async def main() -> None:
        got, number = 0, 1
        async with aiohttp.ClientSession(auto_decompress=False, read_bufsize=BUFFER) as session:
            with (out / "tickets.jsonl").open("wb") as file:
                while got < rows:
                    params = {**_QUERY, "page_no": str(number)}
                    async with session.get(f"{url}/api/Tickets", params=params) as response:
                        body = await response.read()
                    if "Content-Encoding" in response.headers:
                        body = zlib_ng.decompressobj(31).decompress(body)
                    page = decode(body).tickets  # type: ignore[attr-defined]
                    for row in page:
                        numbered(row)
                    file.write(b"\n".join(page) + b"\n")
                    got, number = got + len(page), number + 1

    out.mkdir(parents=True)
    asyncio.run(main())


def _halo(format: str, concurrency: int) -> Callable[[str, int, Path], None]:
    def export(url: str, rows: int, out: Path) -> None:
        from halo_async import ClientCredentials, Halo

        async def main() -> None:
            async with Halo(url, ClientCredentials("id", "secret"), rate_limit=None) as client:
                report = await client.export(
                    ["tickets"], out, format=format, concurrency=concurrency, resume=True
                )
            if not report.complete or report.resources[0].rows != rows:
                raise LookupError(f"the export has {report.resources[0].rows} of {rows} rows")

        asyncio.run(main())

    return export


def _dlt(url: str, rows: int, out: Path) -> None:
    """Run dlt's REST source as in its documentation: pages until one is empty."""
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    os.environ["DESTINATION__FILESYSTEM__BUCKET_URL"] = out.as_uri()
    import dlt
    from dlt.sources.rest_api import rest_api_source

    paginator: Any = {
        "type": "page_number",
        "base_page": 1,
        "page_param": "page_no",
        "total_path": None,
        "stop_after_empty_page": True,
    }
    endpoint: Any = {"path": "Tickets", "params": _QUERY, "data_selector": "tickets"}
    tickets: Any = {"name": "tickets", "max_table_nesting": 0, "endpoint": endpoint}
    source = rest_api_source(
        {"client": {"base_url": f"{url}/api/", "paginator": paginator}, "resources": [tickets]}
    )
    places: Any = {"dataset_name": "out", "pipelines_dir": str(out / "p")}
    dlt.pipeline("bench", destination="filesystem", **places).run(source, loader_file_format="jsonl")


TOOLS: dict[str, Callable[[str, int, Path], None]] = {
    "halo_async, JSONL": _halo("jsonl", 1),
    "halo_async, JSONL, 8 at once": _halo("jsonl", 8),
    "halo_async, Parquet": _halo("parquet", 1),
    "halo_async, DuckDB": _halo("duckdb", 1),
    "bare script, JSONL": _bare,
    LEAST: _least,
    "dlt, JSONL": _dlt,
}
