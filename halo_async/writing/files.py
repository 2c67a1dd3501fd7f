"""Files of a bulk write: the record of earlier runs, and that for later ones."""

from __future__ import annotations

import os
from typing import Any

from halo_async._utils.append_log import read_log
from halo_async._utils.threads import run_in_thread
from halo_async.errors import SettingsError, UnknownOutcomeError
from halo_async.writing.error_file import ErrorFile
from halo_async.writing.journal import KIND, BulkJournal, KnownOutcomes, known_rows
from halo_async.writing.options import BulkOptions
from halo_async.writing.result import RowResult
from halo_async.writing.rows import BulkRow


class BulkFiles:
    """Journal and error file, if requested."""

    def __init__(self, resource: Any, options: BulkOptions) -> None:
        self._resource = resource
        self._options = options
        self.journal: BulkJournal | None = None
        self._errors: ErrorFile | None = None
        self._known: dict[int, KnownOutcomes] = {}

    def open(self, *, dry_run: bool) -> None:
        """Open them; in a dry run the journal is read, and nothing is written.

        :raises SettingsError: one exists and must not be replaced, or is in use.
        """
        options = self._options
        if options.journal is not None:
            header = {
                "resource": type(self._resource).upsert.declaration.path,
                "instance": getattr(self._resource.sender, "data_of", ""),
            }
            if not dry_run:
                self.journal = BulkJournal(options.journal, header, resume=options.resume)
                self._known = self.journal.known
            elif os.path.exists(options.journal):
                entries = read_log(options.journal, KIND)
                self._known = known_rows(entries, options.journal, header, resume=options.resume)
        if options.errors is not None and not dry_run:
            self._errors = ErrorFile(options.errors, replace=options.resume)

    def recall(self, row: BulkRow) -> None:
        """Settle a row that need not be sent, according to the journal.

        :raises SettingsError: it differs from the row of the earlier run.
        """
        known = self._known.pop(row.index, None)
        if known is None:
            return
        if known.digest.hex() != row.digest:
            raise SettingsError(
                f"row {row.index} is not the one that the journal {self._options.journal} has: resume=True continues "
                "with the same rows in the same order; rows that were refused are corrected in the error file and "
                "written by a run of their own"
            )
        if known.outcome == "written":
            row.settle("written", id=known.id, earlier=True, possible_ids=known.possible_ids)
        elif known.outcome == "unknown" and row.key is None:
            ids = known.possible_ids
            text = (
                "sent by an earlier run, whose response does not say what became of it"
                if ids
                else "sent by an earlier run without a response"
            )
            text += ": look for it in Halo"
            text += f", first as record {ids[0]}" if len(ids) == 1 else ""
            error = UnknownOutcomeError(f"row {row.index}: {text}, then use settle_rows()", possible_ids=ids)
            row.settle("unknown", error=error, earlier=True, possible_ids=ids)

    def check_all_came(self) -> None:
        """Check after the last row. :raises SettingsError: the journal has rows beyond the input."""
        if self._known:
            raise SettingsError(
                f"the journal {self._options.journal} has row {min(self._known)}, but the rows ended before it"
            )

    async def failed(self, results: list[RowResult[Any]]) -> None:
        """Write rows to the error file."""
        if self._errors is not None and results:
            await run_in_thread(self._errors.add, results)

    def close(self) -> None:
        """Close both."""
        if self.journal is not None:
            self.journal.close()
        if self._errors is not None:
            self._errors.close()
