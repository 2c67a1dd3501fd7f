"""GET of one object, and DELETE, which returns the deleted object (measured)."""

from __future__ import annotations

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.errors import Refused, model_state, not_valid
from halo_async.emulator.lists import without_nulls
from halo_async.emulator.reply import Reply, empty, json_reply
from halo_async.emulator.state import EmulatorState
from halo_async.emulator.table import Table

_INT32 = 2**31


def check_path(call: EmulatorCall) -> None:
    """Reject path values that the model binder cannot read as the declared type.

    :raises Refused: with 400 and ModelState.
    """
    for parameter in call.operation.parameters:
        if parameter["in"] == "path":
            value = call.path_values.get(parameter["name"], "")
            if not _is_readable(value, parameter.get("schema", {})):
                raise Refused(model_state({parameter["name"]: [not_valid(value)]}))


def _is_readable(value: str, schema: object) -> bool:
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind == "integer":
        return whole_number(value)
    if kind == "string" and isinstance(schema, dict) and schema.get("format") == "uuid":
        return len(value.replace("-", "")) == 32 and all(
            letter in "0123456789abcdefABCDEF-" for letter in value
        )
    return True


def whole_number(text: str, bound: int = _INT32) -> bool:
    """Return whether a text is an integer of the server's: of 32 bits, unless told otherwise."""
    digits = text.removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 20 and -bound <= int(text) < bound


def one(world: EmulatorState, call: EmulatorCall) -> tuple[Table, int]:
    """Return the row named by a path.

    :raises Refused: 404 with an empty body if there is none.
    """
    table = world.table(call.operation.collection)
    id = table.find(call.path_value(), call.text(table.parent.field) if table.parent else None)
    if id is None:
        raise Refused(empty(404))
    return table, id


def get(world: EmulatorState, call: EmulatorCall) -> Reply:
    """Return one whole object."""
    table, id = one(world, call)
    return json_reply(without_nulls(table.full(id)))


def delete(world: EmulatorState, call: EmulatorCall) -> Reply:
    """Delete a row and return it in the response; a path that names no row ends in an empty response."""
    if "{" not in call.operation.path:
        return empty(200)
    table, id = one(world, call)
    return json_reply(without_nulls(table.remove(id)))
