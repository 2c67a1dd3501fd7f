"""From a matched request to its response: handler dispatch, and what every handler shares."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from halo_async.emulator import lists, proxies, reads, writes
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.data.generic import maker
from halo_async.emulator.errors import Refused
from halo_async.emulator.files import attachments
from halo_async.emulator.handlers import custom as special
from halo_async.emulator.query_binding import check_query
from halo_async.emulator.reply import Reply, json_reply
from halo_async.emulator.routes import EmulatedOperation
from halo_async.emulator.schema import Schema, response_schema
from halo_async.emulator.state import EmulatorState


def _is_file(operation: EmulatedOperation) -> bool:
    content = operation.raw.get("responses", {}).get("200", {}).get("content", {})
    return "application/octet-stream" in content


@attrs.define
class EmulatedResponses:
    """Configuration that shapes the responses of one instance."""

    world: EmulatorState
    limits: lists.ListLimits = attrs.field(factory=lists.ListLimits)
    sources: Mapping[str, proxies.Behind] = attrs.field(factory=dict)

    def to(self, call: EmulatorCall) -> Reply:
        """Return the response to one request."""
        try:
            undocumented = special.beyond(call)
            if undocumented is not None:
                return undocumented
            reads.check_path(call)
            check_query(call)
            return self._handled(call)
        except Refused as refused:
            return refused.reply

    def _handled(self, call: EmulatorCall) -> Reply:
        operation = call.operation
        handler = special.HANDLERS.get((operation.method, operation.path))
        if handler is not None:
            return handler(self.world, self.limits, call)
        if operation.method == "GET" and operation.path.startswith("/IntegrationData/"):
            return proxies.respond(self.world, self.sources, call)
        if _is_file(operation):
            return attachments.file(self.world, call)
        match operation.kind:
            case "list":
                return lists.respond(self.world, self.limits, call)
            case "get":
                return reads.get(self.world, call)
            case "delete":
                return reads.delete(self.world, call)
            case "upsert":
                return writes.upsert(self.world, call)
            case "call":
                return writes.send(self.world, call)
            case _:
                return self._fetched(call)

    def _fetched(self, call: EmulatorCall) -> Reply:
        """Handle a GET that is neither list nor object by id: by its schema, else as an object (guess)."""
        schema = response_schema(call.operation.raw)
        if schema is None:
            return json_reply(lists.without_nulls(self.world.table(call.operation.path).full(1)))
        return json_reply(self._make_value(call, schema))

    def _make_value(self, call: EmulatorCall, schema: Schema) -> object:
        schemas, path = self.world.schemas, call.operation.path
        resolved = schemas.resolve(schema)
        if resolved.get("type") == "array" or resolved.get("properties"):
            table = self.world.table(path)
            rows = [lists.without_nulls(table.row(id)) for id in table.ids]
            return rows if resolved.get("type") == "array" else rows[0]
        make = maker("value", resolved)
        return make(7) if make else {}
