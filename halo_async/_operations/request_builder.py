"""From an operation and its arguments to the request that is sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from halo_async._operations.operation import Operation
from halo_async._operations.serialization import encode_json, form_fields, path_text, query_pairs, typed
from halo_async._utils.private_struct import PrivateStruct
from halo_async.records.converters import is_record
from halo_async.transport.types import Request

if TYPE_CHECKING:
    from halo_async.measurements import Measurements

Pairs = tuple[tuple[str, str], ...]


class CallOptions(PrivateStruct, frozen=True, eq=False):  # headers may contain secrets
    """Options that `with_options` adds to every call of a resource."""

    params: tuple[tuple[str, str], ...] = ()
    timeout: float | None = None
    headers: tuple[tuple[str, str], ...] = ()
    retry: str = "auto"
    measurements: Measurements | None = None
    """Measured behaviour of the instance, which all calls of its client act on."""
    strict: bool = False
    """True to check queries and bodies against the document before anything is sent."""


NO_OPTIONS = CallOptions()
_ALL = "returnall"
"""Without it the response to a POST of several records is the last of them."""


def build_request(
    operation: Operation, arguments: Mapping[str, Any], options: CallOptions = NO_OPTIONS
) -> Request:
    """Build the request of one call.

    :raises InvalidRequestError: a value would change the meaning of the path, or is not finite.
    :raises TypeError: a value cannot be serialized in a path, query or body.
    """
    body, form, kind = _build_body(operation, arguments)
    request = Request(
        method=operation.method,
        path=expand_path(operation, arguments),
        query=_query(operation, arguments, options),
        body=body,
        form=form,
        headers=_headers(options, kind),
        timeout=options.timeout,
        retry=options.retry,
    )
    if options.strict:
        from halo_async._operations.strict import check_strictly

        check_strictly(operation, request)
    return request


def sent_rows(request: Request) -> list[dict[str, Any]]:
    """The rows in the body of an upsert."""
    rows: list[dict[str, Any]] = msgspec.json.decode(request.body or b"[]")
    return rows


def expand_path(operation: Operation, arguments: Mapping[str, Any]) -> str:
    """Return the path with its parameters filled in."""
    segments = operation.path_segments
    filled = [path_text(name, arguments[name]) for name in operation.path_params]
    return segments[0] + "".join(a + b for a, b in zip(filled, segments[1:], strict=True))


def _query(
    operation: Operation, arguments: Mapping[str, Any], options: CallOptions
) -> tuple[tuple[str, str], ...]:
    own = operation.positional
    pairs = [
        pair
        for name, value in arguments.items()
        if name not in own
        for pair in query_pairs(operation.api_name(name), value)
    ]
    if options.params:
        given = {name for name, _ in pairs}
        pairs += _as_declared(operation, [pair for pair in options.params if pair[0] not in given])
    if operation.kind == "upsert" and _ALL in operation.keywords and _ALL not in arguments:
        pairs += [] if any(name == _ALL for name, _ in pairs) else [(_ALL, "true")]
    return (
        tuple(pairs)
        if options.measurements is None
        else as_measured(operation, options.measurements, tuple(pairs))
    )


def as_measured(operation: Operation, measurements: Measurements | None, pairs: Pairs) -> Pairs:
    """Return query parameters as this instance understands them: several ids by repeated names, if not by commas.

    :param measurements: None if nothing was measured.
    """
    if measurements is None or not measurements.repeats(operation.resource):
        return pairs
    types = operation.stub.__annotations__
    several = {operation.api_name(name) for name in operation.keywords if "Many[" in str(types.get(name))}
    return tuple(
        (name, part) for name, text in pairs for part in (text.split(",") if name in several else [text])
    )


def _as_declared(operation: Operation, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Query parameters with each name repeated that the document has as a list; other values go as one text."""
    lists = {operation.api_name(name) for name in operation.keywords if _is_list(operation, name)}
    if not lists.intersection([name for name, _ in pairs]):
        return pairs
    return [(name, part) for name, text in pairs for part in (text.split(",") if name in lists else [text])]


def _is_list(operation: Operation, name: str) -> bool:
    return str(operation.stub.__annotations__.get(name, "")).startswith("Sequence[")


def _build_body(
    operation: Operation, arguments: Mapping[str, Any]
) -> tuple[bytes | None, tuple[tuple[str, Any], ...] | None, str | None]:
    """Return the body, or the form, and the content type of a body that is not `application/json`."""
    name = operation.body_name
    value = None if name is None else arguments.get(name)
    if value is None:
        if name in operation.required:
            raise TypeError(f"{name} of {operation.name}() must not be None.")
        return None, None, None
    if operation.kind == "upsert" and (isinstance(value, Mapping | str) or is_record(value)):
        raise TypeError(f"{operation.name}() takes a list of records. Put a single one in [ ].")
    if operation.body == "multipart":
        return None, form_fields(value), None
    if operation.body is not None and "/" in operation.body:
        content, kind = typed(operation.body, value)
        return content, None, kind
    return encode_json(value), None, None


def _headers(options: CallOptions, kind: str | None) -> tuple[tuple[str, str], ...]:
    """Return the headers of `with_options`, which may include the content type."""
    if kind is None or any(name.lower() == "content-type" for name, _ in options.headers):
        return options.headers
    return (*options.headers, ("Content-Type", kind))
