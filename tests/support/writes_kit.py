"""Every resource whose POST takes an array of records, and what is needed to write one of each."""

from __future__ import annotations

import json
from typing import Any

from halo_async import Halo
from halo_async._operations.operation import Operation
from halo_async._operations.resource import operations
from halo_async.emulator import Emulator
from halo_async.records.fields import declared
from halo_async.settings import ClientCredentials
from halo_async.writing.record_keys import keys_of, record_class

UPSERTS = [operation for operation in operations() if operation.kind == "upsert"]
PARENTS = {"actions": {"ticket_id": 3}, "lookup": {"lookupid": 40}, "asset_change": {"asset_id": 3}}
"""What a record belongs to where it cannot be without, or cannot be listed."""


def client(emulator: Emulator, **options: Any) -> Halo:
    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    return Halo(emulator.url, credentials, **{"rate_limit": None, **options})


def resource_of(halo: Halo, operation: Operation) -> Any:
    found: Any = halo
    for part in operation.name.split(".")[:-1]:
        found = getattr(found, part)
    return found


VALUES: dict[str, tuple[Any, Any, Any]] = {
    "str | None": ("first", "second", "third"),
    "int | None": (7, 8, 9),
    "int": (7, 8, 9),
}


def sample_field(resource: type[Any]) -> tuple[str, tuple[Any, Any, Any]]:
    """A plain field of a resource's records, text if there is one, and three values for it."""
    cls = record_class(resource)
    assert cls is not None
    keys = {"id", *keys_of(resource).within}
    plain = {n: text for n, field, text in declared(cls) if field is None and n not in keys and n[0] != "_"}
    plain = plain or {"new_field": "str | None"}  # two schemas of newer instances are known by their id alone
    name = min(plain, key=lambda n: list(VALUES).index(plain[n]) if plain[n] in VALUES else 9)
    return name, VALUES[plain[name]]


def posts(emulator: Emulator) -> list[tuple[str, Any]]:
    """What was posted to the API so far: path and body."""
    sent = [request for request in emulator.requests if request.method == "POST" and request.api]
    return [(request.path, json.loads(request.body)) for request in sent]
