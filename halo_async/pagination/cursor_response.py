"""What a proxy's answer holds: its rows, and what asks for the next page.

No public source shows a successful page, so rows are where the overlay or the caller says, else in the one list
of the answer; the continuation is where the caller says, else under the request's own name, else under one of the
spellings that third parties use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from attrs import frozen

from halo_async.errors import DecodeError
from halo_async.pagination.envelope import PageData
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Response

if TYPE_CHECKING:
    from halo_async.pagination.pages import Locator

_SPELLINGS = (
    "nextlink",
    "odatanextlink",
    "nexturl",
    "nextpageurl",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "nextcursor",
    "nextrecordsurl",
    "pagingnextafter",
    "nexthref",
    "nextpage",
    "next",
    "cursor",
)
_DEPTH = 4


class CursorResponse(PageData):
    """One page of a proxy, with the whole answer it came in.

    :ivar whole: the decoded answer.
    :ivar single: the answer is one thing, or which of its lists has the rows is not known.
    """

    __slots__ = ("single", "whole")

    def __init__(self, rows: list[Any], whole: Any, *, single: bool = False) -> None:
        super().__init__(rows, bare=whole is rows, rest=whole if type(whole) is dict else None)
        self.whole = whole
        self.single = single


def proxy_reader(
    records: Locator | None = None, declared: str | None = None
) -> Callable[[Response], CursorResponse]:
    """The function that reads a proxy's answer.

    :param records: where the caller says that its rows are: they must be there.
    :param declared: where the overlay says so; elsewhere they are looked for.
    """

    def read(response: Response) -> CursorResponse:
        whole = decode_json(response)
        if not response.body:
            raise DecodeError("a list was expected, but the response is empty")
        if records is not None:
            rows = locate(whole, records)
            if type(rows) is not list:
                raise DecodeError(f"no list of rows is where it should be; the answer holds {keys(whole)}")
            return CursorResponse(rows, whole)
        rows = locate(whole, declared) if declared else None
        return CursorResponse(rows, whole) if type(rows) is list else _read_freely(whole)

    return read


def _read_freely(whole: Any) -> CursorResponse:
    if type(whole) is list:
        return CursorResponse(whole, whole)
    if whole in (None, "", {}):
        return CursorResponse([], whole, single=True)
    rows = _one_list(whole)
    return CursorResponse([whole], whole, single=True) if rows is None else CursorResponse(rows, whole)


def _one_list(whole: Any) -> list[Any] | None:
    """The one list of an answer; in an answer without any, the one list of objects deeper down."""
    level = [whole] if type(whole) is dict else []
    for depth in range(_DEPTH):
        values = [value for part in level for value in part.values()]
        lists = [value for value in values if type(value) is list]
        if lists:
            plain = depth and any(type(item) is not dict for item in lists[0])
            return lists[0] if len(lists) == 1 and not plain else None
        level = [value for value in values if type(value) is dict]
    return None


def locate(whole: Any, where: Locator) -> Any:
    """What is at a place of an answer; None where there is no such place."""
    if callable(where):
        return where(whole)
    for step in where.split("."):
        if type(whole) is not dict or step not in whole:
            return None
        whole = whole[step]
    return whole


@frozen(eq=False, repr=False)
class Cursor:
    """What an answer says of the next page."""

    name: str | None = None
    """The parameter by which it is asked for; None where nothing is said."""
    token: str | None = None
    """The value that goes back; None where there is no more, or no value."""
    promised: bool = False
    """Whether more rows are promised by a mere truth value, as in `has_next: true`."""


def find_cursor(whole: Any, names: Iterable[str]) -> Cursor:
    """What stands under one of `names`, or under the known spellings (which go back under the first name)."""
    places = dict(_places(whole, "", _DEPTH))
    own = list(names)
    said: str | None = None
    promised = False
    for name, spelling in (*((name, _folded(name)) for name in own), *((own[0], s) for s in _SPELLINGS)):
        for path, value in places.items():
            if not path.endswith(spelling) or "prev" in path:
                continue
            if token := as_token(value):
                return Cursor(name, token)
            promised = promised or value is True
            said = said if value is True else name
    return Cursor(said, promised=promised)


def _places(whole: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if type(whole) is not dict or not depth:
        return
    for name, value in whole.items():
        here = path + _folded(name)
        if type(value) is dict:
            yield from _places(value, here, depth - 1)
        elif type(value) is not list:
            yield here, value


def _folded(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def as_token(value: Any) -> str | None:
    """A continuation value as it goes back; None where it says that there is no more."""
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int else None


def keys(whole: Any) -> str:
    """The names that an answer holds, for messages."""
    if type(whole) is not dict:
        return f"a {type(whole).__name__}"
    return ", ".join(sorted(whole)[:20]) or "nothing"
