"""How a record shows itself: what is in it, bounded, without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from halo_async.kinds import is_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from halo_async.record import Record

MAX_FIELDS = 16
MAX_TEXT = 60
_SECRETS = (
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "privatekey",
    "private_key",
)


def is_secret(name: str) -> bool:
    """Whether a field's name looks like that of a password, secret, token or key."""
    folded = name.lower()
    return any(word in folded for word in _SECRETS)


def text(record: Record) -> str:
    """`Ticket(id=1, summary='...')`: at most 16 fields that are not null, and how many more there are."""
    return f"{type(record).__name__}({', '.join(_shown(record))})"


def _shown(record: Record) -> Iterator[str]:
    count = 0
    for name, value in pairs(record):
        count += 1
        if count <= MAX_FIELDS:
            yield f"{name}={value!r}"
    if count > MAX_FIELDS:
        yield f"… {count - MAX_FIELDS} more"


def pairs(record: Record) -> Iterator[tuple[str, Any]]:
    """Python name and showable value of each field that is not null."""
    names = type(record).__halo_names__
    for wire, value in record.__dict__.items():
        if value is not None:
            yield names.get(wire, wire), _Shown("'***'" if is_secret(wire) else brief(value))


class _Shown(str):
    """A text that is its own repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def brief(value: Any) -> str:
    """A value in at most about 60 characters; what is in lists and objects is only counted."""
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
