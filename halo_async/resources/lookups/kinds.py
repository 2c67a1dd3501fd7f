"""Kinds that can be looked up by name, and the list of each."""

from __future__ import annotations

from functools import cache

import attrs

from halo_async._operations.resource import aliases
from halo_async._utils.names import did_you_mean
from halo_async.errors import InvalidRequestError
from halo_async.records.repr import shorten


@attrs.frozen
class LookupKind:
    """One kind of object that has a name and an id."""

    name: str
    resource: str
    """Attribute of the client whose `list` returns them."""
    names: tuple[str, ...] = ("name",)
    """Fields that hold names; a row may match by any of them."""
    id: str = "id"
    """Field that tickets and others refer to."""
    search: str | None = None
    """Search parameter of the list, if reading all rows could take many requests."""
    tells: tuple[str, ...] = ()
    """Fields that distinguish rows of the same name."""


KINDS = {
    kind.name: kind
    for kind in (
        LookupKind("status", "status", tells=("type", "shortname")),
        LookupKind("priority", "priority", id="priorityid", tells=("slaid",)),
        LookupKind("ticket_type", "ticket_type", tells=("use", "group_name")),
        LookupKind("team", "team", tells=("department_name",)),
        LookupKind("agent", "agent", ("name", "email"), search="search", tells=("email", "team")),
        LookupKind("client", "client", search="search", tells=("toplevel_name",)),
        LookupKind("category", "category", ("value", "category_name"), tells=("value", "type_id")),
        LookupKind("site", "site", ("name", "clientsite_name"), search="search", tells=("client_name",)),
        LookupKind(
            "user", "users", ("name", "emailaddress"), search="search", tells=("client_name", "emailaddress")
        ),
    )
}
"""A priority has one row per SLA, identified by a UUID; tickets refer to its `priorityid`."""


def kind_named(name: str) -> LookupKind:
    """Return the kind of this name; `Ticket Type`, `type`, `statuses` and `clients` are understood.

    :raises InvalidRequestError: there is none; the message lists all.
    """
    found = _spellings().get(_squeeze_name(name)) if isinstance(name, str) else None
    if found is None:
        near = did_you_mean(str(name), KINDS)
        raise InvalidRequestError(
            f"{shorten(name)} cannot be looked up{near or '.'} Use one of {', '.join(KINDS)}."
        )
    return found


def _squeeze_name(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


@cache
def _spellings() -> dict[str, LookupKind]:
    """Return each kind by its own name and by its resource's, in both grammatical numbers."""
    by_resource = {kind.resource: kind for kind in KINDS.values()}
    others = {alias: by_resource[name] for alias, name in aliases().items() if name in by_resource}
    types = dict.fromkeys(("type", "types"), KINDS["ticket_type"])
    return {_squeeze_name(name): kind for name, kind in {**by_resource, **others, **types, **KINDS}.items()}
