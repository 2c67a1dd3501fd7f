"""The two forms of a list: a bare array, or an envelope with the rows under a key and `record_count`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from halo_async.errors import DecodeError
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Response

SIDECARS = frozenset({"columns", "columns_id", "columns_tilehtml", "folders"})
"""Lists next to the rows of grid resources and attachments, never rows themselves."""

ERRORS = frozenset(
    {"error", "errors", "error_description", "error_message", "errormessage", "exceptionmessage"}
)
"""Fields, in lower case, by which an envelope says that something went wrong, whatever its status is."""

AN_ERROR = "The response is an error with the status of a success, not a list of rows."


class PageData:
    """One page as received.

    :ivar rows: the rows, undecorated.
    :ivar total: the envelope's `record_count`; None if it has none.
    :ivar bare: True if the response is a bare array.
    :ivar key: the envelope's field that held the rows; None without any.
    :ivar rest: the other fields of the envelope.
    """

    __slots__ = ("bare", "key", "rest", "rows", "total")

    def __init__(
        self,
        rows: list[Any],
        total: int | None = None,
        *,
        bare: bool = False,
        key: str | None = None,
        rest: Any = None,
    ) -> None:
        self.rows = rows
        self.total = total
        self.bare = bare
        self.key = key
        self.rest = rest or {}


def joined(parts: list[PageData]) -> PageData:
    """Return the page of all parts' rows, for the rest as the last one."""
    last = parts[-1]
    last.rows = [row for part in parts for row in part.rows]
    return last


def row_count(page: PageData) -> int:
    """Return the number of a page's rows."""
    return len(page.rows)


def envelope_reader(key: str | None) -> Callable[[Response], PageData]:
    """Return the function that reads a list response at once, with the rows under `key`.

    :raises DecodeError: (that function) the response is not a list, or it is ambiguous which of its lists
        has the rows.
    """

    def read(response: Response) -> PageData:
        value = decode_json(response)
        if type(value) is list:
            if value and are_errors(value):
                raise DecodeError(AN_ERROR)
            return PageData(value, bare=True)
        if type(value) is dict:
            return _envelope(value, key)
        raise DecodeError(f"Expected a list in the response, got {_name_type(value)}.")

    return read


def _envelope(value: dict[str, Any], key: str | None) -> PageData:
    if any(item and says_error(name, key) for name, item in value.items()):
        raise DecodeError(AN_ERROR)
    total = total_of(value.get("record_count"))
    name = _rows_name(value, key)
    if name is None:
        if total == 0:
            return PageData([], total, rest=value)  # nulls are omitted, an empty list may be too
        raise DecodeError(_unclear(value, key))
    rows = value.pop(name)
    return PageData(rows, total, key=name, rest=value)


def are_errors(rows: Iterable[Any]) -> bool:
    """Return whether the items of a bare array, of which nothing else says what it is, are errors without a row."""
    from halo_async.transport.hidden_errors import is_error

    return all(map(is_error, rows))


def says_error(name: str, key: str | None) -> bool:
    """Return whether a field of an envelope with rows under `key` reports an error if it has a value."""
    name = name.lower()
    return name in ERRORS and (key is None or name != key.lower())


def _rows_name(value: dict[str, Any], key: str | None) -> str | None:
    if key is not None:
        if type(value.get(key)) is list:
            return key
        folded = [name for name in value if name.lower() == key.lower() and type(value[name]) is list]
        if folded:
            return folded[0]
    lists = [name for name, item in value.items() if type(item) is list and name not in SIDECARS]
    return lists[0] if len(lists) == 1 else None


def total_of(count: Any) -> int | None:
    """Return the total from an envelope's `record_count`; None if it has none."""
    if isinstance(count, str) and count.strip().isdecimal():
        count = int(count)
    return count if type(count) is int and count >= 0 else None


def _unclear(value: dict[str, Any], key: str | None) -> str:
    wanted = "one list" if key is None else f"a list {key!r}"
    names = ", ".join(sorted(value)[:12]) or "nothing"
    return f"Expected {wanted} in the response, got {names}."


def _name_type(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"
