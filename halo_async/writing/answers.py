"""Which record of an answer belongs to which row of the request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halo_async.errors import DecodeError
from halo_async.record import Record
from halo_async.writing.rows import Row


def share_out(rows: Sequence[Row], answers: Sequence[Record]) -> None:
    """Settle each row of a request that was taken.

    Records come in the order of the rows (likely); where the ids of updated rows show that they do not, or some
    are missing, rows are found by id. A row of which the answer says nothing is `unknown`, unless nothing came back
    at all: then Halo took the request and said nothing about any.
    """
    if len(answers) == len(rows) and all(map(_fits, rows, answers)):
        for row, answer in zip(rows, answers, strict=True):
            row.settle("written", record=answer, id=_id(answer))
        return
    by_id = {str(_id(record)): record for record in answers}
    for row in rows:
        record: Record | None = None if row.key is None else by_id.get(str(row.key))
        if record is not None or not answers:
            row.settle("written", record=record)
        else:
            text = (
                f"row {row.index}: the request was taken, but the answer does not say what became of this row"
            )
            row.settle("unknown", error=DecodeError(text))


def _fits(row: Row, record: Record) -> bool:
    return row.key is None or str(row.key) == str(_id(record))


def _id(record: Record) -> Any:
    return record.__dict__.get("id")
