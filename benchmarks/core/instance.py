"""The page server as the subjects use it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

import attrs

from benchmarks.core.children import server


@attrs.frozen
class Served:
    """A running page server."""

    url: str

    def latency(self, seconds: float) -> None:
        """Set the latency of all later responses."""
        self._get(f"_set?latency={seconds}")

    def asked(self) -> list[str]:
        """Return the queries of the pages requested since the last call."""
        queries: list[str] = json.loads(self._get("_asked"))
        return queries

    def _get(self, path: str) -> bytes:
        with urlopen(f"{self.url}/{path}") as response:
            found: bytes = response.read()
            return found


@contextmanager
def served(rows: int, *, plain: bool = False, wide: bool = False) -> Iterator[Served]:
    """Run a page server with so many tickets in a process of its own; its pages are compressed unless `plain`."""
    how = [*(["plain"] if plain else []), *(["wide"] if wide else [])]
    with server("benchmarks.page_server", str(rows), *how) as (url,):
        yield Served(url)
