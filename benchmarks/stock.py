"""Output of openapi-python-client, the stock generator, for the same document."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.core.bench import Bench
from benchmarks.core.children import ROOT, NotMeasured, environment

DOCUMENT = ROOT / "spec" / "halo.openapi.json"
_SCHEMAS = "#/components/schemas/"


def command(document: Path, out: Path) -> list[str]:
    """Return the stock generator's own command, as its users run it."""
    tool = "from openapi_python_client.cli import app; app()"
    options = ["generate", "--path", str(document), "--output-path", str(out), "--meta", "none"]
    return [sys.executable, "-c", tool, *options]


def tickets_client(bench: Bench) -> Path:
    """Return the folder of a package `stock` for tickets alone: quick to build, with the same classes.

    :raises NotMeasured: the package cannot be built.
    """
    folder: Path | NotMeasured = bench.made("stock", lambda: _tried(bench.folder / "stock-tickets"))
    if isinstance(folder, NotMeasured):
        raise folder
    return folder


def _tried(folder: Path) -> Path | NotMeasured:
    document = tickets_only(json.loads(DOCUMENT.read_text("utf-8")))
    folder.mkdir(parents=True)
    (folder / "document.json").write_text(json.dumps(document), "utf-8")
    return generated(folder / "document.json", folder / "stock")


def generated(document: Path, out: Path) -> Path | NotMeasured:
    """Generate, and return the folder to import `out` from, or the reason why there is none."""
    run = command(document, out)
    done = subprocess.run(run, capture_output=True, text=True, env=environment(), check=False)
    if done.returncode or not (out / "client.py").exists():
        lines = (done.stderr or done.stdout).strip().splitlines() or ["the stock generator made nothing"]
        return NotMeasured(f"not measured: {lines[-1][:200]}")
    return out.parent


def tickets_only(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document of the list of tickets and of one whole ticket, with the schemas that they need."""
    listed = _operation(document, "/Tickets")
    listed["parameters"] = [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("pageinate", "page_no", "page_size")
    ]
    whole = _operation(document, "/Tickets/{id}")
    whole["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]
    return {
        "openapi": document["openapi"],
        "info": {"title": "stock", "version": "1"},
        "paths": {"/Tickets": {"get": listed}, "/Tickets/{id}": {"get": whole}},
        "components": {"schemas": needed([listed, whole], document["components"]["schemas"])},
    }


def _operation(document: dict[str, Any], path: str) -> dict[str, Any]:
    operation = dict(document["paths"][path]["get"])
    operation["responses"] = {"200": operation["responses"]["200"]}
    return operation


def needed(value: Any, known: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that a part of a document refers to, directly or indirectly."""
    found: dict[str, Any] = {}
    _collect(value, known, found)
    return found


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
