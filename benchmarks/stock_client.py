"""The client that openapi-python-client makes of the same list, generated into a temporary folder."""

from __future__ import annotations

import importlib
import importlib.util
import json
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DOCUMENT = Path(__file__).resolve().parent.parent / "spec" / "halo.openapi.json"
_SCHEMAS = "#/components/schemas/"

Walk = Callable[[str, int], Awaitable[int]]


@contextmanager
def stock_client(rows: int) -> Iterator[Walk | None]:
    """A walk with the stock client, `rows` a page; None where its generator is not installed."""
    if importlib.util.find_spec("openapi_python_client") is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        _generate(Path(folder))
        sys.path.insert(0, folder)
        try:
            yield _walk(rows)
        finally:
            sys.path.remove(folder)


def _walk(rows: int) -> Walk:
    client: Any = importlib.import_module("stock.client").AuthenticatedClient
    tickets: Any = importlib.import_module("stock.api.faults.tickets_list")

    async def stock(url: str, pages: int) -> int:
        delivered = 0
        async with client(base_url=f"{url}/api", token="x") as session:
            for page in range(1, pages + 1):
                answer = await tickets.asyncio(
                    client=session, pageinate="true", page_no=str(page), page_size=str(rows)
                )
                for _ in answer.tickets:
                    delivered += 1
        return delivered

    return stock


def _generate(folder: Path) -> None:
    (folder / "document.json").write_text(json.dumps(_one_list(json.loads(DOCUMENT.read_text()))))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none"]
    places = ["--path", str(folder / "document.json"), "--output-path", str(folder / "stock")]
    subprocess.run([*command, *places], check=True, capture_output=True)


def _one_list(document: dict[str, Any]) -> dict[str, Any]:
    """A document of the list of tickets alone, with the schemas that it needs."""
    operation = dict(document["paths"]["/Tickets"]["get"])
    operation["responses"] = {"200": operation["responses"]["200"]}
    operation["parameters"] = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("pageinate", "page_no", "page_size")
    ]
    schemas: dict[str, Any] = {}
    _collect(operation["responses"], document["components"]["schemas"], schemas)
    return {
        "openapi": document["openapi"],
        "info": {"title": "stock", "version": "1"},
        "paths": {"/Tickets": {"get": operation}},
        "components": {"schemas": schemas},
    }


def _collect(value: Any, known: dict[str, Any], found: dict[str, Any]) -> None:
    if isinstance(value, list):
        for item in value:
            _collect(item, known, found)
    elif isinstance(value, dict):
        name = str(value.get("$ref", "")).removeprefix(_SCHEMAS)
        if name in known and name not in found:
            found[name] = known[name]
            _collect(found[name], known, found)
        for item in value.values():
            _collect(item, known, found)
