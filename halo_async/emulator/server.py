"""The HTTP server: sockets and headers in, handlers asked, bytes out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from urllib.parse import parse_qsl

import attrs
from aiohttp import web

from halo_async.clock import Clock
from halo_async.emulator.answers import Answers
from halo_async.emulator.call import Call
from halo_async.emulator.documents import Documents
from halo_async.emulator.errors import Refused
from halo_async.emulator.journal import Journal, RecordedRequest
from halo_async.emulator.limit import RollingLimit
from halo_async.emulator.login import Login
from halo_async.emulator.reply import Reply, empty
from halo_async.emulator.routes import Match

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
MAX_BODY = 256 * 1024 * 1024


@attrs.define(eq=False)
class Service:
    """What answers requests; it knows nothing of sockets."""

    documents: Documents
    login: Login
    limit: RollingLimit
    journal: Journal
    clock: Clock
    answers: Answers | None = None

    def answer(self, entry: RecordedRequest, origin: str) -> Reply:
        """The answer to a request, whatever it is."""
        path = entry.path.lower()
        if path == "/api/authinfo":
            return self.login.authinfo(origin)
        if path == "/auth/token":
            return self._token(entry)
        if path == "/api/swagger/v2/swagger.json":
            return self.documents.swagger()
        if path.startswith("/api/"):
            entry.path = entry.path[len("/api") :]
            return self._api(entry)
        return empty(404)

    def _token(self, entry: RecordedRequest) -> Reply:
        if entry.method != "POST":
            return empty(405)
        form = dict(parse_qsl(entry.body.decode("utf-8", "replace"), keep_blank_values=True))
        tenant = next((value for name, value in entry.query if name.lower() == "tenant"), None)
        return self.login.token(tenant, form)

    def _api(self, entry: RecordedRequest) -> Reply:
        match = self.documents.routes.find(entry.path, entry.method)
        if match is not None:
            entry.template = match.path
        try:
            self.login.holder(entry.headers.get("authorization"))
        except Refused as refused:
            return refused.reply
        if not self.limit.admit():
            return self.limit.refusal()
        return empty(404) if match is None else self._matched(entry, match)

    def _matched(self, entry: RecordedRequest, match: Match) -> Reply:
        operation = match.operation(entry.method)
        if operation is None:
            allowed = ", ".join(method.upper() for method in match.methods)
            return Reply(405, headers={"Allow": allowed})
        entry.operation = operation.name
        call = Call(operation, match.values, entry.query, entry.body, entry.headers)
        if self.answers is None:
            self.answers = self.documents.answers()
        reply = self.answers.to(call)
        declared = operation.query_names()
        entry.unknown = tuple(name for name in call.given() if name not in declared)
        entry.unused = tuple(name for name in call.given() if name in declared and name not in call.used)
        return reply


class Server:
    """The sockets of one instance."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._runner: web.ServerRunner | None = None
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on the loopback address; port 0 takes any free one.

        :raises OSError: if the port is taken.
        """
        server = web.Server(self._handle, access_log=None, keepalive_timeout=75.0, tcp_keepalive=False)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.2)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, port).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Close every socket."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        entry = await self._received(request)
        self._service.journal.add(entry)
        try:
            reply = self._service.answer(entry, f"http://{request.host}")
        except asyncio.CancelledError:
            raise
        except Exception:
            # A fault of the emulator itself: say so in the log, and look like the real thing on the wire.
            logger.exception("the emulator failed on %s %s", entry.method, entry.path)
            reply = empty(500)
        entry.status = reply.status
        return response(reply)

    async def _received(self, request: web.BaseRequest) -> RecordedRequest:
        body = await request.content.read(-1)
        headers: Mapping[str, str] = {name.lower(): value for name, value in request.headers.items()}
        query = tuple(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))
        return RecordedRequest(
            request.method, request.rel_url.raw_path, query, headers, body, self._service.clock.time()
        )


def response(reply: Reply) -> web.Response:
    """A reply as aiohttp sends it. An empty one has no content type."""
    made = web.Response(status=reply.status, body=reply.body or None, headers=reply.headers)
    if reply.content_type:
        made.headers["Content-Type"] = reply.content_type
    elif not reply.body:
        made.headers.popall("Content-Type", None)
    return made
