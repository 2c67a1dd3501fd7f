"""Service that responds to requests, independent of sockets."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

import attrs

from halo_async.emulator import strict
from halo_async.emulator.behaviour import USUAL, Behaviour
from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.churn import ChurnRunner
from halo_async.emulator.documents import Documents
from halo_async.emulator.errors import Refused, model_state
from halo_async.emulator.faults import FaultPlan
from halo_async.emulator.files.file_store import UploadedFiles
from halo_async.emulator.handlers.tolerant import update_by_path
from halo_async.emulator.journal import RecordedRequest, RequestLog
from halo_async.emulator.limit import RollingLimit
from halo_async.emulator.login import EmulatedLogin
from halo_async.emulator.reply import Reply, empty
from halo_async.emulator.responses import EmulatedResponses
from halo_async.emulator.routes import RouteMatch
from halo_async.emulator.scopes import allowed
from halo_async.emulator.server_clock import ServerClock
from halo_async.emulator.webhooks.event import Writes


@attrs.define(eq=False)
class EmulatorService:
    """One instance without its sockets."""

    documents: Documents
    login: EmulatedLogin
    limit: RollingLimit
    journal: RequestLog
    clock: ServerClock
    faults: FaultPlan
    stirrer: ChurnRunner
    # If true, reject what is not in the document.
    strict: bool = False
    behaviour: Behaviour = USUAL
    # Auth root, if it is not on the instance's own port.
    auth_origin: str | None = None
    # Events reported by webhooks.
    writes: Writes = attrs.field(factory=Writes)
    shelf: UploadedFiles = attrs.field(factory=UploadedFiles)
    _responses: dict[str | None, EmulatedResponses] = attrs.field(factory=dict)

    @property
    def responses(self) -> EmulatedResponses:
        """The world and its handlers, created on first use."""
        return self.responses_of(None)

    def responses_of(self, tenant: str | None) -> EmulatedResponses:
        """Return the world of one tenant: the instance's own or another's, each with its own seed."""
        if tenant not in self._responses:
            self._responses[tenant] = self.documents.responses(tenant)
            self._responses[tenant].world.tenant = tenant or self.login.identity.tenant
            self._responses[tenant].world.shelf = self.shelf
            self._responses[tenant].world.utc_offset = self.behaviour.utc_offset
        return self._responses[tenant]

    def forget(self) -> None:
        """Discard every write: the next request sees the seeded data again."""
        self._responses.clear()
        self.writes.clear()

    def received(self, entry: RecordedRequest) -> RouteMatch | None:
        """Record a request and match it to an operation; paths of the API lose their ``/api``."""
        self.journal.add(entry)
        lower = entry.path.lower()
        if not lower.startswith("/api/") or lower in ("/api/authinfo", "/api/swagger/v2/swagger.json"):
            return None
        entry.path = entry.path[len("/api") :]
        match = self.documents.routes.find(entry.path, entry.method)
        entry.template = match.path if match else None
        return match

    def respond(self, entry: RecordedRequest, match: RouteMatch | None, origin: str) -> Reply:
        """Return the response to a received request."""
        path = entry.path.lower()
        if path == "/api/authinfo":
            return self.login.authinfo(f"{self.auth_origin or origin}/auth")
        if path == "/api/swagger/v2/swagger.json":
            return self.documents.swagger()
        if path.startswith("/auth/"):
            return self._auth(entry, path, origin)
        return self._api(entry, match) if entry.api else empty(404)

    def _auth(self, entry: RecordedRequest, path: str, origin: str) -> Reply:
        if self.auth_origin not in (None, origin):
            return empty(404)
        if path == "/auth/authorize" and entry.method == "GET":
            return self.login.authorize(dict(entry.query))
        return self._token(entry) if path == "/auth/token" else empty(404)

    def _token(self, entry: RecordedRequest) -> Reply:
        if entry.method != "POST":
            return empty(405)
        form = dict(parse_qsl(entry.body.decode("utf-8", "replace"), keep_blank_values=True))
        tenant = next((value for name, value in entry.query if name.lower() == "tenant"), None)
        return self.login.token(tenant, form)

    def _api(self, entry: RecordedRequest, match: RouteMatch | None) -> Reply:
        try:
            token = self.login.holder(entry.headers)
        except Refused as refused:
            return refused.reply
        if not self.limit.admit(token.tenant):
            return self.limit.refusal()
        if not allowed(token.scopes, entry.method, entry.path):
            return empty(401)
        reply = empty(404) if match is None else self._matched(entry, match, token.tenant)
        if self.behaviour.rate_limit_headers:
            reply.headers.update(self.limit.headers(token.tenant))
        return reply

    def _matched(self, entry: RecordedRequest, match: RouteMatch, tenant: str | None) -> Reply:
        call = self._build_call(entry, match)
        if call is None:
            return Reply(405, headers={"Allow": _allow(match.methods)})
        responses = self.responses_of(tenant)
        operation, world = call.operation, responses.world
        entry.operation = operation.name
        self.stirrer.watch(world)
        reply = self._refuse_call(call) or responses.to(call)
        self.writes.note(world, call, reply, self.clock.time())
        if operation.kind == "list":
            self.stirrer.stir(world, operation.path)
        declared = operation.query_names()
        entry.unknown = tuple(name for name in call.given() if name not in declared)
        entry.unused = tuple(name for name in call.given() if name in declared and name not in call.used)
        return reply

    def _build_call(self, entry: RecordedRequest, match: RouteMatch) -> EmulatorCall | None:
        operation = match.operation(entry.method)
        if operation is None:
            return None if self.strict else update_by_path(self.documents.routes, entry, match)
        return EmulatorCall(
            operation,
            match.values,
            entry.understood or entry.query,
            entry.body,
            entry.headers,
            behaviour=self.behaviour,
        )

    def _refuse_call(self, call: EmulatorCall) -> Reply | None:
        if self.strict:
            return strict.refusal(self.responses.world.schemas, call)
        if self.behaviour.unknown_parameters == "ignored":
            return None
        unknown = strict.unknown_parameters(call)
        return model_state(unknown) if unknown else None


def _allow(methods: Mapping[str, object]) -> str:
    return ", ".join(method.upper() for method in methods)
