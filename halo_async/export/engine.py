"""The export of several resources at once: one task each, one limiter for all."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from halo_async.client import Halo
from halo_async.errors import SettingsError
from halo_async.export.job import Job
from halo_async.export.names import resolve
from halo_async.export.progress import OnProgress
from halo_async.export.report import Report


async def export(
    halo: Halo,
    resources: Iterable[str],
    out: str | os.PathLike[str],
    *,
    on_progress: OnProgress | None = None,
) -> Report:
    """Write one JSON Lines file a resource into the folder `out`, and `report.json` beside them.

    A resource that fails or stays incomplete leaves a `.part` file, and the others go on; the report
    says which. On cancellation the report is written, too.

    :param resources: such as `tickets`, `ClientContract` or `client_contract`.
    :param out: a folder that is new or empty.
    :raises SettingsError: an unknown resource, or a folder that cannot be used.
    :raises AuthenticationError: the login was refused; nothing was written.
    :raises OSError: the report cannot be written.
    """
    operations = resolve(resources)
    folder = check_folder(Path(out))
    await halo._transport.token()
    _make(folder)
    jobs = [Job(operation, halo, folder, on_progress) for operation in operations]
    started, began = datetime.now(UTC), time.monotonic()
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job.run())
    finally:
        report = _report(halo, started, time.monotonic() - began, jobs)
        report.write(folder)
    return report


def check_folder(folder: Path) -> Path:
    """A folder that nothing can be overwritten in.

    :raises SettingsError: it is a file, is not empty, or cannot be looked into.
    """
    try:
        if folder.exists() and not folder.is_dir():
            raise SettingsError(f"{folder} is a file: name a folder for the export")
        if folder.is_dir() and any(folder.iterdir()):
            raise SettingsError(f"{folder} is not empty: name a new or an empty folder for the export")
    except OSError as error:
        raise SettingsError(f"{folder} cannot be looked into: {_reason(error)}") from error
    return folder


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "no permission to write")
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written into: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _report(halo: Halo, started: datetime, seconds: float, jobs: Sequence[Job]) -> Report:
    return Report(
        instance=halo._instance.origin,
        started=started.isoformat(timespec="seconds"),
        seconds=round(seconds, 3),
        resources=tuple(job.report() for job in jobs),
    )
