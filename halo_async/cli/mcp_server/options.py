"""Options of a server: what it may do, and how much it may say at once."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import attrs

from halo_async._operations.resource import aliases, operations, own_name
from halo_async._utils.names import did_you_mean
from halo_async.errors import SettingsError

BUDGET = 8000
"""Tokens of one result, by default."""
LEAST_BUDGET = 500


@attrs.frozen
class ServerOptions:
    """Permissions and limits that the person who starts a server gives it."""

    allow_writes: bool = False
    resources: frozenset[str] | None = None
    """Names of the only resources that there are, such as `tickets`; None for all."""
    budget: int = BUDGET
    """Maximum number of tokens in one result."""
    export_folder: Path | None = None
    """Folder for `export_rows`, with nothing relative in it; None if nothing may be written."""

    def includes(self, resource: str) -> bool:
        """Return whether a resource may be used; `integration_data` includes `integration_data.ninja_rmm`."""
        chosen = self.resources
        return chosen is None or resource in chosen or resource.partition(".")[0] in chosen


def server_options(
    *,
    allow_writes: bool = False,
    resources: Iterable[str] = (),
    budget: int = BUDGET,
    export_folder: Path | None = None,
) -> ServerOptions:
    """Return options, checked.

    :raises SettingsError: a resource is unknown, the budget is too small, or the folder is not one.
    """
    chosen = frozenset(map(_resource, resources))
    if budget < LEAST_BUDGET:
        raise SettingsError(f"A result of {budget} tokens holds too little. Allow {LEAST_BUDGET} or more.")
    if export_folder is not None and not export_folder.is_dir():
        raise SettingsError(f"{export_folder} is not a folder. Create it, or name another one.")
    return ServerOptions(
        allow_writes, chosen or None, budget, None if export_folder is None else export_folder.resolve()
    )


def _resource(name: str) -> str:
    own = own_name(name.strip())
    names = {operation.resource for operation in operations()}
    known = names | {found.partition(".")[0] for found in names}
    if own not in known:
        near = did_you_mean(own, known, aliases())
        raise SettingsError(
            f"There is no resource {name!r}{near or '. Find it with `halo-async operations TEXT`.'}"
        )
    return own
