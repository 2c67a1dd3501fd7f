"""Record keys of writes, and the refusal of a write whose record has lost its id.

Halo has one POST for creating and updating: an element without an id, or with one of 0 or null, is created.
So a POST that lost its id creates a duplicate; everything that could be one is refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from halo_async._operations.response_decoding import decode_as
from halo_async._utils.validation import article
from halo_async.errors import InvalidRequestError
from halo_async.records.change_tracking import baseline, was_loaded
from halo_async.records.record import Record
from halo_async.writing.record_ids import check_row_id, identity, is_no_id, shown

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation
    from halo_async._operations.resource import Resource


_NUMBER = re.compile("[1-9][0-9]{0,17}")


def number_id(record: Record) -> None:
    """Make the id of a record in a response the number that the document has there: some instances write a text."""
    id = record.__dict__.get("id")
    if isinstance(id, str) and _NUMBER.fullmatch(id):
        from halo_async.records.field_checks import checks_of
        from halo_async.records.scalar_checks import check_int

        if checks_of(type(record)).by_wire.get("id") is check_int:
            record.__dict__["id"] = int(id)


class RecordKeys(msgspec.Struct, frozen=True):
    """Identification of the records of one resource."""

    record: type[Record] | None
    """Class that is written; None if the document does not specify it."""
    classes: tuple[type[Record], ...]
    """Classes that the resource itself returns: only the id of such a record identifies one of its own."""
    by_id: bool
    """True if an id identifies one record; otherwise only `upsert` is supported."""
    within: tuple[str, ...] = ()
    """Fields that an id requires: ids of actions are unique only within a ticket."""


_known: dict[type[Any], RecordKeys] = {}


def keys_of(resource: type[Any]) -> RecordKeys:
    """Return the keys of a resource that has an `upsert`, determined once."""
    if resource not in _known:
        _known[resource] = _find_keys(resource)
    return _known[resource]


def _find_keys(resource: type[Any]) -> RecordKeys:
    record = _class_of(resource, "upsert")
    known = [record] + [_class_of(resource, name) for name in ("list", "get")]
    identity = resource.list.operation.identity if hasattr(resource, "list") else ("id",)
    has_id = record is None or "id" in record.__halo_fields__
    within = tuple(name for name in identity if name != "id") if has_id and "id" in identity else ()
    return RecordKeys(record, tuple({cls for cls in known if cls}), has_id and "id" in identity, within)


def record_class(resource: type[Any]) -> type[Record]:
    """Return the class of the records that a resource writes; `Record` if it has none of its own."""
    return _class_of(resource, "upsert") or Record


def _class_of(resource: type[Any], name: str) -> type[Record] | None:
    operation: Operation | None = getattr(getattr(resource, name, None), "operation", None)
    if operation is None:
        return None
    text = operation.result.removesuffix("| None").strip()
    text = text[text.find("[") + 1 :].rstrip("]")
    return decode_as(text, operation.stub.__module__) if text.startswith("models.") else None


def update_key(resource: type[Any], id: Any, sent: dict[str, Any]) -> dict[str, Any]:
    """Return the id with the fields that scope it, which are removed from `sent`.

    :raises InvalidRequestError: one of them is missing, or no other field is to be sent.
    """
    keys = _keys_by_id(resource)
    _check_spelling(sent)
    if "id" in sent:
        raise InvalidRequestError(
            "update() takes the id first and then at least one other field, no other id."
        )
    key = {"id": identity(id)}
    for name in keys.within:
        key[name] = identity(sent.pop(name, None), name) if name in sent else _needed(resource, name)
    _check_key_types(keys, key)
    if not sent:
        raise InvalidRequestError("update() takes the id first and then at least one other field.")
    return key


def _needed(resource: type[Any], name: str) -> Any:
    raise InvalidRequestError(
        f"The id alone does not identify a record of {resource.__name__}. Give {name} too."
    )


def record_key(resource: type[Any], record: Record) -> dict[str, Any]:
    """Return the id of a record, and the fields that scope it.

    :raises InvalidRequestError: they are missing, or differ from those the record was loaded with.
    :raises TypeError: the record is of another resource.
    """
    keys = _keys_by_id(resource)
    _check_class(keys, resource, record)
    _check_spelling(record.__dict__)
    for name in ("id", *keys.within):
        if name != "id" and record.__dict__.get(name) is None:
            _needed(resource, name)
        identity(record.__dict__.get(name), name)
        _check_same(record, name)
    return {name: record.__dict__[name] for name in ("id", *keys.within)}


def _check_same(record: Record, name: str) -> None:
    came_with, now = baseline(record, name), record.__dict__.get(name)
    if came_with is not ... and came_with != now:
        raise InvalidRequestError(
            f"The record was loaded with {name} {shown(came_with)} and now has {name} {shown(now)}. "
            f"To update record {shown(now)}, call update({shown(now)}, ...)."
        )


def _keys_by_id(resource: type[Any]) -> RecordKeys:
    keys = keys_of(resource)
    if not keys.by_id:
        raise InvalidRequestError(
            f"An id does not identify a record of {resource.__name__}, so Halo could create another. Use upsert()."
        )
    return keys


def without_id(resource: type[Any], record: Record | Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a record to create.

    :raises InvalidRequestError: it has an id, so that it would update another.
    :raises TypeError: the record is of another resource.
    """
    from halo_async._operations.foreign_values import without_iterators

    record = without_iterators(record)
    if isinstance(record, Record):
        _check_class(keys_of(resource), resource, record)
    elif not isinstance(record, Mapping):
        raise TypeError(f"create() takes one record or mapping, not {article(record)}.")
    else:
        _check_fields(resource, record)
    fields = dict(record.__dict__ if isinstance(record, Record) else record)
    _check_spelling(fields)
    if fields.pop("id", None) is not None:
        raise InvalidRequestError(
            "create() takes a record without an id. To change a record, use update() or save()."
        )
    return fields


