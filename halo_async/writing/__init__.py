"""Bulk writes, and optimistic concurrency control of writes."""

from __future__ import annotations

from halo_async._utils.lazy_imports import attach

TYPE_CHECKING = False
if TYPE_CHECKING:
    from halo_async.writing.error_file import failed_rows as failed_rows
    from halo_async.writing.error_file import unknown_rows as unknown_rows
    from halo_async.writing.journal import JournalState as JournalState
    from halo_async.writing.journal import read_journal as read_journal
    from halo_async.writing.journal import settle_rows as settle_rows
    from halo_async.writing.result import RowResult as RowResult

_TABLE = {
    "JournalState": "journal",
    "RowResult": "result",
    "failed_rows": "error_file",
    "read_journal": "journal",
    "settle_rows": "journal",
    "unknown_rows": "error_file",
}

if not TYPE_CHECKING:  # a visible __getattr__ would make type checkers accept any name
    __getattr__, __dir__ = attach(__name__, _TABLE)
