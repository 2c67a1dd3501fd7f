"""Notices of the waits in the queue of requests: one for the many that wait for the same."""

from __future__ import annotations

from collections.abc import Callable

from halo_async._utils.clock import Clock
from halo_async._utils.wait_notice import NOTICED, notice, notice_open_end

__all__ = ["QueueNotices", "reason_of_quota"]


class QueueNotices:
    """The waits of one limiter that were told."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told_until = float("-inf")
        self._told_of_crowd = False

    def waits(self, seconds: float, reason: Callable[[], str]) -> None:
        """Tell of a wait, unless it is short or one that ends then was told before."""
        now = self._clock.monotonic()
        if seconds > NOTICED and now + seconds > self._told_until + NOTICED:
            self._told_until = now + seconds
            notice(self._clock, seconds, reason())

    def crowded(self, in_flight: int) -> None:
        """Tell of a wait for a response, once until the queue is empty."""
        if self._told_of_crowd:
            return
        self._told_of_crowd = True
        notice_open_end(
            f"{in_flight} request{'' if in_flight == 1 else 's'} in progress, as many as the instance accepts; "
            "the wait ends with the first response"
        )

    def queue_is_empty(self) -> None:
        """Tell of the next crowd again."""
        self._told_of_crowd = False


def reason_of_quota(requests: int, seconds: float, *, settling: bool, shared: bool, others: bool) -> str:
    """Return why a request waits for room in the window.

    :param settling: the coordination server does not know yet what all processes sent.
    :param shared: other processes send in the same window.
    :param others: other clients use a part of it.
    """
    if settling:
        return "the coordination server started or came back; all processes tell it what they sent"
    with_others = ", shared with other processes," if shared else ""
    if others:
        with_others = ", of which others use a part,"
    return f"the quota of {requests} requests in {seconds:g} s{with_others} is used up"
