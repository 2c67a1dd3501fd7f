"""POST: arrays of rows to create or update, single objects, and requests without a body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async.emulator.binding import posted
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.custom_values import joined
from halo_async.emulator.data.source import Row
from halo_async.emulator.errors import Refused, system_exception
from halo_async.emulator.lists import without_nulls
from halo_async.emulator.reply import Reply, empty, json_reply
from halo_async.emulator.schema import body_schema, response_schema
from halo_async.emulator.state import TICKET_LIKE, EmulatorState
from halo_async.emulator.table import Table
from halo_async.emulator.ticket_rules import settled


def upsert(world: EmulatorState, call: EmulatorCall) -> Reply:
    """Create the elements without an id, update the others; one element returns an object (measured).

    Elements are written in order: those before a refused one stay written (guess).
    """
    schema = body_schema(call.operation.raw) or {"type": "array", "items": {}}
    body = posted(world.schemas, call, schema)
    table = world.table(call.operation.collection)
    rows = [write(world, table, element if isinstance(element, dict) else {}) for element in body]
    return reply_with_rows(world, rows)


def reply_with_rows(world: EmulatorState, rows: list[Mapping[str, Any]]) -> Reply:
    """Return an object for one element, an array for any other number."""
    sent = [without_nulls(row) for row in rows]
    return json_reply(sent[0] if len(sent) == 1 else sent, world.created)


def has_id(element: Mapping[str, Any]) -> bool:
    """Return whether an element refers to an existing row: an id of null, 0 or less creates."""
    id = element.get("id")
    return id not in (None, 0, "0", "") and not (isinstance(id, int | float) and id < 0)


# Fields in which collections store the time of the last change, for the changed-since filters.
_UPDATED = {
    "/Client": "alastupdate",
    "/Site": "slastupdate",
    "/Users": "ulastupdate",
    "/Asset": "dlastupdate",
}


def write(world: EmulatorState, table: Table, element: Row) -> Mapping[str, Any]:
    """Create or update one row, and return the whole of it.

    :raises Refused: 400 if its id names no row.
    """
    fields = {name: value for name, value in element.items() if not name.startswith("_")}
    tickets = table.path in TICKET_LIKE
    if table.path in _UPDATED:
        fields[_UPDATED[table.path]] = world.now()
    if not has_id(element):
        fields.pop("id", None)
        fields = joined(table.path, {}, fields)
        id = table.insert(settled(world, fields, new=True) if tickets else fields)
        return table.full(id)
    id = _existing(table, element)
    fields = joined(table.path, table.full(id), fields)
    table.change(id, settled(world, fields, new=False) if tickets else fields)
    return table.full(id)


def _existing(table: Table, element: Mapping[str, Any]) -> int:
    found = table.find(element["id"], element.get(table.parent.field) if table.parent else None)
    if found is not None:
        return found
    if element.get("_recover") and element["id"] in table.trash:
        table.restore(element["id"])
        return int(element["id"])
    raise Refused(system_exception(f"No {table.path.strip('/')} with id {element['id']} exists."))


def send(world: EmulatorState, call: EmulatorCall) -> Reply:
    """Handle a POST outside collections: echo its body, or return nothing if it takes none (guess)."""
    schema = body_schema(call.operation.raw)
    if "multipart/form-data" in call.operation.raw.get("requestBody", {}).get("content", {}):
        return json_reply({"success": True}, world.created)
    if schema is None:
        return empty(200)
    body = posted(world.schemas, call, schema)
    wanted = response_schema(call.operation.raw)
    if (
        wanted is not None
        and isinstance(body, list)
        and world.schemas.resolve(wanted).get("type") == "object"
    ):
        body = body[0] if body else {}
    return json_reply(body, world.created)
