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
    """The ids of the rows that were made dormant by a write, and that the call does not ask for.

    Seeded rows are all listed, whatever they hold.
    """
    declared = call.operation.query_names().keys() & SWITCHES.keys()
    fields = {field for name in declared if not call.flag(name) for field in SWITCHES[name]}
    if not fields:
        return frozenset()
    return frozenset(
        id
        for id, written in table.written.items()
        if id in table.ids
        and any(written.get(field) is True and not table.seeded_with(id, field) for field in fields)
    )
