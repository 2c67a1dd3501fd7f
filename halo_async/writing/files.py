"""Files of a bulk write: the record of earlier runs, and that for later ones."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import attrs

from halo_async._utils.append_log import read_log
from halo_async._utils.threads import run_in_thread
from halo_async.errors import HaloError, SettingsError, UnknownOutcomeError
from halo_async.writing.error_file import ErrorFile, line_of
from halo_async.writing.journal import KIND, BulkJournal, KnownOutcomes, known_rows, overwritten_rows
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
        self._overwritten: set[int] = set()
        self._sent_again: set[str] = set()
        """Records of which this run sends a row, so that the later ones have to be sent too."""
        self._in_error_file: dict[str, int] = {}
        """Records of which a row was not written, and the first such row."""

    def open(self, *, dry_run: bool) -> None:
        """Open them; in a dry run the journal is read, and nothing is written.

        :raises SettingsError: one exists and must not be replaced, or is in use.
        """
        options = self._options
        if options.journal is not None:
            header = {
                "resource": type(self._resource).upsert.operation.path,
                "instance": getattr(self._resource.sender, "data_of", ""),
            }
            if not dry_run:
                self.journal = BulkJournal(options.journal, header, resume=options.resume)
                self._known = self.journal.known
            elif os.path.exists(options.journal):
                entries = read_log(options.journal, KIND)
                self._known = known_rows(entries, options.journal, header, resume=options.resume)
        self._overwritten = overwritten_rows(self._known)
        if options.errors is not None and not dry_run:
            self._errors = ErrorFile(options.errors, replace=options.resume)

    def recall(self, row: BulkRow) -> None:
        """Settle a row that need not be sent, according to the journal.

        A row that was written is sent again if an earlier row of the same record is: it would be undone otherwise.

        :raises SettingsError: it differs from the row of the earlier run.
        """
        known = self._known.pop(row.index, None)
        if known is not None:
            self._settle(row, known)
        if row.result is None and row.record_key and self._known:
            self._sent_again.add(row.record_key)

    def _settle(self, row: BulkRow, known: KnownOutcomes) -> None:
        if known.digest.hex() != row.digest:
            raise SettingsError(
                f"Row {row.index} differs from the one in the journal {self._options.journal}. To resume, give the "
                "same rows in the same order. Correct refused rows in the error file, and write them by a run of "
                "their own."
            )
        if row.index in self._overwritten or row.record_key in self._sent_again:
            return
        if known.outcome == "written":
            row.settle("written", id=known.id, earlier=True, possible_ids=known.possible_ids)
        elif known.outcome == "unknown" and row.key is None:
            ids = known.possible_ids
            text = (
                "It was sent by an earlier run, whose response does not say what became of it."
                if ids
                else "It was sent by an earlier run without a response."
            )
            text += " Look for it in Halo"
            text += f", first as record {ids[0]}" if len(ids) == 1 else ""
            error = UnknownOutcomeError(f"Row {row.index}: {text}, then use settle_rows().", possible_ids=ids)
            row.settle("unknown", error=error, earlier=True, possible_ids=ids)

    def check_all_came(self) -> None:
        """Check after the last row. :raises SettingsError: the journal has rows beyond the input."""
        if self._known:
            raise SettingsError(
                f"The journal {self._options.journal} has row {min(self._known)}, but the rows ended before it."
            )

    async def finished(self, rows: Sequence[BulkRow]) -> None:
        """Write rows that were not written to the error file, and later rows of the same records after them."""
        if self._errors is None:
            return
        lines = [
            line for row in rows if row.result is not None and (line := self._build_line(row, row.result))
        ]
        if lines:
            await run_in_thread(self._errors.add, lines)

    def _build_line(self, row: BulkRow, result: RowResult[Any]) -> dict[str, Any] | None:
        if not result.ok:
            if row.record_key:
                self._in_error_file.setdefault(row.record_key, row.index)
            return line_of(result)
        first = self._in_error_file.get(row.record_key)
        if first is None:
            return None
        text = f"written, and here since row {first} of the same record was not: it would undo this one"
        return line_of(attrs.evolve(result, repeatable=True, error=HaloError(text)))

    def close(self) -> None:
        """Close both."""
        if self.journal is not None:
            self.journal.close()
        if self._errors is not None:
            self._errors.close()
