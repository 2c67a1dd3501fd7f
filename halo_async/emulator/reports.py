"""Reports: rows of tickets, truncated as Halo does, and errors inside a 200."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from halo_async.emulator.binding import posted
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.lists import ListLimits, without_nulls
from halo_async.emulator.reply import Reply, empty, json_reply
from halo_async.emulator.schema import body_schema
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.writes import upsert

REPORT_ROWS = 50_000
Row = Mapping[str, Any]
_COLUMNS: dict[str, tuple[str, str, Callable[[Row], Any]]] = {
    name.lower(): (name, kind, make)
    for name, kind, make in (
        ("Faultid", "int", lambda core: core["id"]),
        ("Symptom", "nvarchar", lambda core: core.get("summary", "")),
        ("dateoccured", "datetime", lambda core: core.get("dateoccurred")),
        ("Status", "int", lambda core: core.get("status_id")),
        ("hours", "float", lambda core: core["id"] % 8 / 4),
        ("isread", "bit", lambda core: core["id"] % 2 == 0),
    )
}
"""Column of a ticket that a query can select: its name in the database, its type, its value."""
_USUAL = ("faultid", "symptom")
_SELECT = re.compile(
    r"\s*select\s+(?:top\s+\(?(?P<top>\d+)\)?\s+)?(?P<names>[\w\s,.\[\]]+?)\s+from\s+faults\b", re.IGNORECASE
)


def report(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Return a report; ``loadreport=true``: with rows, cut at 50,000, or a 200 ``load_error`` (measured).

    Its columns have the database types (that they are named so is a guess).
    """
    table = world.table("/Report")
    id = table.find(call.path_value())
    if id is None:
        return empty(404)
    body = dict(without_nulls(table.full(id)))
    if call.flag("loadreport"):
        names = _parse_columns(body.get("sql"))
        body["report"] = _loaded(world, body.get("sql"))
        body["columns"] = [
            _describe_column(id, at, name) for at, name in enumerate(names, 1) if name in _COLUMNS
        ]
    return json_reply(body)


def post_report(world: EmulatorState, limits: ListLimits, call: EmulatorCall) -> Reply:
    """Return the rows of ad-hoc SQL (``_loadreportonly``) and store nothing; anything else is a write."""
    body = posted(world.schemas, call, body_schema(call.operation.raw) or {})
    first = body[0] if isinstance(body, list) and body and isinstance(body[0], dict) else {}
    if first.get("_loadreportonly") is True:
        return json_reply({"id": 0, "name": "", "report": _loaded(world, first.get("sql"))}, world.created)
    return upsert(world, call)


def _loaded(world: EmulatorState, sql: object) -> dict[str, Any]:
    names = _parse_columns(sql)
    if not re.match(r"[\s;]*(select|with)\b", str(sql or "select"), re.IGNORECASE):
        return _refuse_query("Incorrect syntax near the start of the query.")
    wrong = next((name for name in names if name not in _COLUMNS), None)
    if wrong is not None:
        return _refuse_query(f"Invalid column name '{wrong}'.")
    tickets = world.table("/Tickets")
    wanted = min(len(tickets), REPORT_ROWS, _top(sql))
    cores = (tickets.core(tickets.ids.at(rank)) for rank in range(wanted))
    return {"loaded": True, "rows": [_make_row(core, names) for core in cores]}


def _refuse_query(text: str) -> dict[str, Any]:
    return {"loaded": False, "load_error": text, "rows": []}


def _make_row(core: Row, names: Sequence[str]) -> dict[str, Any]:
    chosen = [_COLUMNS[name] for name in names]
    return {name: make(core) for name, _, make in chosen}


def _parse_columns(sql: object) -> Sequence[str]:
    """Return the columns of a plain query of tickets; of any other the usual two."""
    found = _SELECT.match(str(sql or ""))
    if found is None:
        return _USUAL
    names = [name.strip().strip("[]").lower() for name in found["names"].split(",")]
    return names if all(re.fullmatch(r"\w+", name) for name in names) else _USUAL


def _top(sql: object) -> int:
    found = _SELECT.match(str(sql or ""))
    return int(found["top"]) if found and found["top"] else REPORT_ROWS


def _describe_column(report_id: int, number: int, name: str) -> dict[str, Any]:
    shown, kind, _ = _COLUMNS[name]
    return {
        "id": number,
        "report_id": report_id,
        "name": shown,
        "sys_name": shown,
        "data_type": kind,
        "sequence": number,
    }
