"""Interpretation of the response to a write, per row that was sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.response_decoding import row_maker
from halo_async._utils.validation import article
from halo_async.errors import DecodeError, UnknownOutcomeError
from halo_async.records.record import Record
from halo_async.transport.decode import decode_json
from halo_async.transport.hidden_errors import HiddenError, is_error, message_of
from halo_async.transport.types import Response
from halo_async.writing.record_ids import own_id
from halo_async.writing.record_keys import keys_of, number_id
from halo_async.writing.record_pairing import Pairing, pair
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
            raise HiddenError(said or "The response contains an error.")
        found = records([item for item in items if not is_error(item)])
        for record in found:
            number_id(record)
        return WriteResponse(found, said)

    return read


def _single(value: Any) -> list[Any]:
    """The response to a POST of one may be that one, without its array; nothing is said by an empty response."""
    if isinstance(value, dict):
        return [value]
    if value is None or value == "":
        return []
    raise DecodeError(f"Expected a record in the response, got {article(value)}.")


def records_of(
    resource: type[Any], operation: Operation, sent: Sequence[Mapping[str, Any]], response: WriteResponse
) -> list[Record]:
    """The record of each row that was sent, in the order of the rows.

    :raises UnknownOutcomeError: the response does not say what became of each; it has the records that are known.
    """
    pairing = pair(sent, [record.__dict__ for record in response.records], keys_of(resource))
    found = [None if place is None else response.records[place] for place in pairing.places]
    known = [record for record in found if record is not None]
    if len(known) == len(sent):
        return known
    possible = _possible_ids(pairing, response)
    written = {row for rows, _ in pairing.groups for row in rows}
    missing = [row for row, record in enumerate(found) if record is None and row not in written]
    said = [_unknown_rows(missing, len(sent), possible, response, sent)] if missing else []
    said += [_written_rows(rows, places, response) for rows, places in pairing.groups]
    raise UnknownOutcomeError(
        f"{operation.method} {operation.path}: {' '.join(said)}",
        records=tuple(found),
        possible_ids=tuple(dict.fromkeys(id for ids in possible.values() for id in ids)),
    )


def _possible_ids(pairing: Pairing, response: WriteResponse) -> dict[int, tuple[int | str, ...]]:
    """Return, for each row without a record, the ids of the records of which one may be its own."""
    found = {}
    for rows, places in [*pairing.groups, *(([row], [place]) for row, place in pairing.doubtful.items())]:
        ids = tuple(id for place in places if (id := own_id(response.records[place].__dict__)) is not None)
        found.update(dict.fromkeys(rows, ids))
    return found


def _written_rows(rows: Sequence[int], places: Sequence[int], response: WriteResponse) -> str:
    ids = _format_numbers([own_id(response.records[place].__dict__) for place in places])
    return (
        f"Rows {_format_numbers(rows)} were written, as the records {ids}, "
        "but the response does not say which is which. Read these records, and do not send the rows again."
    )


def _format_numbers(numbers: Sequence[Any]) -> str:
    return ", ".join(map(str, numbers[:_NAMED])) + (", …" if len(numbers) > _NAMED else "")


def _doubt(ids: Sequence[int | str]) -> str:
    """Name the record in the response that has other values than the row."""
    return f" The response has record {ids[0]}, whose values differ. Look at it first." if ids else ""


def _unknown_rows(
    missing: Sequence[int],
    count: int,
    possible: Mapping[int, Sequence[int | str]],
    response: WriteResponse,
    sent: Sequence[Mapping[str, Any]],
) -> str:
    if count == 1:
        text = "The outcome is unknown, since the response does not say what became of the record."
    else:
        text = (
            f"The outcome of {len(missing)} of {count} rows is unknown, since the response does not say "
            f"what became of them (row {_format_numbers(missing)})."
        )
    text += _doubt(possible[missing[0]] if len(missing) == 1 and missing[0] in possible else ())
    return text + _advice(response.said, created=any(own_id(sent[row]) is None for row in missing))


def _advice(said: str, *, created: bool) -> str:
    why = f" Halo says {said!r}." if said else ""
    if created:
        return f"{why} The record may have been created or not. Look for it before writing it again."
    return f"{why} Send it again, then any later change of the same record, since an update by id can be repeated."


def match_response(resource: type[Any], rows: Sequence[BulkRow], response: WriteResponse) -> None:
    """Settle each row of a request that was taken: one of which the response says nothing certain is `unknown`.

    A row that was written as one of several records, of which nothing says which is whose, is `written` without an id.
    """
    sent = [row.fields() for row in rows]
    pairing = pair(sent, [record.__dict__ for record in response.records], keys_of(resource))
    possible = _possible_ids(pairing, response)
    written = {row for group, _ in pairing.groups for row in group}
    for number, (row, place) in enumerate(zip(rows, pairing.places, strict=True)):
        if place is not None:
            record = response.records[place]
            row.settle("written", record=record, id=own_id(record.__dict__))
            continue
        ids = possible.get(number, ())
        if number in written:
            row.settle("written", possible_ids=ids)
            continue
        text = f"Row {row.index}: The outcome is unknown, since the response does not say what became of this row."
        text += _doubt(ids) + _advice(response.said, created=row.key is None)
        row.settle("unknown", error=UnknownOutcomeError(text, possible_ids=ids), possible_ids=ids)
