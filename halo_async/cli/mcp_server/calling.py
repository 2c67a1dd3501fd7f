"""`call_operation`: reads at once, writes in two steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.operation import Operation, bind
from halo_async._operations.request_builder import build_request
from halo_async._operations.serialization import plain_json
from halo_async.cli.mcp_server.arguments import NOTHING_GIVEN, arguments_of
from halo_async.cli.mcp_server.budget import ENVELOPE, tokens_of
from halo_async.cli.mcp_server.catalogue import Catalogue
from halo_async.cli.mcp_server.confirmation import LIFETIME, PendingWrites
from halo_async.cli.mcp_server.cursors import digest_of, read_cursor
from halo_async.cli.mcp_server.options import ServerOptions
from halo_async.cli.mcp_server.redaction import mask_secrets
from halo_async.cli.mcp_server.refusals import RefusedError
from halo_async.cli.mcp_server.results import DATA_NOTE, ResultShape, picked, rows_result, value_result
from halo_async.cli.mcp_server.row_reading import read_rows
from halo_async.cli.mcp_server.side_effects import changes_data
from halo_async.pagination.pages import Pages
from halo_async.transport.dry_run import prepare

if TYPE_CHECKING:
    from halo_async.client import Client
    from halo_async.transport.prepared_request import PreparedRequest

_SHOWN = (
    "Nothing was sent. Show this request to the user. Only if the user agrees, repeat the call with the same "
    f"arguments and this `confirm`, within {LIFETIME:.0f} seconds."
)


@attrs.frozen
class ToolCall:
    """The input of `call_operation`."""

    operation: str
    arguments: Mapping[str, Any]
    body: Any = NOTHING_GIVEN
    confirm: str | None = None
    cursor: str | None = None
    shape: ResultShape = attrs.field(factory=ResultShape)

    @property
    def given(self) -> dict[str, Any]:
        """Input that decides the request, as the assistant gave it."""
        body = {} if self.body is NOTHING_GIVEN else {"body": self.body}
        return {"arguments": dict(self.arguments), **body}


class OperationCaller:
    """Calls operations of one client."""

    def __init__(self, halo: Client, catalogue: Catalogue, options: ServerOptions) -> None:
        self._halo = halo
        self._catalogue = catalogue
        self._options = options
        self._pending = PendingWrites(halo.transport.options.clock)

    async def call(self, wanted: ToolCall) -> dict[str, Any]:
        """Return a result, or a write to be confirmed.

        :raises RefusedError: it is not allowed, or not possible as it is.
        :raises HaloError: the request failed.
        """
        operation = self._catalogue.lookup(wanted.operation)
        _refuse_loading(operation, wanted.arguments)
        if changes_data(operation, _by_python_name(operation, wanted.arguments)):
            self._check_writable(operation)
            return await self._call_write(operation, wanted)
        if wanted.confirm is not None:
            raise RefusedError(f"{operation.name} only reads. Leave `confirm` out.")
        arguments = arguments_of(operation, wanted.arguments, wanted.body)
        return await self._call_read(operation, arguments, wanted)

    def _check_writable(self, operation: Operation) -> None:
        if not self._options.allow_writes:
            raise RefusedError(
                f"{operation.name} changes data ({operation.method} {operation.path}), and this server only reads. "
                "Do not try another way. Tell the user that `halo-async mcp --allow-writes` permits it, with a "
                "confirmation for each write."
            )

    async def _call_read(
        self, operation: Operation, arguments: dict[str, Any], wanted: ToolCall
    ) -> dict[str, Any]:
        call = digest_of(operation.name, wanted.given, wanted.shape.fields)
        place = read_cursor(wanted.cursor, call)
        found = self._method(operation)
        if operation.kind in ("list", "proxy"):
            rows = await read_rows(found, operation, arguments, place, wanted.shape)
            return rows_result(rows, place, wanted.shape)
        return value_result(await found(**arguments), place, wanted.shape)

    def _method(self, operation: Operation) -> Callable[..., Any]:
        method: Callable[..., Any] = attrgetter(operation.name)(self._halo)
        return method

    async def _call_write(self, operation: Operation, wanted: ToolCall) -> dict[str, Any]:
        arguments = arguments_of(operation, wanted.arguments, wanted.body)
        prepared = await self._prepared(operation, arguments)
        if wanted.confirm is None:
            return self._show_request(operation, wanted, prepared)
        self._pending.confirm(wanted.confirm, operation.name, wanted.given, prepared)
        result = self._method(operation)(**arguments)
        value = (await result.all()) if isinstance(result, Pages) else await result
        return _done(value, wanted.shape)

    async def _prepared(self, operation: Operation, arguments: dict[str, Any]) -> PreparedRequest:
        if operation.method == "GET":  # a dry run would send it
            request = build_request(operation, bind(operation, (), arguments), self._halo.options)
            return await prepare(self._halo.transport.instance, request, "Authorization")
        with self._halo.dry_run() as prepared:
            await self._method(operation)(**arguments)
        if len(prepared) != 1:
            raise RefusedError(f"{operation.name} would send nothing with these arguments. Check the body.")
        return prepared[0]

    def _show_request(
        self, operation: Operation, wanted: ToolCall, prepared: PreparedRequest
    ) -> dict[str, Any]:
        request = {
            "method": prepared.method,
            "url": prepared.url,
            "headers": dict(prepared.headers),
            "body": _body_of(prepared),
        }
        size = tokens_of(request) + ENVELOPE
        if size > wanted.shape.budget:
            raise RefusedError(
                f"The request has about {size:,} tokens, and {wanted.shape.budget:,} can be shown for confirmation. "
                "Send fewer rows or fields per call."
            )
        token = self._pending.show(operation.name, wanted.given, prepared)
        return {"status": "confirmation_required", "request": request, "confirm": token, "note": _SHOWN}


def _by_python_name(operation: Operation, given: Mapping[str, Any]) -> dict[str, Any]:
    by_wire = {item.name: item.python_name for item in operation.parameters}
    return {by_wire.get(name, name): value for name, value in given.items()}


def _refuse_loading(operation: Operation, given: Mapping[str, Any]) -> None:
    """A report is only run where its SQL is looked at."""
    loads = {name.lower().strip("_") for name, value in given.items() if value not in (None, False, "false")}
    if operation.name == "report.get" and loads & {"loadreport", "loadreportonly"}:
        raise RefusedError("report.get does not run reports here. Use run_report with its id.")


def _body_of(prepared: PreparedRequest) -> Any:
    if not prepared.body:
        return None
    try:
        return mask_secrets(prepared.json())
    except ValueError:
        pass
    try:
        return prepared.body.decode()
    except UnicodeDecodeError:
        return f"{len(prepared.body):,} bytes with binary content"


def _done(value: Any, shape: ResultShape) -> dict[str, Any]:
    """The result of a write, which must not look undone because its response is long."""
    data = mask_secrets(plain_json(value)) if not isinstance(value, bytes) else None
    data = (
        [picked(row, shape.fields) for row in data] if isinstance(data, list) else picked(data, shape.fields)
    )
    note = f"The write is done. {DATA_NOTE}"
    if tokens_of(data) + ENVELOPE > shape.budget:
        data = _ids_of(data)
        note = "The write is done. Its response is too long to show; `data` has the ids that it contains."
    return {"status": "done", "data": data, "note": note}


def _ids_of(data: Any) -> Any:
    rows = data if isinstance(data, list) else [data]
    return [row.get("id") for row in rows if isinstance(row, dict)][:500]
