"""Rows of a bulk write in progress."""

from __future__ import annotations

import json
from contextlib import suppress
from hashlib import blake2b
from typing import Any

import msgspec

from halo_async._operations.foreign_values import without_iterators
from halo_async._operations.serialization import plain_json
from halo_async.errors import HaloError
from halo_async.records.record import Record, asdict
from halo_async.transport.prepared_request import PreparedRequest
from halo_async.writing.result import Outcome, RowResult

AT_ONCE = 10
"""Rows that are matched with those of a response without a thread."""


class BulkRow:
    """One row of the input, from when it is read until its result is yielded."""

    __slots__ = ("body", "digest", "given", "index", "key", "record_key", "result")

    def __init__(self, index: int, given: Any) -> None:
        self.index = index
        with suppress(RecursionError):  # of one that holds itself, which is refused
            given = without_iterators(given)
        self.given = given
        self.digest = digest(given)
        self.key: int | str | None = None
        """Id of its own; None for a row that is to be created."""
        self.record_key = ""
        """The record that it updates: its id, and what that counts within; empty for a row that is to be created."""
        self.body = b""
        """JSON of the row, once it is known to be sendable."""
        self.result: RowResult[Any] | None = None

    def fields(self) -> dict[str, Any]:
        """Return what was sent for it."""
        fields: dict[str, Any] = msgspec.json.decode(self.body)
        return fields

    def settle(
        self,
        outcome: Outcome,
        *,
        error: HaloError | None = None,
        record: Record | None = None,
        id: int | str | None = None,
        prepared: PreparedRequest | None = None,
        earlier: bool = False,
        possible_ids: tuple[int | str, ...] = (),
    ) -> None:
        """Set the result."""
        found = id if id is not None else self.key
        repeatable = outcome == "refused" or self.key is not None
        self.result = RowResult(
            self.index, self.given, outcome, found, record, error, prepared, repeatable, earlier, possible_ids
        )


def digest(row: Any) -> str:
    """Return a fingerprint of a row: the same for the same fields, in any order."""
    try:
        data = msgspec.json.encode(plain_json(row), order="deterministic")
    except (HaloError, TypeError, ValueError, RecursionError):
        data = _spelt_out(row).encode("utf-8", "surrogatepass")
    return blake2b(data, digest_size=12).hexdigest()


def _spelt_out(row: Any) -> str:
    """Return a string for a row not yet serializable, such as one with an unresolved custom field id."""
    try:
        return json.dumps(asdict(row) if isinstance(row, Record) else row, sort_keys=True, default=repr)
    except (TypeError, ValueError, RecursionError):
        return shown(row)


def shown(row: Any) -> str:
    """A row that has no form in JSON, as Python shows it; its type alone where Python does not."""
    try:
        return repr(row)
    except (ValueError, RecursionError):  # an integer with too many digits, for one
        return f"<{type(row).__name__}>"
