"""HTTP server: parses sockets and headers, calls the service, sends bytes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import parse_qsl
from weakref import WeakSet

from aiohttp import web

from halo_async._utils.background import complete
from halo_async.emulator import admin
from halo_async.emulator.compression import compressed
from halo_async.emulator.faults import Fault, stage
from halo_async.emulator.faults.beside import HELD, Creating
from halo_async.emulator.faults.line import RawConnection
from halo_async.emulator.faults.table import ASK, BESIDE, INSTEAD, REWRITE, WIRE
from halo_async.emulator.files import scanning, sending
from halo_async.emulator.journal import RecordedRequest
from halo_async.emulator.reply import Reply, empty
from halo_async.emulator.routes import RouteMatch
from halo_async.emulator.service import EmulatorService

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"


class Server:
    """Sockets of one instance."""

    def __init__(self, service: EmulatorService, controls: admin.Controls) -> None:
        self._service = service
        self._controls = controls
        self._runner: web.ServerRunner | None = None
        # Connections whose next request is reset.
        self._doomed: WeakSet[asyncio.Transport] = WeakSet()
        self._creating = Creating()
        self.port = 0

    async def start(self, port: int, *, separate_auth: bool = False, presigned: bool = False) -> None:
        """Listen on the loopback address; port 0 takes any free one. The auth root and a store of files can
        have their own.

        :raises OSError: the port is taken.
        """
        # A client that disconnects ends its handler: stalled responses must not outlive it.
        server = web.Server(self._handle, access_log=None, handler_cancellation=True)
        runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.2)
        await runner.setup()
        try:
            # Cancelled in its last step, asyncio would leave a port open with nobody to close it.
            await complete(web.TCPSite(runner, HOST, port).start())
            if separate_auth:
                await complete(web.TCPSite(runner, HOST, 0).start())
                self._service.auth_origin = f"http://{HOST}:{runner.addresses[1][1]}"
            if presigned:
                await complete(web.TCPSite(runner, HOST, 0).start())
                self._service.shelf.origin = f"http://{HOST}:{runner.addresses[-1][1]}"
        except BaseException:
            await complete(runner.cleanup())
            raise
        self._runner = runner
        self.port = int(runner.addresses[0][1])

    async def stop(self) -> None:
        """Close every socket."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()
        self._service.shelf.close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        transport = request.transport
        if transport is not None and transport in self._doomed:
            RawConnection(transport, self._service.clock).reset()
            return web.Response()
        if self._service.shelf.origin == f"http://{request.host}":
            return await self._store(request)
        entry = await self._record_request(request)
        if entry.path.startswith(admin.ROOT):
            return response(await admin.respond(self._controls, entry))
        match = self._service.received(entry)
        fault = self._service.faults.choose(entry)
        with self._creating.entered(entry) as is_beside:
            delay = 0 if fault is None else fault.option("delay", HELD if stage(fault) == "beside" else 0)
            if delay:
                await self._service.clock.sleep(float(delay))
            if fault is not None and is_beside and stage(fault) == "beside":
                reply = BESIDE[fault.number][fault.variant or ""](fault)
            else:
                reply = self._make_reply(entry, match, fault, f"http://{request.host}")
        entry.status = reply.status
        if fault is not None and reply.stream is not None:
            reply.body, reply.stream = b"".join(reply.stream()), None  # faults change the bytes
        if fault is not None and transport is not None and stage(fault) == "wire":
            return await self._by_hand(transport, reply, fault)
        if reply.stream:
            return await sending.write(request, reply)
        reply = compressed(reply, self._service.behaviour.encodings, entry.headers.get("accept-encoding", ""))
        return response(reply, formatdate(self._service.clock.time(), usegmt=True))

    async def _store(self, request: web.BaseRequest) -> web.StreamResponse:
        entry = self._entry(request, b"")
        self._service.journal.add(entry)
        reply = await sending.put(request, self._service.shelf)
        entry.status = reply.status
        return response(reply)

    def _make_reply(
        self, entry: RecordedRequest, match: RouteMatch | None, fault: Fault | None, origin: str
    ) -> Reply:
        kind = stage(fault) if fault else ""
        if fault and kind == "instead":
            return INSTEAD[fault.number][fault.variant or ""](fault)
        if fault and kind == "ask":
            # The request log keeps the original request; only its interpretation changes.
            entry.understood = ASK[fault.number][fault.variant or ""](entry.query, fault)
        try:
            reply = self._service.respond(entry, match, origin)
        except Exception:
            # A fault of the emulator itself: log it, and look like the real thing on the wire.
            logger.exception("the emulator failed on %s %s", entry.method, entry.path)
            return empty(500)
        return (
            REWRITE[fault.number][fault.variant or ""](reply, fault) if fault and kind == "rewrite" else reply
        )

    async def _by_hand(self, transport: asyncio.Transport, reply: Reply, fault: Fault) -> web.StreamResponse:
        line = RawConnection(transport, self._service.clock)
        await WIRE[fault.number][fault.variant or ""](line, reply, fault)
        if line.doomed:
            self._doomed.add(transport)
            return response(reply)
        # The connection is closed by now: aiohttp drops unsendable data.
        return web.Response()

    async def _record_request(self, request: web.BaseRequest) -> RecordedRequest:
        if (request.content_length or 0) > scanning.LARGE and request.path.lower() == "/api/attachment":
            return self._entry(request, await scanning.without_files(request.content, self._service.shelf))
        return self._entry(request, await request.content.read(-1))

    def _entry(self, request: web.BaseRequest, body: bytes) -> RecordedRequest:
        headers: Mapping[str, str] = {name.lower(): value for name, value in request.headers.items()}
        query = tuple(parse_qsl(request.rel_url.raw_query_string, keep_blank_values=True))
        path = request.rel_url.raw_path
        api = path.lower().startswith("/api/")
        now = self._service.clock.time()
        return RecordedRequest(request.method, path, query, headers, body, now, api=api)


def response(reply: Reply, date: str | None = None) -> web.Response:
    """Convert a reply for aiohttp. An empty one has no content type.

    :param date: its `Date`, by the instance's clock.
    """
    made = web.Response(status=reply.status, body=reply.body or None, headers=reply.headers)
    if date is not None and "Date" not in made.headers:
        made.headers["Date"] = date
    if reply.content_type:
        made.headers["Content-Type"] = reply.content_type
    elif not reply.body:
        made.headers.popall("Content-Type", None)
    return made
