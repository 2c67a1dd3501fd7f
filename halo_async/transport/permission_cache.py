"""Paths refused to a fresh token: Halo's 401 means both "expired" and "not allowed"."""

from __future__ import annotations

import re

from halo_async._utils.clock import Clock

REMEMBERED_FOR = 900.0
MOST = 1000
_NUMBER = re.compile(r"(?<=/)\d+(?=/|$)")


class DeniedPaths:
    """Cache of paths that were refused to a fresh token, so that exporting them requests no more tokens."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._until: dict[tuple[str, str], float] = {}

    def add(self, method: str, path: str) -> None:
        """Record that a token just refreshed got a 401 here."""
        if len(self._until) >= MOST:
            self._until.clear()
        self._until[_build_key(method, path)] = self._clock.monotonic() + REMEMBERED_FOR

    def __contains__(self, call: tuple[str, str]) -> bool:
        until = self._until.get(_build_key(*call))
        return until is not None and self._clock.monotonic() < until

    def discard(self, method: str, path: str) -> None:
        """Record that the path works now."""
        if self._until:
            self._until.pop(_build_key(method, path), None)


def _build_key(method: str, path: str) -> tuple[str, str]:
    """Return the key of a path without ids: records of one collection share their permission."""
    return method, _NUMBER.sub("#", path.lower())
