"""State of a record when it was received from Halo, regardless of later changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async.records.change_log import changed_fields
from halo_async.records.converters import is_record

if TYPE_CHECKING:
    from halo_async.records.record import Record


def original_value(record: Record) -> dict[str, Any]:
    """Return the JSON object received from Halo, without later changes; empty if created locally."""
    changed = changed_fields(record)
    as_it_is = {name: value for name, value in record.__dict__.items() if name not in changed}
    return {name: _original(value) for name, value in {**as_it_is, **changed}.items() if value is not ...}


def was_loaded(record: Record) -> bool:
    """Return whether a record was received from Halo, rather than created locally."""
    changed = changed_fields(record)
    return any(value is not ... for value in changed.values()) or any(
        _came(value) for name, value in record.__dict__.items() if name not in changed
    )


def _came(value: Any) -> bool:
    """Return whether a value was received; custom fields set in a locally created record were not."""
    if is_record(value):
        return was_loaded(value)
    return not value or any(map(_came, value)) if isinstance(value, list | tuple) else True


def baseline(record: Record, name: str) -> Any:
    """Return the original value of a field, by its name in JSON; `...` if it was not set."""
    return changed_fields(record).get(name, record.__dict__.get(name, ...))


def _original(value: Any) -> Any:
    if is_record(value):
        return original_value(value)
    if isinstance(value, dict):
        return {key: _original(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_original(item) for item in value]
    return value
