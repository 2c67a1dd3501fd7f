"""What a fresh token was refused: Halo's 401 means "expired" and "not allowed" alike."""

from __future__ import annotations

import re

from halo_async._utils.clock import Clock

REMEMBERED_FOR = 900.0
MOST = 1000
_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")


class DeniedPaths:
    """Remembers paths that a fresh token was refused, so that an export of them asks for no more tokens."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}

    def add(self, method: str, path: str) -> None:
        """A token that had just been renewed got a 401 here."""
        if len(self._until) >= MOST:
            self._until.clear()
        self._until[_key(method, path)] = self._clock.monotonic() + REMEMBERED_FOR

    def __contains__(self, call: tuple[str, str]) -> bool:
        until = self._until.get(_key(*call))
        return until is not None and self._clock.monotonic() < until

    def discard(self, method: str, path: str) -> None:
        """It works now."""
        if self._until:
            self._until.pop(_key(method, path), None)


def _key(method: str, path: str) -> tuple[str, str]:
    """Records of one collection share their permission, so ids make no difference."""
    return method, _NUMBER.sub("#", path.lower())
