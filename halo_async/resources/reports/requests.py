"""The two requests that run a report (measured: see the docs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from halo_async._operations.operation import bind
from halo_async._operations.request_builder import build_request
from halo_async._operations.resource import operation_of
from halo_async._operations.serialization import encode_json
from halo_async.resources.reports.guard import check_select
from halo_async.transport.types import Request

if TYPE_CHECKING:
    from halo_async._operations.resource import Resource


def saved(resource: Resource, id: int, parameters: Mapping[str, Any]) -> Request:
    """Build `GET /Report/{id}?includedetails=true&loadreport=true`.

    :raises TypeError: a parameter is not known.
    """
    operation = operation_of(resource, "get")
    request = build_request(operation, bind(operation, (id,), parameters), resource.options)
    given = {name for name, _ in request.query}
    wanted = [(name, "true") for name in ("includedetails", "loadreport") if name not in given]
    return msgspec.structs.replace(request, query=(*wanted, *request.query))


def ad_hoc(resource: Resource, query: str, *, allow_writes: bool) -> Request:
    """Build the `POST /Report` of a report that is loaded and not stored.

    One SELECT only reads, so it is retried like a GET, and sent in a dry run.

    :raises InvalidRequestError: it is not one SELECT, and that is not allowed.
    """
    if not allow_writes:
        check_select(query)
    options = resource.options
    report = {"id": 0, "name": "", "sql": query, "_testonly": False, "_loadreportonly": True}
    return Request(
        "POST",
        "/Report",
        query=options.params,
        body=encode_json([report]),
        headers=options.headers,
        timeout=options.timeout,
        retry="always" if options.retry == "auto" and not allow_writes else options.retry,
        reads=not allow_writes,
    )
