"""Makes the index that shells complete from: commands with their options, operations with their parameters, lists.

Run `python -m tests.support.completion_index` to write `halo_async/cli/completion_index.json` again after a change.
"""

from __future__ import annotations

import json
from typing import Any

import typer.main

from halo_async._operations.common_mistakes import lists_with_changes
from halo_async._operations.resource import operations
from halo_async.cli.app import app
from halo_async.cli.completion import INDEX
from halo_async.cli.completion_scripts import SCRIPTS
from halo_async.cli.export_request import PROGRESS
from halo_async.cli.row_writers import FORMS
from halo_async.export.names import all_resources

FILES = ("FILE", "DIR")
OPTIONS = {
    "--profile": "profile",
    "--only": "instance",
    "--resources": "resources",
    "--group": "group",
    "--output": f"={'|'.join(FORMS)}",
    "-o": f"={'|'.join(FORMS)}",
    "--progress": f"={'|'.join(PROGRESS)}",
    "--log": "=json",
}
EXPORTED = "=jsonl|jsonl.gz|jsonl.zst|csv|parquet|duckdb|sqlite"
ARGUMENTS = {
    "call": ["operation", "parameter"],
    "export": ["resource"],
    "operations": ["resource"],
    "watch": [f"={'|'.join(lists_with_changes())}", "parameter"],
    "show": ["profile"],
    "remove": ["profile"],
    "default": ["profile"],
    "completion": [f"={'|'.join(SCRIPTS)}"],
}


def index() -> dict[str, Any]:
    """Return the content of the index."""
    root: Any = typer.main.get_command(app)
    found = sorted(operations(), key=lambda operation: operation.name)
    return {
        "root": _command("", root),
        "operations": {
            operation.name: [f"{operation.method} {operation.path}", _names(operation)] for operation in found
        },
        "lists": sorted(all_resources()),
    }


def _names(operation: Any) -> list[str]:
    return [
        f"{item.python_name}:{item.type.removesuffix(' | None')}"
        for item in operation.parameters
        if item.location != "body"
    ]


def _command(name: str, command: Any) -> dict[str, Any]:
    options = [
        item
        for item in command.params
        if item.param_type_name == "option" and not getattr(item, "hidden", False)
    ]
    found: dict[str, Any] = {"help": (command.get_short_help_str(100) or "").strip()}
    if names := {
        opt: _option(name, opt, item) for item in options for opt in (*item.opts, "--help")[: len(item.opts)]
    }:
        found["options"] = {**names, "--help": {"kind": "flag", "help": "Show the help."}}
    if commands := getattr(command, "commands", {}):
        found["commands"] = {inner: _command(inner, commands[inner]) for inner in commands}
    if any(item.param_type_name == "argument" for item in command.params):
        found["arguments"] = ARGUMENTS.get(name, ["file"])
    return found


def _option(command: str, name: str, option: Any) -> dict[str, Any]:
    help = (option.help or "").partition(". ")[0].partition(" (")[0].rstrip(".")
    return {"kind": _kind(command, name, option), "help": help, **({"many": True} if option.multiple else {})}


def _kind(command: str, name: str, option: Any) -> str:
    if option.is_flag:
        return "flag"
    if choices := getattr(option.type, "choices", None):
        return f"={'|'.join(str(getattr(one, 'value', one)) for one in choices)}"
    if name == "--format" and command == "export":
        return EXPORTED
    return OPTIONS.get(name) or ("file" if option.metavar in FILES else "text")


def text() -> str:
    """Return the text of the file: a line per operation, so that differences are lines."""
    found = index()
    lines = [f" {json.dumps(name)}: {json.dumps(told)}" for name, told in found["operations"].items()]
    root, lists = json.dumps(found["root"]), json.dumps(found["lists"])
    return '{"root": ' + root + ',\n"lists": ' + lists + ',\n"operations": {\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    INDEX.write_text(text(), "utf-8")
