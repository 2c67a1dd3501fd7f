"""Common mistakes in writing a record, each with a sentence that says how to do it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from halo_async._utils.validation import article
from halo_async.records.record import Record


def to_create(record: Any, fields: Mapping[str, Any], cls: type[Record]) -> Any:
    """Return what is to be created: a record or mapping as it is, or a record of some fields.

    :raises TypeError: there is neither or both, or there are several.
    """
    if record is None and fields:
        return cls(**fields)
    if record is None or fields:
        raise TypeError(
            "create() takes a record or its fields. Call create(Ticket(...)) or create(summary=...)."
        )
    if isinstance(record, list | tuple):
        raise TypeError("create() takes one record. For several, use upsert([...]).")
    return record


def check_update(id: Any) -> None:
    """:raises TypeError: it is a record or a mapping in place of an id."""
    if isinstance(id, Record):
        raise TypeError(
            "update() takes an id and the fields to change, as in update(5, summary=...). "
            "To send what was set in a record, use save(record)."
        )
    if isinstance(id, Mapping):
        raise TypeError("update() takes an id and the fields to change, as in update(5, summary=...).")


def check_save(record: Any) -> None:
    """:raises TypeError: it is not a record."""
    if not isinstance(record, Record):
        raise TypeError(
            f"save() takes a record that was read and changed, not {article(record)}. "
            "To change fields by id, use update(5, summary=...)."
        )