def checked_rows(resource: type[Any], rows: Iterable[Any]) -> list[Any]:
    """Return the rows of an upsert after checking that none has lost its id.

    :raises InvalidRequestError: one has; nothing is sent then.
    :raises TypeError: one is of another resource, or not a record.
    """
    from halo_async._operations.foreign_values import without_iterators

    listed = [without_iterators(row) for row in rows]
    for number, row in enumerate(listed):
        try:
            check_row(resource, row)
        except (InvalidRequestError, TypeError) as error:
            raise type(error)(f"Row {number}: {error}") from None
    return listed


def check_row(resource: type[Any], row: Any) -> int | str | None:
    """The id of a row of an upsert; None for one that is to be created.

    :raises InvalidRequestError: it came from Halo and its id is gone or another, or what it has is not an id.
    :raises TypeError: it is of another resource, no record at all, or a mapping with a wrong type or a misspelt name.
    """
    keys = keys_of(resource)
    if isinstance(row, Record):
        _check_class(keys, resource, row)
    elif not isinstance(row, Mapping):
        raise TypeError(f"A row must be a record or a mapping, not {article(row)}.")
    else:
        _check_fields(resource, row)
    if not keys.by_id:
        return None
    fields: Mapping[str, Any] = row.__dict__ if isinstance(row, Record) else row
    _check_spelling(fields)
    if "id" not in fields:
        if isinstance(row, Record) and was_loaded(row):
            raise InvalidRequestError(
                "The record was loaded from Halo and no longer has an id, so Halo would create another. "
                "To copy the record, use create()."
            )
        return None
    check_row_id(fields["id"])
    if is_no_id(fields["id"]):
        raise InvalidRequestError(f"{shown(fields['id'])} is not an id. Leave it out to create a record.")
    found = identity(fields["id"])
    if isinstance(row, Record):
        _check_same(row, "id")
    else:
        _check_key_types(keys, {"id": found})
    return found


def record_text(resource: type[Any], row: Any, key: int | str | None) -> str:
    """Return a string that stands for the record that a row updates; empty if it creates one."""
    if key is None:
        return ""
    fields: Mapping[str, Any] = row.__dict__ if isinstance(row, Record) else row
    return "/".join([str(key), *(str(fields.get(name)) for name in keys_of(resource).within)])


def _check_key_types(keys: RecordKeys, key: Mapping[str, Any]) -> None:
    """Check the ids that a caller gives; those of a record that came from Halo are sent back as they were received.

    :raises TypeError: one is a string where the record has a number.
    """
    if keys.record is not None and any(isinstance(value, str) for value in key.values()):
        from halo_async.records.field_checks import check_field

        for name, value in key.items():
            check_field(keys.record, name, value)


def _check_fields(resource: type[Any], fields: Mapping[str, Any]) -> None:
    """:raises TypeError: a value has the wrong type, or a name is not a field but near to one."""
    from halo_async.records.field_checks import CheckedFields, check_mapping

    keys = keys_of(resource)
    if keys.record is None or isinstance(fields, CheckedFields):
        return
    if keys.by_id and "id" in fields:  # what may be an id is looked at by `identity`
        fields = {name: value for name, value in fields.items() if name != "id"}
    check_mapping(keys.record, fields)


def _check_class(keys: RecordKeys, resource: type[Any], record: Record) -> None:
    if keys.classes and not isinstance(record, keys.classes):
        wanted = keys.record.__name__ if keys.record else "record"
        raise TypeError(f"{resource.__name__} takes a {wanted}, not {article(record)}.")


def _check_spelling(names: Iterable[Any]) -> None:
    """Refuse other spellings of `id`: Halo ignores case, and the id would go unnoticed here."""
    for name in names:
        if isinstance(name, str) and name != "id" and name.lower() == "id":
            raise InvalidRequestError(f"The field {name!r} would count as the id. Spell it 'id'.")


async def fields_to_send(
    resource: Resource, fields: dict[str, Any], key: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return the fields of one record as they are sent: custom fields set by name with their ids.

    :param key: identifies the record, if it is not among the fields.
    """
    from halo_async.custom_fields.naming import with_ids

    key = key or {}
    (row,) = await with_ids(resource.sender, record_class(type(resource)), [{**key, **fields}])
    return {name: value for name, value in row.items() if name not in key}
