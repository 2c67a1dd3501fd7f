"""A child's last export: its file, and the parents that changed since."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import attrs

from halo_async._utils.threads import fold_in_thread, run_in_thread
from halo_async.export.changed_parents import (
    ChangedParents,
    changed_file,
    kept_of,
    read_changed,
    write_changed,
)
from halo_async.export.children import Child
from halo_async.export.context import ExportContext
from halo_async.export.sinks import Id


@attrs.frozen
class ChildFile:
    """See `LastRun`."""

    name: str
    child: Child
    setting: ExportContext
    listed: Callable[[], Awaitable[list[Id]]]
    """Requests the ids of the parents that changed."""

    @property
    def path(self) -> Path:
        """Path of the file with the changed parents."""
        return changed_file(self.setting.folder, self.name)

    def parents(self) -> ChangedParents:
        """See `LastRun.parents`."""
        return read_changed(self.path)

    async def kept(self, parents: ChangedParents) -> int | None:
        """See `LastRun.kept`."""
        setting, key = self.setting, self.child.key
        assert key is not None
        rows = await setting.rows_of_file(self.name)
        count = kept_of(parents.replaced, rows)
        return await fold_in_thread(count, lambda: setting.sink.ids(setting.folder, self.name, key))

    async def ask_again(self) -> None:
        """See `LastRun.ask_again`."""
        known, more = await run_in_thread(self.parents), await self.listed()
        await run_in_thread(write_changed, self.path, [*known.ids, *more], known.deleted)
