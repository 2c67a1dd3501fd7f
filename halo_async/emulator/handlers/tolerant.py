"""Tolerated writes: not described in any document, yet sent by published clients.

haloitsm-python 0.1.0 posts one object where an array is declared, and updates by ``POST /Tickets/{id}``: so
instances are likely to accept both. A strict instance does not.
"""

from __future__ import annotations

import msgspec

from halo_async._utils.json_depth import decode
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.journal import RecordedRequest
from halo_async.emulator.routes import EmulatedOperation, RouteMatch, Routes


def wrapped(value: object) -> object:
    """Return a single object as an array of one."""
    return [value] if isinstance(value, dict) else value


def update_by_path(routes: Routes, entry: RecordedRequest, match: RouteMatch) -> EmulatorCall | None:
    """Return ``POST /Tickets/5`` as the equivalent write to the collection, or None if there is none."""
    operation = _collection(routes, match.path) if entry.method == "POST" else None
    if operation is None:
        return None
    try:
        body = decode(entry.body)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    element = {**body, "id": body.get("id", next(iter(match.values.values())))}
    return EmulatorCall(operation, {}, entry.query, msgspec.json.encode([element]), entry.headers)


def _collection(routes: Routes, path: str) -> EmulatedOperation | None:
    head, _, tail = path.rpartition("/")
    found = routes.find(head, "POST") if tail == "{id}" and head else None
    operation = found.operation("POST") if found else None
    return operation if operation and operation.kind == "upsert" else None
