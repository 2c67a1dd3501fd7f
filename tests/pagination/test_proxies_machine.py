"""A state machine plays third parties behind the proxies: every kind of cursor, every spelling, every loop."""

from __future__ import annotations

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from halo_async.errors import CursorNotFoundError, PaginationLoopError
from tests.support import calls_kit
from tests.support.calls_kit import resources, rows
from tests.support.examples import examples
from tests.support.page_reading import PageReading

UNKNOWN = ("somewhere", "else")
SPELLINGS = [*calls_kit.SPELLINGS, UNKNOWN]


class ThirdParty:
    """Rows in pages; `hidden` of them are filtered out after paging, which makes pages short or empty."""

    def __init__(
        self, total: int, length: int, kind: str, path: tuple[str, ...], key: str, hidden: set[int]
    ) -> None:
        self.held = rows(total)
        self.length, self.kind, self.path, self.key, self.hidden = length, kind, path, key, hidden
        self.loop = ""
        self.turn = 0

    def __call__(self, query: dict[str, str]) -> Any:
        self.turn += 1
        start = self._start(query)
        page = [row for row in self.held[start : start + self.length] if row["id"] not in self.hidden]
        return self._wrapped(page, self._next(start)) if self.kind == "linked" else self._in_key(page)

    def _start(self, query: dict[str, str]) -> int:
        if self.loop == "old rows":
            return 0
        if self.kind == "paged":
            return (int(query.get("page", 1)) - 1) * self.length
        if self.kind == "offset":
            return int(query.get("offset", 0))
        token = query.get("nextLink") or query.get("continuationToken") or "0"
        return int(token.partition("#")[0])

    def _next(self, start: int) -> str | None:
        if self.loop == "old rows":
            return f"0#{self.turn}"
        if self.loop == "old token":
            return "0"
        following = start + self.length
        return str(following) if following < len(self.held) else None

    def _in_key(self, page: list[Any]) -> Any:
        found: Any = page
        for name in reversed(self.key.split(".") if self.key else []):
            found = {name: found, "status": "ok"}
        return found

    def _wrapped(self, page: list[Any], value: str | None) -> Any:
        found: Any = value
        for name in reversed(self.path):
            found = {name: found}
        if value is None and self.turn % 2:
            found = {}  # some leave it out at the end, others give a null
        return {**self._in_key(page), **found}


class Following(PageReading):
    """Reads a proxy page by page; at any moment the third party may begin to go round in circles."""

    server: ThirdParty

    @initialize(
        total=st.integers(0, 60),
        length=st.integers(1, 12),
        kind=st.sampled_from(["paged", "offset", "linked", "linked"]),
        path=st.sampled_from(SPELLINGS),
        key=st.sampled_from(["value", "result.devices"]),
        bare=st.booleans(),
        hidden=st.sets(st.integers(1, 60), max_size=4),
        told=st.booleans(),
        action=st.sampled_from(["raise", "warn"]),
    )
    def begin(self, total, length, kind, path, key, bare, hidden, told, action) -> None:
        # A page by number that is wholly filtered away looks like the end, and an offset counts the rows that came.
        some_stay = kind == "linked" or (kind == "paged" and length > len(hidden))
        self.server = server = ThirdParty(total, length, kind, path, key, hidden if some_stay else set())
        if bare and kind != "linked":
            server.key = ""
        self.extractor = ".".join(path) if told and path is UNKNOWN and kind == "linked" else None
        group, self.sender = resources(server)
        proxy = getattr(group.integration_data.carriers, kind)
        self.start(proxy(next_path=self.extractor, on_incomplete=action).by_page())

    @precondition(lambda self: not self.ended)
    @rule(loop=st.sampled_from(["old rows", "old token"]))
    def go_round_in_circles(self, loop: str) -> None:
        if self.server.kind == "linked" or loop == "old rows":
            self.server.loop = loop

    def judge(self) -> None:
        server = self.server
        held = [row["id"] for row in server.held if row["id"] not in server.hidden]
        if isinstance(self.error, PaginationLoopError):
            assert server.loop
        elif isinstance(self.error, CursorNotFoundError) or self.warned:
            assert len(self.sender.requests) == 1
            assert server.kind == "linked"
            assert len(self.ids) == 10  # a usual length, and nothing to tell the first page from the only one
        elif self.goes_on_unseen():
            assert len(self.sender.requests) == 1
        elif not server.loop:
            assert self.ids == held

    def goes_on_unseen(self) -> bool:
        """A first page of no usual length, and no name that could be known: it looks like all there is."""
        return self.server.kind == "linked" and self.server.path is UNKNOWN and not self.extractor


TestFollowing = Following.TestCase
TestFollowing.settings = settings(max_examples=examples(500), stateful_step_count=12, deadline=None)
