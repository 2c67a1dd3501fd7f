"""Snapshots of writes, created and restored without touching an unwritten row."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import attrs

from halo_async.emulator.state import EmulatorState

_TABLE = ("ids", "written", "trash", "touched")


@attrs.frozen
class Snapshot:
    """Writes at one point in time."""

    tables: dict[str, dict[str, Any]] = attrs.field(repr=False)
    actions: Any = attrs.field(repr=False)


def take(world: EmulatorState) -> Snapshot:
    """Copy everything that differs from the seed."""
    tables = {
        path: deepcopy({name: getattr(table, name) for name in _TABLE})
        for path, table in world.tables().items()
    }
    return Snapshot(tables, deepcopy(world.actions.state()))


def put_back(world: EmulatorState, snapshot: Snapshot) -> None:
    """Restore the world; collections first read after the snapshot return to their seed."""
    world.forget(set(world.tables()) - snapshot.tables.keys())
    for path, state in snapshot.tables.items():
        table = world.table(path)
        for name, value in deepcopy(state).items():
            setattr(table, name, value)
        table.version += 1
    world.actions.restate(deepcopy(snapshot.actions))
