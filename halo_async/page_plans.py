"""From the request of a list call to the plan by which its pages are read."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from attrs import evolve

from halo_async.answers import row_maker
from halo_async.declaration import Operation
from halo_async.errors import InvalidRequestError
from halo_async.list_answer import Answer, list_reader
from halo_async.pages import Pages, Plan
from halo_async.transport.values import Request, Response
from halo_async.walk import DEFAULT_SIZE, OneRequest, PageNumbers, Walk

if TYPE_CHECKING:
    from halo_async.continuation import Locator
    from halo_async.resource import Sender

_PAGING = frozenset({"pageinate", "page_no", "page_size"})


def pages(sender: Sender, operation: Operation, request: Request) -> Pages[Any]:
    """The pages of a list's or a proxy's call."""
    plan = proxy_plan if operation.kind == "proxy" else list_plan
    return Pages(plan(sender, operation, request))


def list_plan(sender: Sender, operation: Operation, request: Request) -> Plan[Any]:
    """The plan of a list: by page numbers, unless it is not paged or the caller wants it otherwise."""
    given = dict(request.query)
    paged = operation.paged and _wants_paging(given)
    bare = evolve(request, query=tuple(pair for pair in request.query if pair[0] not in _PAGING))
    return Plan(
        name=operation.name,
        walk=_page_numbers(given) if paged else lambda limit: OneRequest(),
        fetch=_fetcher(sender, bare if paged else request, list_reader(operation.key)),
        make=row_maker(operation.result, operation.stub.__module__),
    )


def _wants_paging(given: Mapping[str, str]) -> bool:
    """Not where the caller turned it off, or asks for the first `count` rows (it works without paging only)."""
    if "pageinate" in given:
        return given["pageinate"] == "true"
    return "count" not in given


def _page_numbers(given: Mapping[str, str]) -> Callable[[int | None], Walk]:
    first = _positive("page_no", given.get("page_no", "1"))
    size = _positive("page_size", given["page_size"]) if "page_size" in given else None

    def start(limit: int | None) -> Walk:
        wanted = size or (DEFAULT_SIZE if limit is None else max(1, min(limit, DEFAULT_SIZE)))
        return PageNumbers(size=wanted, first=first, limit=limit)

    return start


def _positive(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise InvalidRequestError(f"{name} is a number from 1")
    return int(text)


def proxy_plan(
    sender: Sender,
    operation: Operation,
    request: Request,
    rows_at: Locator | None = None,
    token_at: Locator | None = None,
) -> Plan[Any]:
    """The plan of a proxy: by its declared continuation."""
    from halo_async.continuation import Following, proxy_reader

    how = operation.continuation
    assert how is not None  # `op.proxy` gives each one
    given = dict(request.query)
    own = {how.parameter, how.also}
    bare = evolve(request, query=tuple(pair for pair in request.query if pair[0] not in own))
    return Plan(
        name=operation.name,
        walk=lambda limit: Following(how, given, token_at),
        fetch=_fetcher(sender, bare, proxy_reader(rows_at)),
        make=row_maker(operation.result, operation.stub.__module__),
        found_at=lambda rows, token: proxy_plan(sender, operation, request, rows, token),
    )


def _fetcher(
    sender: Sender, request: Request, read: Callable[[Response], Answer]
) -> Callable[[Mapping[str, str]], Awaitable[Answer]]:
    def fetch(params: Mapping[str, str]) -> Awaitable[Answer]:
        return sender.send(evolve(request, query=(*request.query, *params.items())), read)

    return fetch
