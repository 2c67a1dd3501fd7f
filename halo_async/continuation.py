"""Following on through the answers of IntegrationData proxies: page numbers, offsets, links and tokens.

No public source shows a successful page of these, so the value is looked for: under the request's own name
first, then under known spellings, or where the caller says. It goes back to Halo as a query parameter and
is never requested as a URL.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from halo_async.errors import (
    ContinuationUnknown,
    DecodeError,
    InvalidRequestError,
    PaginationError,
    PaginationLoopError,
)
from halo_async.list_answer import Answer
from halo_async.signatures import Signatures
from halo_async.transport.decode import decode_json
from halo_async.transport.values import Response

if TYPE_CHECKING:
    from halo_async.parameters import Continuation

Locator = str | Callable[[Any], Any]
"""Where something is in an answer: a dotted path (`data.items`) or a function of the whole answer."""

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
_USUAL_LENGTHS = frozenset({20, 25, 50, 100, 200, 250, 500, 999, 1000, 2000, 5000, 10000})
_DEPTH = 4


class ProxyAnswer(Answer):
    """One page of a proxy, with the whole answer it came in.

    :ivar whole: the decoded answer.
    :ivar single: the answer is one thing and no list.
    """

    __slots__ = ("single", "whole")

    def __init__(self, rows: list[Any], whole: Any, *, single: bool = False) -> None:
        super().__init__(rows, bare=whole is rows, rest=whole if type(whole) is dict else None)
        self.whole = whole
        self.single = single


def proxy_reader(rows_at: Locator | None = None) -> Callable[[Response], ProxyAnswer]:
    """The function that reads a proxy's answer: its rows are where `rows_at` says, else its one list."""

    def read(response: Response) -> ProxyAnswer:
        whole = decode_json(response)
        if rows_at is not None:
            rows = locate(whole, rows_at)
            if type(rows) is not list:
                raise DecodeError(f"no list of rows is where it should be; the answer holds {_keys(whole)}")
            return ProxyAnswer(rows, whole)
        return _read_freely(whole)

    return read


def _read_freely(whole: Any) -> ProxyAnswer:
    if type(whole) is list:
        return ProxyAnswer(whole, whole)
    if whole in (None, "", {}):
        return ProxyAnswer([], whole, single=True)
    lists = [item for item in whole.values() if type(item) is list] if type(whole) is dict else []
    return ProxyAnswer(lists[0], whole) if len(lists) == 1 else ProxyAnswer([whole], whole, single=True)


def locate(whole: Any, where: Locator) -> Any:
    """What is at a place of an answer; None where there is no such place."""
    if callable(where):
        return where(whole)
    for step in where.split("."):
        if type(whole) is not dict or step not in whole:
            return None
        whole = whole[step]
    return whole


def find_token(whole: Any, names: Iterable[str]) -> tuple[str | None, str | None]:
    """Under which of `names`, or of the known spellings (then the first name), an answer has its continuation.

    :returns: the name under which it goes back (None: there is no place for it in the answer), and the value
        (None: there is no more).
    """
    places = dict(_places(whole, "", _DEPTH))
    own = list(names)
    ended: str | None = None
    for name, spelling in (*((name, _folded(name)) for name in own), *((own[0], s) for s in _SPELLINGS)):
        for path, value in places.items():
            if path.endswith(spelling) and "prev" not in path:
                if token := as_token(value):
                    return name, token
                ended = name
    return ended, None


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


def _keys(whole: Any) -> str:
    if type(whole) is not dict:
        return f"a {type(whole).__name__}"
    return ", ".join(sorted(whole)[:20]) or "nothing"


class Following:
    """A walk through the pages of a proxy."""

    def __init__(self, how: Continuation, given: Mapping[str, str], token_at: Locator | None = None) -> None:
        self._how = how
        self._token_at = token_at
        self._given = given
        self._parameter = how.parameter
        self._value = self._first(given.get(how.parameter))
        self._pages = 0
        self._length = 0
        self._done = False
        self._missing: PaginationError | None = None
        self._tokens: set[str] = set()
        self._signatures = Signatures()

    def _first(self, given: str | None) -> str:
        if given and self._how.kind != "token" and not given.isdecimal():
            raise InvalidRequestError(f"{self._how.parameter} is a number")
        return given or _FIRST[self._how.kind]

    @property
    def params(self) -> dict[str, str] | None:
        """The switch that turns paging on, and the continuation."""
        if self._done:
            return None
        switch = self._how.switch
        params = {switch: "true"} if switch and switch not in self._given else {}
        also = self._how.also
        if self._pages == 0 and also and also in self._given:
            params[also] = self._given[also]  # where to begin, in the other name
        return {**params, self._parameter: self._value} if self._value else params

    def ahead(self, steps: int) -> dict[str, str] | None:
        """Nothing: how many pages there are is not known."""
        return None

    def take(self, answer: Answer) -> Answer:
        """See `Walk.take`.

        :raises PaginationLoopError: a page or a token came before.
        """
        self._pages += 1
        earlier = self._signatures.repeats(answer.rows, self._pages)
        if earlier is not None:
            raise PaginationLoopError(f"page {self._pages} has the same rows as page {earlier}")
        if not answer.rows or getattr(answer, "single", False) or self._is_off:
            self._done = True
        elif self._how.kind == "token":
            self._follow_token(answer)
        else:
            self._count_on(len(answer.rows))
        self._length = max(self._length, len(answer.rows))
        return answer

    @property
    def _is_off(self) -> bool:
        """Whether the caller turned paging off."""
        return self._how.switch is not None and self._given.get(self._how.switch) == "false"

    def _count_on(self, rows: int) -> None:
        step = 1 if self._how.kind == "page" else rows
        self._value = str(int(self._value or 0) + step)
        self._done = rows < self._length

    def _follow_token(self, answer: Answer) -> None:
        whole = getattr(answer, "whole", answer.rest)
        name, token = self._found(whole)
        self._done = token is None
        if token is not None:
            self._parameter = name or self._parameter
            self._go_on_with(token)
        elif name is None and self._pages == 1 and len(answer.rows) in _USUAL_LENGTHS:
            self._missing = ContinuationUnknown(
                f"a page of {len(answer.rows)} rows came, and nothing in it says how to ask for the next; "
                f"it holds {_keys(whole)} (name the place with .found_at(continuation=...))"
            )

    def _found(self, whole: Any) -> tuple[str | None, str | None]:
        if self._token_at is not None:
            return self._parameter, as_token(locate(whole, self._token_at))
        also = (self._how.also,) if self._how.also else ()
        return find_token(whole, (self._how.parameter, *also))

    def _go_on_with(self, token: str) -> None:
        if token in self._tokens:
            self._done = True  # the rows of this page are new and still count
            self._missing = PaginationLoopError(
                f"page {self._pages} names a continuation that was followed before"
            )
        self._tokens.add(token)
        self._value = token

    def shortfall(self) -> PaginationError | None:
        """That the end is not known to be one."""
        return self._missing


_FIRST = {"page": "1", "offset": "", "token": ""}
