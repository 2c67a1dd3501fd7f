"""One list directly into a stream: a pipe. Nothing is stored, so nothing can be resumed."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from halo_async._operations.operation import Operation
from halo_async._utils.fast_zlib import fast_zlib
from halo_async.errors import SettingsError
from halo_async.export.context import ExportContext
from halo_async.export.journal_syncer import JournalSyncer
from halo_async.export.names import resource_name
from halo_async.export.options import ExportOptions
from halo_async.export.progress import OnProgress
from halo_async.export.progress_callback import CallbackError, ProgressWatcher
from halo_async.export.protocols import ExportClient
from halo_async.export.replay import PastExport
from halo_async.export.report import Report
from halo_async.export.resource_job import ResourceJob
from halo_async.export.row_columns import cutter
from halo_async.export.sinks import SinkInput, SinkOutcome
from halo_async.export.sinks.jsonl import JsonlSink
from halo_async.export.spool import ReaderClosedError, SelectedRows, Spool, SpoolCodec, codec
from halo_async.export.watermarks import next_watermarks


class _Stream(Spool):
    """Ledger whose lines are written to the stream immediately."""

    def __init__(self, file: BinaryIO, codec: SpoolCodec, columns: tuple[str, ...]) -> None:
        """`columns`: the fields that rows are cut to; none for all."""
        self._columns = columns
        self.path, self.codec, self.offset = Path(), codec, 0
        self._fd = -1
        self._file = file

    def append(self, rows: Sequence[bytes]) -> int:
        if not rows:
            return 0
        rows = cutter(self._columns)(rows) if self._columns else rows
        data = self.codec.pack(b"\n".join(rows) + b"\n")
        rest = memoryview(data)
        try:
            while rest:  # an unbuffered file may accept only a part of it
                rest = rest[self._file.write(rest) :]
            self._file.flush()
        except BrokenPipeError as error:
            raise ReaderClosedError(*error.args) from None
        self.offset += len(data)
        return int(fast_zlib().crc32(data))

    def select(self, is_kept: Callable[[bytes], bool]) -> SelectedRows | None:
        return None

    def begin_again(self) -> None:
        if self.offset:
            raise SettingsError(
                "The list cannot be read as it was started, and written rows cannot be removed from a stream. "
                "Export it into a folder."
            )


class _Nothing(JsonlSink):
    """Sink that makes no file."""

    def finish(self, material: SinkInput) -> SinkOutcome:
        return SinkOutcome("")


async def stream(
    halo: ExportClient,
    operation: Operation,
    options: ExportOptions,
    file: BinaryIO,
    on_progress: OnProgress | None = None,
) -> Report:
    """Write the lines of one list without a parent to `file` as they are received.

    :raises AuthenticationError: the login was refused.
    :raises ReaderClosedError: the reader closed the pipe; the last progress is then `interrupted`, not `failed`.
    """
    await halo.transport.token()
    columns = options.columns.get(resource_name(operation), ())
    started, began, watcher = datetime.now(UTC), time.monotonic(), ProgressWatcher(on_progress)
    setting = ExportContext(
        halo=halo,
        folder=Path(),
        options=options,
        sink=_Nothing(codec(options.codec)),
        syncer=JournalSyncer(None, 0),
        watcher=watcher,
        limited=halo.statistics().remaining is not None,
        stamps=next_watermarks([operation], options, None),
        make_spool=lambda path, offset: _Stream(file, codec(options.codec), columns),
    )
    job = ResourceJob(operation, setting, PastExport())
    with suppress(CallbackError):
        await job.run()
    watcher.object()
    if isinstance(job.error, ReaderClosedError):
        raise job.error
    seconds = round(time.monotonic() - began, 3)
    return Report(halo.transport.data_of, started.isoformat(timespec="seconds"), seconds, (job.report(),))
