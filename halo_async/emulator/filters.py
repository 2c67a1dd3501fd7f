"""Row selection by the query of a list call.

Parameters without a meaning here are ignored, as an instance ignores unknown ones: a misspelt filter
returns everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.conditions import FilterCondition, on
from halo_async.emulator.named_filters import NAMED

# Never filters: they control paging, order and the width of rows.
CONTROLS = frozenset(
    [
        "pageinate",
        "page_no",
        "page_size",
        "count",
        "idonly",
        "ticketidonly",
        "deleted",
        "columns_id",
        "includecolumns",
    ]
    + [f"{word}{number}" for word in ("order", "orderdesc") for number in ("", 2, 3, 4, 5)]
)
# Query names of fields with another name.
ALIASES = {
    "requesttype_id": "tickettype_id",
    "requesttype": "tickettype_id",
    "tickettype": "tickettype_id",
    "status": "status_id",
    "priority": "priority_id",
    "sla": "sla_id",
    "agent": "agent_id",
    "client_ids": "client_id",
    "ticketids": "id",
    "assettype": "assettype_id",
    "typeid": "usage",
    "assettypes": "assettype_id",
    "assetstatuses": "status_id",
    "team_name": "team",
    "username": "user_name",
    "search_user_name": "user_name",
    "site": "site_id",
}


def conditions(call: EmulatorCall, known: frozenset[str]) -> dict[tuple[str, str], FilterCondition]:
    """Return the conditions of a call by name and value.

    :param known: the names that rows of this collection can have.
    """
    declared = call.operation.query_names()
    found: dict[tuple[str, str], FilterCondition] = {}
    several = call.behaviour.several_ids
    for name in call.given():
        if name in CONTROLS:
            call.used.add(name)
        elif name in declared:
            is_list = declared[name].get("schema", {}).get("type") == "array"
            repeated = is_list or several == "both"
            value = call.texts(name) if repeated else call.text(name)  # of a repeated name the first counts
            condition = _condition(name, value, call, known)
            if several == "repeats" and not is_list and condition is not None:
                value = "\n".join(call.every(name))
                condition = _repeated(name, call, known) or condition
            if condition is None:
                call.used.discard(name)
            else:
                found[name, value] = condition
    return found


def _condition(name: str, value: str, call: EmulatorCall, known: frozenset[str]) -> FilterCondition | None:
    if value == "":
        return None
    if name in NAMED:
        return NAMED[name](value, call)
    if name.startswith("search_"):
        return _contains(ALIASES.get(name, name.removeprefix("search_")), value)
    field = ALIASES.get(name, name)
    if field not in known or (field.endswith("_id") and value in {"0", "-1"}):
        return None
    return _one_of(field, value.split(","))


def _repeated(name: str, call: EmulatorCall, known: frozenset[str]) -> FilterCondition | None:
    """Return the condition of a filter whose values are repeated: a comma is part of a value."""
    field = ALIASES.get(name, name)
    if name in NAMED or name.startswith("search_") or field not in known:
        return None
    return _one_of(field, call.every(name))


def _one_of(field: str, values: Iterable[str]) -> FilterCondition:
    wanted = {part.strip().lower() for part in values}
    numbers = {float(part) for part in wanted if _numeric(part)}

    def test(row: Mapping[str, Any]) -> bool:
        held = row.get(field)
        if isinstance(held, bool):
            return str(held).lower() in wanted
        if isinstance(held, int | float):
            return held in numbers
        return held is not None and str(held).lower() in wanted

    return on(field, test)


def _numeric(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()


def _contains(field: str, value: str) -> FilterCondition:
    wanted = value.lower()
    return on(field, lambda row: wanted in str(row.get(field) or "").lower())
