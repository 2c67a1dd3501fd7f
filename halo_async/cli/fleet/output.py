"""Results of many instances side by side, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from halo_async.cli.errors import say
from halo_async.cli.fleet.running import InstanceResult, exit_code
from halo_async.cli.output import OutputTable, messages


def show(
    results: Sequence[InstanceResult],
    columns: Sequence[str],
    cells: Callable[[Any], Sequence[Mapping[str, Any]]],
    *,
    numbers: Sequence[str] = (),
    prose: Sequence[str] = (),
    elsewhere: str = "--json",
) -> int:
    """Print a table with the rows of each instance, say what failed, and return the exit code.

    :param columns: beside `instance`.
    :param cells: the rows of an instance by its value, each by column; none for one that has nothing to show.
    """
    table = OutputTable(("instance", *columns), numbers=numbers, prose=prose, elsewhere=elsewhere)
    for result in results:
        rows = [] if result.value is None else cells(result.value)
        for row in rows or ([{}] if not result.ok else []):
            shown = [row.get(name, "" if row else "-") for name in columns]
            table.add(result.name, *shown, style="" if result.ok else "red")
    table.print()
    return report(results)


def report(results: Sequence[InstanceResult]) -> int:
    """Say which instances failed and how many are done; return the exit code."""
    for result in results:
        if result.error is not None:
            say(f"{result.name}: {result.error}")
    done = sum(result.ok for result in results)
    messages().print(f"{done} of {len(results)} instances done", style="dim")
    return exit_code(results)


def print_json(results: Sequence[InstanceResult], plain: Callable[[Any], Any] = lambda value: value) -> int:
    """Print a list with an object per instance, in the order of the file, and return the exit code.

    :param plain: the value of an instance in plain JSON.
    """
    found = [result.as_json(None if result.value is None else plain(result.value)) for result in results]
    print(json.dumps(found, indent=2, ensure_ascii=False))
    return exit_code(results)
