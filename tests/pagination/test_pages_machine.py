"""A state machine plays lists that change while they are read: the rows come, or it is said why not."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from halo_async.errors import IncompleteError, PaginationLoopError
from tests.support.calls_kit import resources
from tests.support.examples import examples
from tests.support.page_reading import PageReading
from tests.support.random_lists import RandomList, random_lists

# Fewer than the shortest page, or rows would be pushed on faster than they are read.
FEW = st.lists(st.integers(0, 300), min_size=1, max_size=3)


class Reading(PageReading):
    """Reads a list page by page; rows come, go and move between the pages.

    Between two requests only one of these happens: a row that goes before the reader while another comes behind
    it leaves no trace in pages that do not overlap (see pagination/consistency.py).
    test_overlapping.py has those that do.
    """

    server: RandomList

    @initialize(
        server=random_lists(),
        depth=st.integers(0, 3),
        size=st.sampled_from([None, None, 5, 100, 500]),
        action=st.sampled_from(["raise", "warn"]),
    )
    def begin(self, server: RandomList, depth: int, size: int | None, action: str) -> None:
        self.server = server
        group, self.sender = resources(server)
        self.start(group.parcels.list(page_size=size, on_incomplete=action).prefetch(depth).by_page())
        self.stayed = set(server.ids)
        self.changed = self.lost_sight = False
        self.change, self.changed_at = "", 0

    def may(self, change: str) -> bool:
        """Whether this may happen now: not together with something else since the last request."""
        fresh = self.server.requests > self.changed_at
        if self.ended or not self.server.requests or not (fresh or self.change == change):
            return False
        self.change, self.changed_at, self.changed = change, self.server.requests, True
        return True

    @rule(places=FEW)
    def rows_come(self, places: list[int]) -> None:
        fresh = self.server.requests > self.changed_at
        if fresh and self.may("come"):
            self.server.add(places)

    @rule(places=FEW)
    def rows_go(self, places: list[int]) -> None:
        if self.may("go"):
            self.server.remove(places)
            self.stayed &= set(self.server.ids)
            self.lost_sight = self.lost_sight or not self.server.counts

    @rule(place=st.integers(0, 300))
    def a_row_moves_ahead(self, place: int) -> None:
        fresh = self.server.requests > self.changed_at
        if fresh and self.may("move"):
            self.server.move_to_front(place, set(self.ids))

    def judge(self) -> None:
        assert self.sender.open == 0
        assert set(self.ids) <= set(range(1, self.server.made + 1))
        if isinstance(self.error, PaginationLoopError):
            assert not self.server.is_paged
        elif isinstance(self.error, IncompleteError) or self.warned:
            assert self.changed or self.server.count == "wrong"
        elif not (self.lost_sight or self.is_told_to_stop()):
            assert self.stayed <= set(self.ids)
            assert len(set(self.ids)) == len(self.ids)
            assert self.changed or self.ids == self.server.ids

    def is_told_to_stop(self) -> bool:
        """Whether a total that is too low named just what had come: only a request in vain would tell."""
        too_low = self.server.count == "wrong" and self.server.lie < 0
        return too_low and (self.changed or len(self.ids) in self.server.said)


TestReading = Reading.TestCase
TestReading.settings = settings(
    max_examples=examples(1000),
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
