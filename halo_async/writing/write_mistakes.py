"""Common mistakes in writing a record, each with a sentence that says how to do it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from halo_async._utils.validation import article
from halo_async.records.record import Record

_Arguments = ParamSpec("_Arguments")
_Result = TypeVar("_Result")
_Method = Callable[_Arguments, Coroutine[Any, Any, _Result]]

_UPDATE = "update() takes an id and the fields to change, as in update(5, summary=...)."
_SAVE_OPTIONS = {"record", "if_unchanged"}


def with_id_first(method: _Method[_Arguments, _Result]) -> _Method[_Arguments, _Result]:
    """Decorate `update`: anything but an id by position is refused with how to call it."""

    @wraps(method)
    async def checked(*args: _Arguments.args, **fields: _Arguments.kwargs) -> _Result:
        positional: Sequence[object] = args
        if len(positional) != 2:  # the resource and the id
            raise TypeError(_UPDATE)
        return await method(*args, **fields)

    return checked


def with_record_alone(method: _Method[_Arguments, _Result]) -> _Method[_Arguments, _Result]:
    """Decorate `save`: fields beside the record, or no record, are refused with how to call it."""

    @wraps(method)
    async def checked(*args: _Arguments.args, **options: _Arguments.kwargs) -> _Result:
        if len(args) + ("record" in options) != 2 or not options.keys() <= _SAVE_OPTIONS:
            raise TypeError(
                "save() takes a record that was read and changed, as in save(record), and if_unchanged. "
                "To change fields by id, use update(5, summary=...)."
            )
        return await method(*args, **options)

    return checked


def to_create(record: Any, fields: Mapping[str, Any], cls: type[Record]) -> Any:
    """Return what is to be created: a record or mapping as it is, or a record of some fields.

    :raises TypeError: there is neither or both, or there are several.
    """
    if record is None and fields and not _is_record_by_name(fields):
        return cls(**fields)
    if record is None or fields:
        raise TypeError(
            "create() takes a record or its fields. Call create(Ticket(...)) or create(summary=...)."
        )
    if isinstance(record, list | tuple):
        raise TypeError("create() takes one record. For several, use upsert([...]).")
    return record


def _is_record_by_name(fields: Mapping[str, Any]) -> bool:
    return fields.keys() == {"record"} and isinstance(fields["record"], Record | Mapping)


def check_update(id: Any) -> None:
    """:raises TypeError: it is a record or a mapping in place of an id."""
    if isinstance(id, Record):
        raise TypeError(f"{_UPDATE} To send what was set in a record, use save(record).")
    if isinstance(id, Mapping):
        raise TypeError(_UPDATE)


def check_save(record: Any) -> None:
    """:raises TypeError: it is not a record."""
    if not isinstance(record, Record):
        raise TypeError(
            f"save() takes a record that was read and changed, not {article(record)}. "
            "To change fields by id, use update(5, summary=...)."
        )
