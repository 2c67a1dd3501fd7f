"""Changes of a record since it was received."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async.records.converters import is_record
from halo_async.records.storage import put_changes

if TYPE_CHECKING:
    from halo_async.records.record import Record


def changed_fields(record: Record) -> dict[str, Any]:
    """Return the fields set since the record was received, and their original values; `...` if not set."""
    try:
        return record.__halo_changes__  # type: ignore[no-any-return, attr-defined]
    except AttributeError:
        return {}


def note_change(record: Record, name: str, before: Any) -> None:
    """Record that a field was set or deleted, and its original value; only the first change counts."""
    changed = changed_fields(record)
    changed.setdefault(name, before)
    put_changes(record, changed)


def forget_change(record: Record, name: str) -> None:
    """Discard one change: Halo has the value."""
    changed_fields(record).pop(name, None)


def settle_value(value: Any) -> None:
    """Discard the changes of every record in a value."""
    if is_record(value):
        changed_fields(value).clear()
        value = value.__dict__
    if isinstance(value, dict):
        value = value.values()
    elif not isinstance(value, list | tuple):
        return
    for item in value:
        settle_value(item)


def was_touched(value: Any) -> bool:
    """Return whether a record in a value has changes."""
    if is_record(value):
        return not value.__dict__.keys().isdisjoint(changed_fields(value)) or was_touched(value.__dict__)
    if isinstance(value, dict):
        return any(map(was_touched, value.values()))
    return isinstance(value, list | tuple) and any(map(was_touched, value))


def plain_json(value: Any) -> Any:
    """Return a value as JSON has it: without records and tuples in it."""
    if is_record(value):
        value = value.__dict__
    if isinstance(value, dict):
        return {key: plain_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_json(item) for item in value]
    return value
