"""One list straight into a stream: a pipe. Nothing is kept, so nothing can be resumed."""

from __future__ import annotations

import time
import zlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from halo_async.client import Client
from halo_async.errors import SettingsError
from halo_async.export.job import Job, Setting
from halo_async.export.ledger import Syncer
from halo_async.export.names import resolve
from halo_async.export.options import Options
from halo_async.export.progress import OnProgress
from halo_async.export.replay import Past
from halo_async.export.report import Report
from halo_async.export.since import moments
from halo_async.export.sinks import Material, Outcome
from halo_async.export.spool import Spool, codec


class _Stream(Spool):
    """Lines that go on at once."""

    def __init__(self, file: BinaryIO) -> None:
        self.path, self.codec, self.offset = Path(), codec(""), 0
        self._fd = -1
        self._file = file

    def append(self, rows: Sequence[bytes]) -> int:
        if not rows:
            return 0
        data = b"\n".join(rows) + b"\n"
        self._file.write(data)
        self._file.flush()
        self.offset += len(data)
        return zlib.crc32(data)

    def clear(self) -> None:
        if self.offset:
            raise SettingsError(
                "the list cannot be read as it was begun, and what was written cannot be taken back: "
                "export it into a folder"
            )


class _Nothing:
    """There is no file to be made."""

    def finish(self, material: Material) -> Outcome:
        return Outcome("")


async def stream(
    halo: Client, resource: str, options: Options, file: BinaryIO, on_progress: OnProgress | None = None
) -> Report:
    """Write the lines of one list to `file` as they come.

    :raises SettingsError: the resource is none, or is asked for by parent.
    :raises AuthenticationError: the login was refused.
    :raises BrokenPipeError: nobody reads any more.
    """
    operations = resolve([resource])
    if len(operations) != 1:
        raise SettingsError(f"{resource} needs its parents' ids: export it into a folder")
    await halo._transport.token()
    started, began = datetime.now(UTC), time.monotonic()
    setting = Setting(
        halo=halo,
        folder=Path(),
        options=options,
        sink=_Nothing(),
        syncer=Syncer(None, 0),
        on_progress=on_progress,
        limited=halo.statistics().remaining is not None,
        stamps=moments(operations, options, None),
        make_spool=lambda path, offset: _Stream(file),
    )
    job = Job(operations[0], setting, Past())
    await job.run()
    if isinstance(job.error, BrokenPipeError):
        raise job.error
    seconds = round(time.monotonic() - began, 3)
    return Report(halo._instance.origin, started.isoformat(timespec="seconds"), seconds, (job.report(),))
