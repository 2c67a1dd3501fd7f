"""Repr of a record: its content, bounded, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async._utils.secret import is_secret
from halo_async.records.converters import is_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halo_async.records.record import Record

MAX_FIELDS = 16
MAX_TEXT = 60


def repr_of(record: Record) -> str:
    """Return `Ticket(id=1, summary='...')`: at most 16 non-null fields, and the number of others."""
    return f"{type(record).__name__}({', '.join(_format_fields(record))})"


def _format_fields(record: Record) -> Iterator[str]:
    count = 0
    for name, value in shown_fields(record):
        count += 1
        if count <= MAX_FIELDS:
            yield f"{name}={value!r}"
    if count > MAX_FIELDS:
        yield f"… {count - MAX_FIELDS} more"


def shown_fields(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield the Python name and printable value of each field that is not null."""
    names = type(record).__halo_names__
    for wire, value in record.__dict__.items():
        if value is not None:
            yield names.get(wire, wire), _Verbatim("'***'" if is_secret(wire) else shorten(value))


class _Verbatim(str):
    """A string that is its own repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def shorten(value: Any) -> str:
    """Return a value in at most about 60 characters; the content of lists and objects is only counted."""
    if is_record(value):
        return f"<{type(value).__name__}>"
    if isinstance(value, list | tuple):
        return f"<list of {len(value)}>"
    if isinstance(value, dict):
        return f"<object of {len(value)}>"
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 256:
        return "<a huge integer>"
    shown = repr(value[: MAX_TEXT + 1] if isinstance(value, str | bytes) else value)
    return shown if len(shown) <= MAX_TEXT else f"{shown[: MAX_TEXT - 1]}…"
