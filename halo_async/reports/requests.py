"""The two requests that run a report (measured: see the docs)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from attr import evolve

from halo_async.declaration import bind
from halo_async.mixing import declaration_of
from halo_async.payload import encode
from halo_async.reports.guard import check_select
from halo_async.requests import build
from halo_async.transport.values import Request

if TYPE_CHECKING:
    from halo_async.resource import Resource


def saved(resource: Resource, id: int, parameters: Mapping[str, Any]) -> Request:
    """`GET /Report/{id}?includedetails=true&loadreport=true`. :raises TypeError: a parameter is not known."""
    operation = declaration_of(resource, "get")
    request = build(operation, bind(operation, (id,), parameters), resource._options)
    given = {name for name, _ in request.query}
    wanted = [(name, "true") for name in ("includedetails", "loadreport") if name not in given]
    return evolve(request, query=(*wanted, *request.query))


def ad_hoc(resource: Resource, query: str, *, allow_writes: bool) -> Request:
    """`POST /Report` of a report that is loaded and not stored.

    One SELECT only reads, so that it is tried again as a GET would be, and sent in a dry run.

    :raises InvalidRequestError: it is not one SELECT, and that is not allowed.
    """
    if not allow_writes:
        check_select(query)
    options = resource._options
    report = {"id": 0, "name": "", "sql": query, "_testonly": False, "_loadreportonly": True}
    return Request(
        "POST",
        "/Report",
        query=options.params,
        body=encode([report]),
        headers=options.headers,
        timeout=options.timeout,
        retry="always" if options.retry == "auto" and not allow_writes else options.retry,
        reads=not allow_writes,
    )
