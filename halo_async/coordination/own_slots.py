"""One process's own part of the shared window: slots at hand, in flight, and done."""

from __future__ import annotations

from collections import deque
from secrets import token_hex
from typing import Any

from halo_async._utils.clock import Clock
from halo_async.coordination.timing import microseconds

KEPT = 0.5
"""Seconds for which a granted slot is kept for the next request; then it is returned."""


class OwnSlots:
    """Slots by id. They are interchangeable: the end of any request ends the oldest slot in flight."""

    def __init__(self, window: float, lease: float, clock: Clock) -> None:
        self._window = window
        self._lease = lease
        self._clock = clock
        self.owner = token_hex(6)
        self._next = 0
        self._at_hand: deque[tuple[str, float]] = deque()
        self._flying: dict[str, float] = {}
        self._done: deque[tuple[str, float]] = deque()
        self._told = 0
        """So many of the done slots, counted from the first, are known to Redis."""
        self._back: list[str] = []

    # Slots --------------------------------------------------------------------------------------

    def granted(self, first: int, slots: int) -> None:
        """Take in slots that were granted, of those numbered from `first`."""
        now = self._clock.monotonic()
        self._at_hand.extend((self._name_slot(first + number), now) for number in range(slots))

    def unknown(self, first: int, asked: int) -> None:
        """Return slots that may have been granted in a response that was lost."""
        self._back.extend(self._name_slot(first + number) for number in range(asked))

    def numbers(self, slots: int) -> int:
        """Reserve numbers for so many slots and return the first."""
        first = self._next
        self._next += max(1, slots)
        return first

    def take(self) -> bool:
        """Use a slot that is at hand; return False if there is none."""
        self._return_old()
        if not self._at_hand:
            return False
        self._flying[self._at_hand.popleft()[0]] = self._clock.monotonic()
        return True

    def take_unasked(self) -> None:
        """Use a slot that nobody granted."""
        self._flying[self._name_slot(self.numbers(1))] = self._clock.monotonic()

    def end(self, *, counted: bool) -> None:
        """End a request. `counted=False`: the server cannot have seen it."""
        if not self._flying:
            return
        name = next(iter(self._flying))
        del self._flying[name]
        if counted:
            self._done.append((name, self._clock.monotonic()))
        else:
            self._back.append(name)

    def _name_slot(self, number: int) -> str:
        return f"{self.owner}:{number}"

    def _return_old(self, *, all_of_them: bool = False) -> None:
        until = self._clock.monotonic() - KEPT
        while self._at_hand and (all_of_them or self._at_hand[0][1] <= until):
            self._back.append(self._at_hand.popleft()[0])

    # What counts --------------------------------------------------------------------------------

    @property
    def used(self) -> int:
        """Requests in the window: in flight, or done not longer ago than it lasts."""
        self._forget()
        return len(self._flying) + len(self._done)

    def leaves_in(self, over: int) -> float:
        """Seconds until so many of those that are done have left the window; infinity if they are fewer."""
        self._forget()
        if over > len(self._done):
            return float("inf")
        return max(0.0, self._done[over - 1][1] + self._window - self._clock.monotonic())

    @property
    def busy(self) -> bool:
        """True while something is in flight, at hand, to be told, or still in the window."""
        return bool(self._flying or self._at_hand or self._back or self.used)

    def _forget(self) -> None:
        horizon = self._clock.monotonic() - self._window
        while self._done and self._done[0][1] <= horizon:
            self._done.popleft()
            self._told = max(0, self._told - 1)

    # What Redis is told --------------------------------------------------------------------------

    def news(self, *, everything: bool, leaving: bool = False) -> dict[str, Any]:
        """Return what Redis does not know yet; `everything`: all that is in the window."""
        self._return_old(all_of_them=leaving)
        self._forget()
        now = self._clock.monotonic()
        done = [(name, microseconds(now - at)) for name, at in self._done]
        held = [name for name, since in self._flying.items() if everything or now - since > self._lease / 3]
        return {"done": done if everything else done[self._told :], "held": held, "back": list(self._back)}

    def told(self, news: dict[str, Any]) -> None:
        """Redis has the news."""
        now = self._clock.monotonic()
        self._back = self._back[len(news["back"]) :]
        self._flying.update((name, now) for name in news["held"] if name in self._flying)
        if news["done"]:
            last = news["done"][-1][0]
            place = next((index for index, (name, _) in enumerate(self._done, 1) if name == last), 0)
            self._told = max(self._told, place)

    @property
    def untold(self) -> bool:
        """True if Redis should hear of something soon."""
        return bool(self._back or self._at_hand) or self._told < len(self._done) or self._wants_longer()

    def _wants_longer(self) -> bool:
        now = self._clock.monotonic()
        return any(now - since > self._lease / 3 for since in self._flying.values())
