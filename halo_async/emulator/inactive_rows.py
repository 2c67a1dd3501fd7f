"""Rows that a list leaves out unless a switch of its own brings them: inactive, disabled and API-only ones."""

from __future__ import annotations

from collections.abc import Mapping

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.table import Table

_DISABLED = ("isdisabled", "disabled", "inactive")
SWITCHES: Mapping[str, tuple[str, ...]] = {
    "includeinactive": ("inactive",),
    "showinactive": ("inactive",),
    "includedisabled": _DISABLED,
    "showdisabled": _DISABLED,
    "includeapiagents": ("isapiagent",),
}
"""The fields that make a row dormant, by the parameter that brings it all the same."""


def left_out(table: Table, call: EmulatorCall) -> frozenset[int]:
    """Return the ids of the rows that are dormant, seeded so or by a write, and that the call does not ask for.

    A seeded row that its source does not name dormant is listed, whatever it holds.
    """
    if call.behaviour.inactive == "shown":
        return frozenset()
    declared = call.operation.query_names().keys() & SWITCHES.keys()
    fields = {field for name in declared if not call.flag(name) for field in SWITCHES[name]}
    if not fields:
        return frozenset()
    seeded = {id for id, field in table.dormant.items() if field in fields and _is_still(table, id, field)}
    written = {
        id
        for id, written in table.written.items()
        if any(written.get(field) is True and not table.seeded_with(id, field) for field in fields)
    }
    return frozenset(id for id in seeded | written if id in table.ids)


def _is_still(table: Table, id: int, field: str) -> bool:
    return table.written.get(id, {}).get(field, True) is True
