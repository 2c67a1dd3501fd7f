"""Interpretation of the response to a write, per row that was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.response_decoding import row_maker
from halo_async.errors import DecodeError, UnknownOutcomeError
from halo_async.records.record import Record
from halo_async.transport.decode import decode_json
from halo_async.transport.hidden_errors import HiddenError, is_error, message_of
from halo_async.transport.types import Response
from halo_async.writing.record_keys import keys_of, own_id
from halo_async.writing.record_pairing import pair
from halo_async.writing.rows import BulkRow

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation

_NAMED = 10
"""Rows that an error lists."""


@attrs.frozen
class WriteResponse:
    """The records of a response, and what else it says."""

    records: Sequence[Record]
    said: str = ""
    """The errors that stand among them."""


def response_decoder(operation: Operation) -> Callable[[Response], WriteResponse]:
    """The function that reads the response to a POST of an array of records.

    :raises HiddenError: (that function) it holds errors and no record.
    :raises DecodeError: (that function) it is neither an object nor a list of objects.
    """
    item = operation.result[operation.result.find("[") + 1 : -1]
    records = row_maker(f"[{item}]", operation.stub.__module__)

    def read(response: Response) -> WriteResponse:
        value = decode_json(response)
        items = [item for item in value if item is not None] if isinstance(value, list) else _single(value)
        errors = [item for item in items if is_error(item)]
        said = "; ".join(filter(None, map(message_of, errors[:3])))
        if errors and len(errors) == len(items):
            raise HiddenError(said or "the response holds an error")
        return WriteResponse(records([item for item in items if not is_error(item)]), said)

    return read


def _single(value: Any) -> list[Any]:
    """The response to a POST of one may be that one, without its array; nothing is said by an empty response."""
    if isinstance(value, dict):
        return [value]
    if value is None or value == "":
        return []
    raise DecodeError(f"a record was expected in the response, not {type(value).__name__}")


def records_of(
    resource: type[Any], operation: Operation, sent: Sequence[Mapping[str, Any]], response: WriteResponse
) -> list[Record]:
    """The record of each row that was sent, in the order of the rows.

    :raises UnknownOutcomeError: the response does not say what became of each; it has the records that are known.
    """
    found = [
        None if place is None else response.records[place]
        for place in pair(sent, [record.__dict__ for record in response.records], keys_of(resource))
    ]
    known = [record for record in found if record is not None]
    if len(known) == len(sent):
        return known
    missing = [row for row, record in enumerate(found) if record is None]
    text = f"{operation.method} {operation.path}: {_unknown_rows(missing, len(sent))}"
    text += _advice(response.said, created=any(own_id(sent[row]) is None for row in missing))
    raise UnknownOutcomeError(text, records=tuple(found))


def _unknown_rows(missing: Sequence[int], count: int) -> str:
    if count == 1:
        return "the outcome is unknown, since the response does not say what became of the record"
    listed = ", ".join(map(str, missing[:_NAMED])) + (", …" if len(missing) > _NAMED else "")
    return (
        f"the outcome of {len(missing)} of {count} rows is unknown, since the response does not say "
        f"what became of them (row {listed})"
    )


def _advice(said: str, *, created: bool) -> str:
    why = f": {said}" if said else ""
    if created:
        return f"{why}. It may have been created or not: look for it before writing it again."
    return f"{why}. Send it again: an update by id does no harm twice."


def match_response(resource: type[Any], rows: Sequence[BulkRow], response: WriteResponse) -> None:
    """Settle each row of a request that was taken: one of which the response says nothing certain is `unknown`."""
    sent = [row.fields() for row in rows]
    places = pair(sent, [record.__dict__ for record in response.records], keys_of(resource))
    for row, place in zip(rows, places, strict=True):
        if place is not None:
            record = response.records[place]
            row.settle("written", record=record, id=own_id(record.__dict__))
            continue
        text = f"row {row.index}: the outcome is unknown, since the response does not say what became of this row"
        row.settle(
            "unknown", error=UnknownOutcomeError(text + _advice(response.said, created=row.key is None))
        )
