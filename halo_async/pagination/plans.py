"""From the request of a list call to the plan for reading its pages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec

from halo_async._operations.list_envelope import PageData
from halo_async._operations.operation import OVERLAP, Operation
from halo_async._operations.request_builder import CallOptions, build_request
from halo_async._operations.response_decoding import row_class, row_maker
from halo_async.errors import InvalidRequestError
from halo_async.pagination.list_reading import list_reader
from halo_async.pagination.page_numbers import DEFAULT_SIZE, OneRequest, PageNumbers, Paginator
from halo_async.pagination.page_plan import LinePlan, PagePlan
from halo_async.pagination.pages import CursorPath, Pages
from halo_async.pagination.row_keys import key_by_fields, key_by_version
from halo_async.transport.types import Request, Response

if TYPE_CHECKING:
    from halo_async._operations.resource import Sender
    from halo_async.measurements import Measurements
    from halo_async.pagination.cursor_response import CursorResponse

_PAGING = frozenset({"pageinate", "page_no", "page_size"})


def make_pages(
    sender: Sender, operation: Operation, arguments: dict[str, Any], options: CallOptions
) -> Pages[Any]:
    """Return the pages of a list's or a proxy's call, or of the changes of a list.

    :raises TypeError: an argument cannot be serialized in a query, or is not a client-side option.
    :raises ValueError: `on_incomplete` is neither "raise" nor "warn".
    """
    client_options = {name: arguments.pop(name) for name in operation.client_options if name in arguments}
    if operation.since is not None:
        arguments[operation.since] = _by_either_clock(_compute_start(**client_options), options.measurements)
    request = build_request(operation, arguments, options)
    plan = _proxy_plan if operation.kind == "proxy" else _list_plan
    return Pages(plan(sender, operation, request, options.measurements, **client_options))


def _by_either_clock(moment: datetime, measurements: Measurements | None) -> datetime:
    """Return the earlier of a moment in UTC and the same in the zone of the rows: too many changes, never too few."""
    behind = 0 if measurements is None else measurements.behind_utc
    try:
        return moment - timedelta(minutes=behind)
    except OverflowError:
        return moment


def _compute_start(when: date, overlap: timedelta = OVERLAP, **others: Any) -> datetime:
    """Return the start of the changes; a time without a zone is in UTC, as all of Halo's are."""
    if isinstance(when, date) and not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day)
    if not isinstance(when, datetime) or not isinstance(overlap, timedelta):
        raise TypeError("changed_since() takes a datetime and a timedelta.")
    aware = when if when.tzinfo else when.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC) - overlap
    except OverflowError:  # Halo's "never" has no moment before it
        return datetime.min.replace(tzinfo=UTC)


def _warns(on_incomplete: str) -> bool:
    if on_incomplete not in ("raise", "warn"):
        raise ValueError("on_incomplete must be 'raise' or 'warn'.")
    return on_incomplete == "warn"


def _list_plan(
    sender: Sender,
    operation: Operation,
    request: Request,
    measurements: Measurements | None,
    on_incomplete: str = "raise",
    **others: Any,
) -> PagePlan[Any]:
    """Return the plan of a list: by page numbers, unless it is not paged or the caller disabled paging."""
    given = dict(request.query)
    if operation.paging is not None and not given.keys() & (_PAGING | {"count"}):
        return _repeating_plan(sender, operation, request, given, _warns(on_incomplete))
    paged = operation.paged and _wants_paging(given)
    bare = msgspec.structs.replace(
        request, query=tuple(pair for pair in request.query if pair[0] not in _PAGING)
    )
    rows = RowReader(operation, paged=paged)
    length = (measurements and measurements.page_size(operation.resource)) or DEFAULT_SIZE
    each = bare if paged else request
    return PagePlan(
        name=operation.name,
        paginator=_page_numbers(operation, given, length) if paged else lambda limit: OneRequest(),
        fetch=_fetcher(sender, each, rows.read),
        make=rows.make,
        lines=lambda: _list_lines(sender, operation, each),
        overlap=_overlapping(operation, given, length) if paged else None,
        warns=_warns(on_incomplete),
    )


def _repeating_plan(
    sender: Sender, operation: Operation, request: Request, given: Mapping[str, str], warns: bool
) -> PagePlan[Any]:
    """The plan of a list that repeats its first page, by what the overlay declares in place of page numbers."""
    from halo_async.pagination.repeating_lists import OLDER, paginator_of

    own = {OLDER} if operation.paging == OLDER else set()
    bare = msgspec.structs.replace(request, query=tuple(pair for pair in request.query if pair[0] not in own))
    rows = RowReader(operation, paged=False)
    return PagePlan(
        name=operation.name,
        paginator=lambda limit: paginator_of(operation, given, key_by_fields(operation.identity), limit),
        fetch=_fetcher(sender, bare, rows.read),
        make=rows.make,
        lines=lambda: _list_lines(sender, operation, bare),
        warns=warns,
        counts_page=True,
    )


