"""Error messages for a name that matches no custom field, or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from halo_async._utils.names import did_you_mean
from halo_async.custom_fields.entries import lists_of
from halo_async.errors import AmbiguousNameError, UnknownNameError
from halo_async.records.record import Record
from halo_async.records.repr import shorten

LISTED = 20
"""Maximum number of names listed in a message."""


def unknown(name: str | int, record: Record, known: Sequence[Sequence[str]]) -> UnknownNameError:
    """Message for a name that a record does not hold; `known` are the names of each field that it holds."""
    owner = type(record).__name__
    if any(record.__dict__.get(where) for where in lists_of(type(record))):
        return nowhere(name, f"This {owner}", known)
    return UnknownNameError(
        f"This {owner} was received without custom fields, so it has no {shorten(name)}. "
        "Rows of a list may lack them. Read the record by get(id, includedetails=True)."
    )


def nowhere(name: str | int, owner: str, known: Sequence[Sequence[str]], then: str = "") -> UnknownNameError:
    """Message for a name that matches none of the known fields, each given by its names."""
    near = did_you_mean(str(name), [handle for handles in known for handle in handles])
    return UnknownNameError(f"{owner} has no custom field {shorten(name)}{near or '.'} {listed(known)}{then}")


def take_back(name: str) -> str:
    """Advice for a record that cannot be written because of a name set in it."""
    return f" To remove the name from a record, use del record.custom[{shorten(name)}]."


def not_a_name(name: object) -> str:
    """Message for a key that cannot be the name or id of a field."""
    return f"A custom field is found by its label, its name or its id, not by {shorten(name)}."


def listed(known: Sequence[Sequence[str]]) -> str:
    """Format `It has 2: 'Root cause' (CFRootCause, 157), 'Asset tag' (CFAssetTag, 158).`; at most twenty."""
    if not known:
        return "It has none."
    more = f" and {len(known) - LISTED} more" if len(known) > LISTED else ""
    return f"It has {len(known)}: {', '.join(map(_format_handles, known[:LISTED]))}{more}."


def _format_handles(handles: Sequence[str]) -> str:
    return repr(handles[0]) + (f" ({', '.join(handles[1:])})" if len(handles) > 1 else "") if handles else "?"


def ambiguous(
    name: str | int, owner: str, found: Iterable[Mapping[str, Any]], then: str = ""
) -> AmbiguousNameError:
    """Message for a name that several fields have."""
    shown = "; ".join(", ".join(_traits(field)) for field in found)
    return AmbiguousNameError(
        f"{owner} has several custom fields {name!r}: {shown}. Give the id instead.{then}"
    )


def _traits(field: Mapping[str, Any]) -> list[str]:
    named = [
        f"{key} {field[key]!r}"
        for key in ("name", "label", "usage", "tab_name")
        if field.get(key) is not None
    ]
    return [f"id {field.get('id')}", *named]
