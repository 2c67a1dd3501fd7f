"""Decorators that turn a stub's signature into an operation: `op.list`, `op.get`, `op.upsert` and so on.

A stub is never run. Its signature defines the arguments, the decorator how they are sent, and its return
annotation the result. The decorated function has the stub's own type, for type checkers and for `help()`,
and its `Operation` at `.operation`.
"""

from __future__ import annotations

import builtins
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

import msgspec

from halo_async._operations.operation import OVERLAP as OVERLAP
from halo_async._operations.operation import Operation, bind
from halo_async._operations.request_builder import build_request, sent_rows
from halo_async._operations.response_decoding import decode_as, decoder, successful
from halo_async.records.converters import is_record

if TYPE_CHECKING:
    from halo_async._operations.resource import Resource
    from halo_async.pagination.pages import Pages
    from halo_async.transport.types import Request

ListStub = TypeVar("ListStub", bound="Callable[..., Pages[Any]]")
AsyncStub = TypeVar("AsyncStub", bound=Callable[..., Awaitable[Any]])

Names = Mapping[str, str]
_NO_NAMES: Names = {}
_BY_ID = ("id",)


def list(
    path: str,
    *,
    rows_key: str | None = None,
    unpaged: str | None = None,
    paged: bool = True,
    paging: Literal["count", "older_than_id"] | None = None,
    identity: tuple[str, ...] = _BY_ID,
    names: Names = _NO_NAMES,
) -> Callable[[ListStub], ListStub]:
    """Declare a list; its stub is not a coroutine and returns `Pages[...]`.

    The stub's argument `on_incomplete` is for the client; all others are the query.

    :param rows_key: where an envelope has its rows; None for a bare array.
    :param unpaged: `"array"` if the response is a bare array unless paged.
    :param paged: whether to ask page by page; else it is one request with nothing added.
    :param paging: the parameter by which a list that repeats its first page is read whole instead.
    :param identity: the fields that tell one row from the others, where `id` alone does not.
    :param names: Halo's names of arguments that Python spells otherwise.
    """

    def decorate(stub: ListStub) -> ListStub:
        operation = Operation(
            "GET",
            path,
            "list",
            stub,
            names,
            rows_key=rows_key,
            unpaged=unpaged,
            paged=paged and paging is None,
            paging=paging,
            identity=identity,
        )
        return _declared(_paging(operation), operation, stub)

    return decorate


def changes(
    listing: Callable[..., Pages[Any]], *, since: str, stamp: str | None = None
) -> Callable[[ListStub], ListStub]:
    """Declare the rows of a list that changed since a point in time.

    The stub has the arguments `when` and `overlap`, and those of the list except the one named by `since`.
    It is not an operation of its own, and has no `.operation`.

    :param since: the list's parameter for the point in time.
    :param stamp: the field with the time of a row's last change.
    """
    listed: Operation = listing.operation  # type: ignore[attr-defined]

    def decorate(stub: ListStub) -> ListStub:
        call: Any = _paging(
            msgspec.structs.replace(listed, kind="changes", stub=stub, since=since, stamp=stamp)
        )
        call.stamp = stamp  # for those who look for changes again and again
        return cast(ListStub, call)

    return decorate


def proxy(
    path: str,
    *,
    cursor: str = "page",
    parameter: str = "page",
    paging_flag: str | None = None,
    size: str | None = None,
    secondary_parameter: str | None = None,
    rows: str | None = None,
    names: Names = _NO_NAMES,
) -> Callable[[ListStub], ListStub]:
    """Declare a proxy that responds page by page: see `CursorParameters` for the parameters.

    The stub's arguments `on_incomplete`, `rows_path` and `next_path` are for the client.
    """
    from halo_async._operations.operation import CursorParameters

    how = CursorParameters(cursor, parameter, paging_flag, size, secondary_parameter, rows)

    def decorate(stub: ListStub) -> ListStub:
        operation = Operation("GET", path, "proxy", stub, names, cursor=how)
        return _declared(_paging(operation), operation, stub)

    return decorate


def get(path: str, *, names: Names = _NO_NAMES) -> Callable[[AsyncStub], AsyncStub]:
    """Declare reading one object, such as a `models.Ticket`, by its id."""
    return _awaiting("GET", path, "get", names)


