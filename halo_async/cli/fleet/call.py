"""`halo-async fleet call`: one operation on all instances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from halo_async.cli.call import call as call_one
from halo_async.cli.errors import UsageError, remark
from halo_async.cli.fleet.options import like_the_one, over_fleet

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async.cli.fleet.running import FleetRun, InstanceResult
    from halo_async.cli.response_output import CallOutput
    from halo_async.client import Halo


@over_fleet
@like_the_one(call_one, leaving={"as_json"})
def call(
    fleet: FleetRun, operation: str, arguments: list[str] | None, body: str | None, **options: Any
) -> int:
    """Call one operation on each instance, and show the responses as one table.

    The rows have the column `instance`. --json has an object per instance, with its rows as value; other
    forms of --output have the rows of all. A write is sent to each instance: see it first with --dry-run.

    Example:
      halo-async fleet call tickets.list open_only=true --select id,summary --output jsonl
    """
    import attrs

    from halo_async.cli.arguments import body_of, lookup, named_values
    from halo_async.cli.call_options import call_output, told_if_unknown
    from halo_async.cli.prepared_output import said_of
    from halo_async.cli.response_output import ROWS
    from halo_async.cli.selection import WHOLE
    from halo_async.cli.signals import run_awake
    from halo_async.transport.prepared_request import PreparedRequest

    declared = lookup(operation)
    given = named_values(declared, arguments or []) | body_of(declared, body)
    if declared.result == "bytes":
        raise UsageError(_a_file(declared))
    wanted = call_output(declared, as_json=fleet.as_json, **options)
    if wanted.limit is None and wanted.form == "table":
        wanted = attrs.evolve(wanted, limit=ROWS)
    prepared: list[str] = []

    async def ask(name: str, halo: Halo) -> list[Any]:
        found = await _call_one(halo.with_options(strict=options["strict"]), declared, given, wanted)
        if isinstance(found, PreparedRequest):
            prepared.append(name)
        return _to_rows(found, declared, wanted)

    with told_if_unknown(declared, wanted):
        results = run_awake(fleet.run(ask))
    if not prepared:
        return _show_results(results, wanted)
    remark(said_of(select=bool(wanted.selection.paths), limit=options["limit"] is not None))
    return _show_results(results, attrs.evolve(wanted, selection=WHOLE))


def _a_file(operation: Operation) -> str:
    return f"{operation.name} returns a file. Call it for one instance, with `halo-async call`."


async def _call_one(halo: Halo, operation: Operation, given: Mapping[str, Any], wanted: CallOutput) -> Any:
    """Return the response, or the request of a dry run."""
    from halo_async.pagination.pages import Pages

    with halo.dry_run() if wanted.dry_run else nullcontext():
        found = attrgetter(operation.name)(halo)(**given)
        if isinstance(found, Pages):
            return await (found if wanted.limit is None else found.limit(wanted.limit)).all()
        return await found


def _to_rows(value: Any, operation: Operation, wanted: CallOutput) -> list[Any]:
    """Return a response as rows of plain JSON."""
    from halo_async.cli.prepared_output import prepared_facts
    from halo_async.transport.prepared_request import PreparedRequest

    if isinstance(value, bytes):  # though nothing had said so
        raise UsageError(_a_file(operation))
    if isinstance(value, PreparedRequest):
        return [prepared_facts(value)]
    rows = wanted.rows_of(value)
    wanted.selection.check(rows)
    return [wanted.selection.pick(row) for row in rows]


def _show_results(results: Sequence[InstanceResult], wanted: CallOutput) -> int:
    from halo_async.cli.fleet.output import print_json, report
    from halo_async.cli.response_output import TableRows, show_rows
    from halo_async.cli.row_writers import writer_of
    from halo_async.cli.selection import Selection

    if wanted.form == "json":
        return print_json(results)
    rows = [_add_instance(result.name, row) for result in results for row in result.value or ()]
    if wanted.form == "table":
        names = ("instance", *wanted.selection.names) if wanted.selection.paths else ()
        show_rows(TableRows(rows, Selection.of_names(names)))
        return report(results)
    writer = writer_of(wanted.form, ("instance", *wanted.selection.names) if wanted.selection.paths else ())
    writer.rows(rows)
    writer.end()
    return report(results)


def _add_instance(name: str, row: Any) -> dict[str, Any]:
    """Return a row with the name of its instance first; a field of that name goes by `instance_`."""
    if not isinstance(row, Mapping):
        return {"instance": name, "value": row}
    return {
        "instance": name,
        **{("instance_" if key == "instance" else key): value for key, value in row.items()},
    }
