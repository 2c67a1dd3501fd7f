"""Reading of responses into lines of JSON: see `lines`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from halo_async._operations.list_envelope import PageData
from halo_async._operations.serialization import encode_json
from halo_async._utils.lenient import decode_row
from halo_async.errors import DecodeError
from halo_async.pagination.lines import Lines
from halo_async.pagination.list_reading import list_reader
from halo_async.pagination.split_rows import split

if TYPE_CHECKING:
    from halo_async.pagination.cursor_response import CursorResponse
    from halo_async.transport.types import Response


def lines_reader(key: str | None) -> Callable[[Response], PageData]:
    """Return the function that reads a list response whose rows are under `key`, as lines.

    :raises DecodeError: (that function) the response is not a list, as `list_reader` says.
    """
    read_values = list_reader(key)

    def read(response: Response) -> PageData:
        try:
            page = split(response, key)
        except DecodeError:
            found = read_values(response)  # says what is wrong with it, or how it can be read
            found.rows = as_lines(found.rows)
            return found
        name = "rows" if page.listed and not page.bare else None
        return PageData(Lines(page.rows, page.ids), page.total, bare=page.bare, key=name)

    return read


def proxy_lines(read: Callable[[Response], CursorResponse]) -> Callable[[Response], CursorResponse]:
    """Return the function that reads a proxy's response with rows as lines."""

    def read_lines(response: Response) -> CursorResponse:
        found = read(response)
        found.rows = _lines_as_received(response, found) or as_lines(found.rows)
        return found

    return read_lines


def _lines_as_received(response: Response, found: CursorResponse) -> Lines | None:
    """Return the rows' own text, where they are the list that the response is, or holds by a name."""
    key = None
    if found.whole is not found.rows:
        named = found.whole.items() if type(found.whole) is dict else ()
        key = next((name for name, part in named if part is found.rows), None)
        if key is None:
            return None
    try:
        page = split(response, key)
    except DecodeError:
        return None
    return Lines(page.rows) if len(page.rows) == len(found.rows) else None


def as_lines(rows: Iterable[Any]) -> Lines:
    """Return decoded rows as lines."""
    return Lines(map(encode_json, rows))


def only_objects(make: Callable[[list[Any]], list[Any]]) -> Callable[[list[Any]], list[Any]]:
    """Return the function that returns lines as they are, after `make` has refused those that are not objects.

    :param make: makes records of decoded rows.
    """

    def check(rows: list[Any]) -> list[Any]:
        if not all(row.startswith(b"{") for row in rows):
            make(list(map(decode_row, rows)))
        return rows

    return check
