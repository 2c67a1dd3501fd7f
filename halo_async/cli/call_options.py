"""Options of `call` that say what is shown of a response: those that would change nothing are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from halo_async._operations.operation import Operation
from halo_async.cli.errors import UsageError, option_names, remark
from halo_async.cli.response_output import CallOutput, selection_of
from halo_async.cli.row_writers import chosen_form


def call_output(operation: Operation, *, as_json: bool, **options: Any) -> CallOutput:
    """Return what is shown of the response to an operation.

    :raises UsageError: an option is wrong, or would change nothing.
    """
    given = {name: options[name] for name in ("output", "select", "fields", "limit", "dry_run")}
    form = chosen_form(given["output"], as_json=as_json)
    if given["select"] is not None and given["fields"] is not None:
        raise UsageError("--fields is the earlier name of --select. Give one of them.")
    paths = given["fields"] if given["select"] is None else given["select"]
    option_names("--select", None if paths is None else [paths])
    named = {
        "--limit": given["limit"] is not None,
        "--select": paths is not None,
        "--output": given["output"] is not None,
        "--json": as_json,
    }
    if operation.result == "bytes":
        for name in (name for name, there in named.items() if there):
            raise UsageError(
                f"{operation.name} returns a file, written to standard output as it is. Leave {name} out."
            )
    return CallOutput(given["limit"], form, selection_of(operation, paths), given["dry_run"])


@contextmanager
def told_if_unknown(operation: Operation, wanted: CallOutput) -> Iterator[None]:
    """Say of a write that is interrupted that it may have happened: nobody waits for its response any more."""
    try:
        yield
    except KeyboardInterrupt:
        if operation.method != "GET" and not wanted.dry_run:
            remark("The write may have happened. Look before you run the command again.")
        raise