def get_raw(path: str, *, names: Names = _NO_NAMES) -> Callable[[AsyncStub], AsyncStub]:
    """Declare reading any JSON, text or bytes."""
    return _awaiting("GET", path, "get_raw", names)


def delete(path: str, *, names: Names = _NO_NAMES) -> Callable[[AsyncStub], AsyncStub]:
    """Declare deleting one object, which Halo may return: `-> models.Ticket | None`."""
    return _awaiting("DELETE", path, "delete", names)


def upsert(path: str, *, names: Names = _NO_NAMES) -> Callable[[AsyncStub], AsyncStub]:
    """Declare a POST of an array of records that returns a sequence.

    Nothing is sent for an empty array.
    """
    return _awaiting("POST", path, "upsert", names, body="json")


def call(
    path: str, *, method: str = "POST", body: str | None = None, names: Names = _NO_NAMES
) -> Callable[[AsyncStub], AsyncStub]:
    """Declare any other request.

    Its body is `"json"`, `"multipart"`, a media type such as `"text/plain"`, or none.
    """
    return _awaiting(method, path, "call", names, body=body)


def _awaiting(
    method: str, path: str, kind: str, names: Names, body: str | None = None
) -> Callable[[AsyncStub], AsyncStub]:
    def decorate(stub: AsyncStub) -> AsyncStub:
        operation = Operation(method, path, kind, stub, names, body=body)
        decode: builtins.list[Callable[..., Any]] = []

        @wraps(stub)
        async def invoke(self: Resource, /, *args: Any, **given: Any) -> Any:
            arguments = bind(operation, args, given)
            if kind == "upsert":
                _check_ids(type(self), operation, arguments)
            if operation.body == "json":
                await _name_custom_fields(self, operation, arguments)
            request = build_request(operation, arguments, self.options)
            if kind == "upsert" and request.body == b"[]":
                return []
            if not decode:  # the result's class is resolved by the first call
                decode.append(_decoder(operation))
            result = await self.sender.send(request, decode[0])
            return _written(type(self), operation, request, result) if kind == "upsert" else result

        return _declared(invoke, operation, stub)

    return decorate


def _decoder(operation: Operation) -> Callable[..., Any]:
    if operation.kind == "upsert":
        from halo_async.writing.response_matching import response_decoder

        return response_decoder(operation)
    decode = decoder(operation.result, operation.stub.__module__)
    return decode if operation.method == "GET" else successful(decode)


def _written(resource: type[Resource], operation: Operation, request: Request, response: Any) -> Any:
    """The records that came back, each at the place of its row; in a dry run what was not sent."""
    from halo_async.writing.response_matching import WriteResponse, records_of

    if not isinstance(response, WriteResponse):
        return response
    return records_of(resource, operation, sent_rows(request), response)


def _check_ids(resource: type[Resource], operation: Operation, arguments: dict[str, Any]) -> None:
    """Refuse rows that lost their id: Halo would create them again."""
    from halo_async.writing.record_keys import checked_rows  # not loaded before the first write

    name = cast(str, operation.body_name)
    rows = arguments[name]
    if rows is not None and not isinstance(rows, Mapping | str) and not is_record(rows):
        arguments[name] = checked_rows(resource, rows)


async def _name_custom_fields(self: Resource, operation: Operation, arguments: dict[str, Any]) -> None:
    """Set the ids of the custom fields that were set by name."""
    from halo_async.custom_fields.naming import with_ids

    name = operation.body_name or ""
    body = arguments.get(name)
    record = operation.result.removeprefix("Sequence[").removesuffix("]")
    if is_record(body):
        kind: Any = type(body)
        (arguments[name],) = await with_ids(self.sender, kind, [body])
    elif isinstance(body, builtins.list) and record.startswith("models."):
        cls = decode_as(record, operation.stub.__module__)
        arguments[name] = await with_ids(self.sender, cls, body)


def _paging(operation: Operation) -> Callable[..., Pages[Any]]:
    @wraps(operation.stub)
    def invoke(self: Resource, /, *args: Any, **given: Any) -> Pages[Any]:
        from halo_async.pagination.plans import (
            make_pages,  # not loaded before a list is called: it takes 3 ms
        )

        return make_pages(self.sender, operation, bind(operation, args, given), self.options)

    return invoke


def _declared(call: Any, operation: Operation, stub: AsyncStub) -> AsyncStub:
    call.operation = operation
    return cast(AsyncStub, call)
