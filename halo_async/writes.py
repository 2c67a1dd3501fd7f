"""Writing records so that a POST never loses its id.

Halo has one POST for both: an array whose elements without an id are created and those with one are updated.
A POST that forgot the id creates a duplicate, so creating and updating are told apart here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from halo_async.answers import model
from halo_async.errors import DecodeError
from halo_async.record import Record, asdict, changes, settle
from halo_async.resource import Resource

R = TypeVar("R", bound=Record)


class Writable(Resource, Generic[R]):
    """A resource whose POST takes an array: `create`, `update` and `save` over its `upsert`."""

    if TYPE_CHECKING:

        async def upsert(self, records: Iterable[R | Mapping[str, Any]]) -> Sequence[R]:
            """Create the records that have no id and update those that have one; all that is set is sent."""
            ...

    async def create(self, record: R | Mapping[str, Any]) -> R:
        """Create one record and give it back as Halo made it.

        :raises ValueError: it has an id, so that it would update another.
        """
        fields = _fields(record)
        if fields.pop("id", None) is not None:
            raise ValueError("create() takes a record without an id; update() and save() take one with it")
        return await self._write_one(fields)

    async def update(self, id: int | str, /, **fields: Any) -> R:
        """Change some fields of the record with this id; nothing else is sent.

        :raises TypeError: a name is no field of the record.
        :raises ValueError: the id or every field is missing.
        """
        cls = record_class(type(self))
        sent = changes(cls(**fields))
        if not sent or "id" in sent:
            raise ValueError("update() takes the id first and then at least one other field")
        return await self._write_one({"id": _identity(id), **sent})

    async def save(self, record: R) -> R:
        """Send a record's id and what was set in it, and give back Halo's answer.

        Without changes nothing is sent and the record itself comes back. After a save its changes
        count as saved.

        :raises ValueError: it has no id.
        """
        identity = _identity(record.__dict__.get("id"))
        sent = changes(record)
        if not sent.keys() - {"id"}:
            return record
        answer = await self._write_one({**sent, "id": identity})
        settle(record, sent)
        return answer

    async def _write_one(self, fields: Mapping[str, Any]) -> R:
        answers = await self.upsert([fields])
        if len(answers) == 1:
            return answers[0]
        raise DecodeError(
            f"{type(self).__name__}: the record was taken, but {len(answers)} came back instead of one"
        )


def record_class(resource: type[Writable[Any]]) -> type[Record]:
    """The class of the records that a resource writes."""
    operation = resource.upsert.declaration  # type: ignore[attr-defined]
    return model(operation.result.removeprefix("Sequence[").removesuffix("]"), operation.stub.__module__)


def _fields(record: Record | Mapping[str, Any]) -> dict[str, Any]:
    return asdict(record) if isinstance(record, Record) else dict(record)


def _identity(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | str) or not value:
        raise ValueError("an update needs the id of the record: without it Halo would create another")
    return value
