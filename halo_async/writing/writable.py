"""Writes that never lose a record's id.

Halo has one POST for both: an array whose elements without an id are created and those with one are
updated. A POST without the id creates a duplicate, so creating and updating are separated here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from halo_async._operations.common_mistakes import called_as
from halo_async._operations.resource import Resource
from halo_async.records.record import Record, changes, mark_saved
from halo_async.writing import record_keys
from halo_async.writing import write_mistakes as write_slips
from halo_async.writing.record_signatures import show_record

if TYPE_CHECKING:
    import os
    from typing import Literal

    from halo_async.writing.result import RowResult

R = TypeVar("R", bound=Record)
_NAMING_THE_RECORD = ("create", "update", "save", "bulk_upsert")


class Writable(Resource, Generic[R]):
    """A resource whose POST takes an array: `create`, `update`, `save` and `bulk_upsert` over its `upsert`.

    In a dry run each of them returns the `PreparedRequest` that was not sent.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        show_record(cls, Writable, _NAMING_THE_RECORD)

    if TYPE_CHECKING:

        async def upsert(self, records: Iterable[R | Mapping[str, Any]]) -> Sequence[R]:
            """Create the records that have no id and update those that have one; all that is set is sent.

            ```python
            made, changed = await halo.tickets.upsert([{"summary": "New"}, {"id": 1, "summary": "Changed"}])
            print(made.id, changed.summary)
            ```

            :raises BadRequestError: the response is an error, whatever its status.
            :raises UnknownOutcomeError: the response does not say what became of every record, or which is whose.
            """
            ...

    async def create(self, record: R | Mapping[str, Any] | None = None, /, **fields: Any) -> R:
        """Create one record, or one of these fields, and give it back as Halo made it.

        ```python
        ticket = await halo.tickets.create(summary="The printer is out of paper", client_id=12)
        ```

        :raises TypeError: a name is not a field of the record (in a mapping: but near to one), a value has the wrong
            type, or there are both a record and fields.
        :raises InvalidRequestError: it has an id, so that it would update another.
        :raises UnknownOutcomeError: no response came, or one that does not say what became of it.
        """
        given = write_slips.to_create(record, fields, record_keys.record_class(type(self)))
        fields = record_keys.without_id(type(self), given)
        return await self._write_one(await record_keys.fields_to_send(self, fields))

    @write_slips.with_id_first
    async def update(self, id: int | str, /, *, if_unchanged: Record | None = None, **fields: Any) -> R:
        """Change some fields of the record with this id; nothing else is sent.

        Where ids count within something (`ticket_id` of actions, `lookupid` of lookups) that has to be given too.

        ```python
        ticket = await halo.tickets.get(1)
        ticket = await halo.tickets.update(1, summary="Solved", if_unchanged=ticket)
        ```

        :param if_unchanged: the record as it was read: it is read anew, and nothing is sent unless the fields given
            here, and the moment of its last change where it has one, are still the same.
        :raises TypeError: a name is not a field of the record, or a value has the wrong type.
        :raises InvalidRequestError: the id or every field is missing.
        :raises ConflictError: somebody else changed one of these fields.
        :raises UnknownOutcomeError: no response came, or one that does not say what became of it.
        """
        write_slips.check_update(id)
        sent = changes(record_keys.record_class(type(self))(**fields))
        key = record_keys.update_key(type(self), id, sent)
        sent = await record_keys.fields_to_send(self, sent, key)
        if if_unchanged is not None:
            await self._check_conflict(key, if_unchanged, sent)
        return await self._write_one({**key, **sent})

    @write_slips.with_record_alone
    async def save(self, record: R, *, if_unchanged: bool | Record = False) -> R:
        """Send a record's id and its changed fields, and return the record from Halo's response.

        Without changes nothing is sent and the record itself is returned. After a save its changes count as
        saved.

        ```python
        ticket = await halo.tickets.get(1)
        ticket.summary = "Another summary"
        ticket = await halo.tickets.save(ticket)
        ```

        :param if_unchanged: True to compare Halo's current values with the record as it was loaded, or a
            record read earlier to compare with that: as in `update`. To save again, use the returned
            record: it has the time of this change.
        :raises InvalidRequestError: it has no id, or a different one than it was loaded with.
        :raises ConflictError: another client changed one of these fields.
        """
        write_slips.check_save(record)
        key = record_keys.record_key(type(self), record)
        changed = {name: value for name, value in changes(record).items() if name not in key}
        if not changed:
            return record
        sent = await record_keys.fields_to_send(self, changed, key)
        if if_unchanged is not False:
            from halo_async.writing.conflict import to_compare

            await self._check_conflict(key, to_compare(record, if_unchanged), sent)
        response = await self._write_one({**key, **sent})
        if isinstance(response, Record):
            mark_saved(record, changed)
        return response

    @called_as("bulk_upsert(rows)")
    def bulk_upsert(
        self,
        records: Iterable[R | Mapping[str, Any]] | AsyncIterable[R | Mapping[str, Any]],
        *,
        batch_size: int = 50,
        concurrency: int = 2,
        parallel_creates: bool = False,
        on_error: Literal["stop", "continue"] = "stop",
        journal: str | os.PathLike[str] | None = None,
        resume: bool = False,
        errors: str | os.PathLike[str] | None = None,
    ) -> AsyncGenerator[RowResult[R], None]:
        """`upsert` of any number of records, in batches; gives a result for every row, in the order of the rows.

        Rows are read as they are needed and never held all at once. A batch that the model binder refused is sent
        again without the rows that it named: nothing of it was written then. After any other failure rows with an
        id are sent again in smaller parts; those without one are not, since some may have been created, and their
        outcome is `unknown`, and so is that of a row of which the response to a request that was taken does not say
        what became of it. Rows with the same id are written one after another.

        A created row has the id of a record in the response by what both share, never by its place. Of rows that were
        written and that the response does not tell apart, `id` is None and `possible_ids` has the ids.

        ```python
        rows = ({"summary": f"Ticket {number}"} for number in range(100))
        async for result in halo.tickets.bulk_upsert(rows, on_error="continue"):
            if result.error:
                print(result.index, result.error)
        ```

        :param batch_size: rows in one request.
        :param concurrency: requests under way at once; of those that create rows there is one, unless
            `parallel_creates` is set.
        :param parallel_creates: create rows in several requests at once. Instances number tickets as they create
            them, and have been seen to fail over the numbers where that happens side by side.
        :param on_error: `stop` begins no further batch after a row that failed, and raises once the results of
            those under way have been given out; `continue` writes whatever can be written.
        :param journal: a file that keeps what was sent and what came of it, so that another process can go on.
        :param resume: go on where the journal ends: with the same rows in the same order.
        :param errors: a JSONL file of the rows that were not written: see `halo_async.writing.failed_rows`.
        :raises SettingsError: an option is not valid, a file exists or is in use, or `resume` meets other rows.
        :raises BulkWriteError: it ended before its input did.
        :raises OSError: the journal or the error file cannot be written; nothing more is sent then.
        """
        from halo_async.writing.bulk import bulk_write

        return bulk_write(
            self,
            records,
            batch_size=batch_size,
            concurrency=concurrency,
            parallel_creates=parallel_creates,
            on_error=on_error,
            journal=journal,
            resume=resume,
            errors=errors,
        )

    async def _check_conflict(self, key: Mapping[str, Any], read: Record, sent: Mapping[str, Any]) -> None:
        from halo_async.writing.conflict import check_conflict, read_current

        now = await read_current(self, key)()
        check_conflict(f"{type(self).__name__} {key['id']}", key, read, now, sent)

    async def _write_one(self, fields: Mapping[str, Any]) -> R:
        from halo_async.records.field_checks import CheckedFields  # not before something is to be written

        records = await self.upsert([CheckedFields(fields)])
        return records[0] if isinstance(records, list) else cast(R, records)  # prepared by a dry run