class RowReader:
    """Reader of a list's responses, and converter of their rows to records.

    Both are made when the first response arrives, and are faster for a long list after its first pages.
    """

    def __init__(self, operation: Operation, *, paged: bool) -> None:
        self._operation = operation
        self._paged = paged

    def read(self, response: Response) -> PageData:
        """Return a response's rows, as plain JSON or rows of a shape.

        :raises DecodeError: it is not a list.
        """
        return self._functions[0](response)

    def make(self, rows: list[Any]) -> list[Any]:
        """Return the records of a page.

        :raises DecodeError: a row is not an object.
        """
        return self._functions[1](rows)

    @cached_property
    def _functions(self) -> tuple[Callable[[Response], PageData], Callable[[list[Any]], list[Any]]]:
        operation = self._operation
        where = operation.result, operation.stub.__module__
        read, make, cls = list_reader(operation.rows_key), row_maker(*where), row_class(*where)
        if not self._paged or operation.kind == "changes" or cls is None:
            return read, make
        from halo_async.pagination.struct_decoding import StructPageDecoder

        shaped = StructPageDecoder(read, make, cls)
        return shaped.read, shaped.make


def _overlapping(
    operation: Operation, given: Mapping[str, str], length: int
) -> Callable[[], Paginator] | None:
    if operation.kind == "changes" or given.get("page_no", "1") != "1":
        return None
    size = _positive("page_size", given.get("page_size", str(length)))

    def start() -> Paginator:
        from halo_async.pagination.overlapping import OverlappingPages

        return OverlappingPages(size=size, identify=key_by_fields(operation.identity))

    return start


def _wants_paging(given: Mapping[str, str]) -> bool:
    """Return False if the caller disabled paging, or asks for the first `count` rows (unpaged only)."""
    if "pageinate" in given:
        return given["pageinate"] == "true"
    return "count" not in given


def _page_numbers(
    operation: Operation, given: Mapping[str, str], length: int
) -> Callable[[int | None], Paginator]:
    first = _positive("page_no", given.get("page_no", "1"))
    size = _positive("page_size", given["page_size"]) if "page_size" in given else None
    changes = operation.kind == "changes"
    names = operation.identity
    identify = key_by_version(names, operation.stamp) if changes else key_by_fields(names)

    def start(limit: int | None) -> Paginator:
        wanted = size or (length if limit is None else max(1, min(limit, length)))
        return PageNumbers(
            size=wanted,
            first=first,
            limit=limit,
            identify=identify,
            whole=changes,
            named=operation.rows_key is not None,
        )

    return start


def _positive(name: str, text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise InvalidRequestError(f"{name} must be a number of 1 or more.")
    return int(text)


def _proxy_plan(
    sender: Sender,
    operation: Operation,
    request: Request,
    measurements: Measurements | None,
    on_incomplete: str = "raise",
    rows_path: CursorPath | None = None,
    next_path: CursorPath | None = None,
) -> PagePlan[Any]:
    """Return the plan of a proxy: by its declared cursor, or the caller's."""
    from halo_async.pagination.cursor_response import proxy_reader
    from halo_async.pagination.cursors import CursorPaginator

    how = operation.cursor
    assert how is not None  # `op.proxy` always sets one
    given = dict(request.query)
    own = {how.parameter, how.secondary_parameter}
    key = None if measurements is None else measurements.cursor_key(operation.resource)
    bare = msgspec.structs.replace(request, query=tuple(pair for pair in request.query if pair[0] not in own))
    return PagePlan(
        name=operation.name,
        paginator=lambda limit: CursorPaginator(how, given, next_path, key),
        fetch=_fetcher(sender, bare, proxy_reader(rows_path, how.rows)),
        make=row_maker(operation.result, operation.stub.__module__),
        lines=lambda: _proxy_lines(sender, operation, bare, proxy_reader(rows_path, how.rows)),
        warns=_warns(on_incomplete),
    )


def _list_lines(sender: Sender, operation: Operation, request: Request) -> LinePlan:
    from halo_async.pagination.line_reading import lines_reader

    return _plan_lines(sender, operation, request, lines_reader(operation.rows_key))


def _proxy_lines(
    sender: Sender, operation: Operation, request: Request, read: Callable[[Response], CursorResponse]
) -> LinePlan:
    from halo_async.pagination.line_reading import proxy_lines

    return _plan_lines(sender, operation, request, proxy_lines(read))


def _plan_lines(
    sender: Sender, operation: Operation, request: Request, read: Callable[[Response], PageData]
) -> LinePlan:
    """Return the plan of lines; `read` is not called before a response is there."""
    from halo_async.pagination.line_reading import only_objects

    where = operation.result, operation.stub.__module__
    cls = row_class(*where)
    make = list if cls is None else only_objects(row_maker(*where))
    return LinePlan(_fetcher(sender, request, read), make, cls or (lambda: None))


def _fetcher(
    sender: Sender, request: Request, read: Callable[[Response], PageData]
) -> Callable[[Mapping[str, str]], Awaitable[PageData]]:
    def fetch(params: Mapping[str, str]) -> Awaitable[PageData]:
        return sender.send(msgspec.structs.replace(request, query=(*request.query, *params.items())), read)

    return fetch
