"""One batch of rows, until the outcome of each is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec
from anyio import CancelScope
from anyio.lowlevel import checkpoint_if_cancelled

from halo_async._operations.request_builder import build_request
from halo_async._operations.serialization import encode_json
from halo_async._utils.background import complete
from halo_async._utils.loop_turns import TurnBudget
from halo_async._utils.threads import run_in_thread
from halo_async.errors import Attempt, HaloError, InvalidRequestError, TransportError, UnknownOutcomeError
from halo_async.records.record import Record
from halo_async.transport.prepared_request import PreparedRequest
from halo_async.writing.outcome import blamed_rows, nothing_written, worth_splitting
from halo_async.writing.record_keys import check_row, fields_to_send, record_text
from halo_async.writing.response_matching import match_response, response_decoder
from halo_async.writing.rows import AT_ONCE, BulkRow

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async.writing.journal import BulkJournal

SPLITS = 16
"""Maximum requests of a batch after a 500, to find the row that causes it."""


class BulkBatch:
    """Write of one batch, used once."""

    def __init__(self, resource: Any, rows: Sequence[BulkRow], journal: BulkJournal | None) -> None:
        self.rows = rows
        self.error: HaloError | None = None
        """Error of the last request that failed as a whole."""
        self.keys = frozenset(str(row.key) for row in rows if row.key is not None and row.result is None)
        self.creates = any(row.key is None and row.result is None for row in rows)
        """True if it has rows to create."""
        self._resource = resource
        self._operation: Operation = type(resource).upsert.operation
        self._decode = response_decoder(self._operation)
        self._journal = journal
        self._attempts: list[str] = []
        self._noted = False
        self._always = False
        self._splits = SPLITS
        self.closing = False
        """True if no more requests are to be sent."""
        self.done = False
        """Set by who waits for it."""
        self.failure: BaseException | None = None
        """Set if it ended by neither the instance nor the disk: by a bug, or a cancellation from within."""
        self.scope = CancelScope()
        """Cancels the write, also at its next wait from within."""
        self.sending = False
        """True while a request is in flight: its rows would be unknown if it were cancelled now."""

    async def write(self) -> None:
        """Settle every unsettled row.

        :raises OSError: the journal cannot be written; rows that were not sent are not settled then.
        """
        rows = [row for row in self.rows if row.result is None]
        turn = TurnBudget()
        for row in rows:
            await self._prepare(row)
            await turn.spend()
        await self._post([row for row in rows if row.result is None])

    async def _prepare(self, row: BulkRow) -> None:
        fields = row.given.__dict__ if isinstance(row.given, Record) else row.given
        try:
            row.body = encode_json(await fields_to_send(self._resource, dict(fields)))
            if self._resource.options.strict:
                from halo_async._operations.strict import check_row_strictly  # brings all its rules with it

                check_row_strictly(self._operation, row.body, row.index)
        except HaloError as error:
            row.settle("refused", error=error)
        except (TypeError, ValueError, RecursionError) as error:
            row.settle("refused", error=InvalidRequestError(f"Row {row.index}: {error}"))

    # Requests and their outcomes --------------------------------------------------------------

    async def _post(self, rows: list[BulkRow]) -> None:
        while rows and not self.closing:
            try:
                response = await self._send(rows)
            except HaloError as error:
                self.error = error
                rows = await self._without_blamed(rows, error)
            else:
                await self._take_response(rows, response)
                return

    async def _send(self, rows: list[BulkRow]) -> Any:
        self._attempts.clear()
        self._noted = False
        options = self._resource.options
        request = build_request(self._operation, {self._operation.body_name or "": []}, options)
        by_id = options.retry == "auto" and all(row.key is not None for row in rows)
        self._always = by_id or options.retry == "always"
        request = msgspec.structs.replace(
            request,
            body=b"[" + b",".join([row.body for row in rows]) + b"]",
            retry="always" if by_id else options.retry,
            before_send=self._before_send(rows),
            on_attempt=self._on_attempt(rows),
        )
        try:
            return await self._resource.sender.send(request, self._decode)
        finally:
            self.sending = False

    def _before_send(self, rows: list[BulkRow]) -> Callable[[], Any]:
        async def note() -> None:
            if self.closing:
                await checkpoint_if_cancelled()
            if self._journal is not None and not self._noted:
                try:
                    await run_in_thread(self._journal.sent, rows)
                except asyncio.CancelledError:
                    with suppress(OSError):
                        self._journal.unsent(rows)
                    raise
            self._noted = True
            self.sending = True

        return note

    def _on_attempt(self, rows: list[BulkRow]) -> Callable[[Attempt], None]:
        def note(attempt: Attempt) -> None:
            self._attempts.append(attempt.outcome)
            self.sending = attempt.outcome.startswith("2")
            if self.closing and not self.sending:
                self.scope.cancel()  # nothing is sent again; known outcomes are still recorded
            if attempt.outcome == "429" and self._journal is not None and not self._repeated():
                self._journal.unsent(rows)
                self._noted = False

        return note

    def _repeated(self) -> bool:
        """Return whether an attempt before the last may have been executed."""
        earlier = self._attempts[:-1]
        if self._always:
            return any(outcome not in ("401", "429") for outcome in earlier)
        return any(outcome.startswith("5") for outcome in earlier)  # 503 with Retry-After is retried

    async def _take_response(self, rows: list[BulkRow], response: Any) -> None:
        if isinstance(response, PreparedRequest):
            for row in rows:
                row.settle("prepared", prepared=response)
            return
        if len(rows) > AT_ONCE:
            await complete(
                self._matched(rows, response)
            )  # what is known by now is noted, whatever cancels it
            return
        match_response(type(self._resource), rows, response)
        await self._note_outcomes(rows)

    async def _matched(self, rows: list[BulkRow], response: Any) -> None:
        """Match and note many rows. For 1,000 of 150 fields that takes seconds if values came back otherwise."""
        await run_in_thread(match_response, type(self._resource), rows, response)
        await self._note_outcomes(rows)

    # Trouble ----------------------------------------------------------------------------------

    async def _without_blamed(self, rows: list[BulkRow], error: HaloError) -> list[BulkRow]:
        """Settle the rows that caused the error, or all of them; return those to be sent again."""
        to_blame = {} if self._repeated() else blamed_rows(error, rows)
        if to_blame:
            for place, own in to_blame.items():
                rows[place].settle("refused", error=own)
            await self._note_outcomes(rows, "refused")  # none of them was written
            return [row for row in rows if row.result is None]
        lost = self._always and isinstance(error, TransportError)
        certain = nothing_written(error, repeated=self._repeated()) and not lost
        await self._apart(rows, error, certain)
        return []

    async def _apart(self, rows: list[BulkRow], error: HaloError, certain: bool) -> None:
        """Send repeatable rows again in smaller parts; settle the others."""
        again = [row for row in rows if certain or row.key is not None]
        if not self._worth_splitting(again, rows, error):
            again = []
        chosen = set(again)
        left = [row for row in rows if row not in chosen]
        for row in left:
            self._fail(row, error, certain, alone=len(rows) == 1)
        await self._note_outcomes(left)
        middle = (len(again) + 1) // 2 if len(again) == len(rows) else len(again)
        await self._post(again[:middle])
        await self._post(again[middle:])

    def _worth_splitting(self, again: list[BulkRow], rows: list[BulkRow], error: HaloError) -> bool:
        if not worth_splitting(error) or not again or len(rows) == 1:
            return False
        if getattr(error, "status", 0) == 500:
            self._splits -= 1
        return self._splits >= 0

    def _fail(self, row: BulkRow, error: HaloError, certain: bool, *, alone: bool) -> None:
        if certain:
            row.settle("refused", error=error)
            return
        if row.key is None and not isinstance(error, UnknownOutcomeError):
            said = "" if alone else "The request with this row failed. "
            unknown = UnknownOutcomeError(
                f"Row {row.index}: {said}{error} The record may have been created or not. "
                "Look for it before writing it again."
            )
            unknown.__cause__ = error
            error = unknown
        row.settle("unknown", error=error)

    async def _note_outcomes(self, rows: Sequence[BulkRow], outcome: str | None = None) -> None:
        if self._journal is not None and rows and self._noted:
            await run_in_thread(self._journal.got, rows, outcome)


def checked(resource: Any, row: BulkRow) -> None:
    """Determine a row's id, or refuse the row.

    A row that is refused here was not sent, and is not in the journal.
    """
    try:
        row.key = check_row(type(resource), row.given)
        row.record_key = record_text(type(resource), row.given, row.key)
    except HaloError as error:
        row.settle("refused", error=error)
    except TypeError as error:
        row.settle("refused", error=InvalidRequestError(f"Row {row.index}: {error}"))
