"""Content of a proxy's response: its rows, and the cursor of the next page.

No public source shows a successful page, so rows are expected where the overlay or the caller specifies,
else in the only list of the response; the cursor where the caller specifies, else under the request's
own name, else under one of the spellings that third parties use.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from halo_async._operations.list_envelope import PageData
from halo_async._utils.cursor_spellings import SPELLINGS
from halo_async.errors import DecodeError
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Response

if TYPE_CHECKING:
    from halo_async.pagination.pages import CursorPath

_DEPTH = 4


class CursorResponse(PageData):
    """One page of a proxy, with the whole response that contains it.

    :ivar whole: the decoded response.
    :ivar single: the response is one object, or it is not known which of its lists has the rows.
    """

    __slots__ = ("single", "whole")

    def __init__(self, rows: list[Any], whole: Any, *, single: bool = False) -> None:
        super().__init__(rows, bare=whole is rows, rest=whole if type(whole) is dict else None)
        self.whole = whole
        self.single = single


def proxy_reader(
    rows_path: CursorPath | None = None, declared: str | None = None
) -> Callable[[Response], CursorResponse]:
    """Return the function that reads a proxy's response.

    :param rows_path: the caller's place of the rows: they must be there.
    :param declared: the overlay's place; if they are not there, they are searched for.
    """

    def read(response: Response) -> CursorResponse:
        whole = decode_json(response)
        if not response.body:
            raise DecodeError("Expected a list, got an empty response.")
        if rows_path is not None:
            rows = locate(whole, rows_path)
            if type(rows) is not list:
                raise DecodeError(
                    f"The response has no list of rows at the given place. It contains {keys(whole)}."
                )
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
    """Return the only list of a response; if it has none, the only nested list of objects."""
    level = [whole] if type(whole) is dict else []
    for depth in range(_DEPTH):
        values = [value for part in level for value in part.values()]
        lists = [value for value in values if type(value) is list]
        if lists:
            plain = depth and any(type(item) is not dict for item in lists[0])
            return lists[0] if len(lists) == 1 and not plain else None
        level = [value for value in values if type(value) is dict]
    return None


def locate(whole: Any, where: CursorPath) -> Any:
    """Return the value at a place of a response; None if there is no such place."""
    if callable(where):
        return where(whole)
    for step in where.split("."):
        if type(whole) is not dict or step not in whole:
            return None
        whole = whole[step]
    return whole


@attrs.frozen(eq=False, repr=False)
class Cursor:
    """Information about the next page in a response."""

    name: str | None = None
    """Parameter for requesting it; None if the response has no information."""
    token: str | None = None
    """Value to send back; None if there are no more rows, or no value."""
    promised: bool = False
    """True if more rows are indicated by a mere boolean, as in `has_next: true`."""


def find_cursor(whole: Any, names: Iterable[str]) -> Cursor:
    """Return the value under one of `names`, or under a known spelling (sent back as the first name)."""
    places = dict(_places(whole, "", _DEPTH))
    own = list(names)
    said: str | None = None
    promised = False
    for name, spelling in (*((name, _fold_name(name)) for name in own), *((own[0], s) for s in SPELLINGS)):
        for path, value in places.items():
            if not path.endswith(spelling) or "prev" in path:
                continue
            if token := as_token(value):
                return Cursor(name, token)
            promised = promised or value is True
            said = said if value is True else name
    return Cursor(said, promised=promised)


@attrs.frozen
class CursorKey:
    """Location of the cursor in a response."""

    spelling: str
    """In lower case without punctuation, and with the names that contain it: `pagingnextafter`."""
    of_request: bool
    """True if it is the name of the request's parameter."""


def cursor_key(whole: Any, names: Iterable[str]) -> CursorKey | None:
    """Return the location that `find_cursor` takes the value from; None if it finds none."""
    places = dict(_places(whole, "", _DEPTH))
    own = {_fold_name(name) for name in names}
    for spelling in (*own, *SPELLINGS):
        for path, value in places.items():
            if path.endswith(spelling) and "prev" not in path and as_token(value):
                return CursorKey(spelling, spelling in own)
    return None


def at_key(spelling: str) -> Callable[[Any], Any]:
    """Return a function that finds the value whose key has this spelling; it returns None past the last page.

    :param spelling: in lower case without punctuation, as in `CursorKey`.
    """

    def find(whole: Any) -> Any:
        places = _places(whole, "", _DEPTH)
        return next((value for path, value in places if path.endswith(spelling) and as_token(value)), None)

    return find


def _places(whole: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if type(whole) is not dict or not depth:
        return
    for name, value in whole.items():
        here = path + _fold_name(name)
        if type(value) is dict:
            yield from _places(value, here, depth - 1)
        elif type(value) is not list:
            yield here, value


def _fold_name(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())


def as_token(value: Any) -> str | None:
    """Return a cursor as it is sent back; None if it means that there are no more rows."""
    if isinstance(value, str):
        return value or None
    return str(value) if type(value) is int else None


def keys(whole: Any) -> str:
    """Return the names in a response, for messages."""
    if type(whole) is not dict:
        return f"a {type(whole).__name__}"
    return ", ".join(sorted(whole)[:20]) or "nothing"
