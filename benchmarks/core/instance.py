"""The page server, as the subjects hold it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.request import urlopen

from attrs import frozen

from benchmarks.core.children import server


@frozen
class Served:
    """A running page server."""

    url: str

    def latency(self, seconds: float) -> None:
        """How late answers come from now on."""
        self._get(f"_set?latency={seconds}")

    def asked(self) -> list[str]:
        """The queries of the pages that were asked for since this was called last."""
        queries: list[str] = json.loads(self._get("_asked"))
        return queries

    def _get(self, path: str) -> bytes:
        with urlopen(f"{self.url}/{path}") as answer:
            found: bytes = answer.read()
            return found


@contextmanager
def served(rows: int) -> Iterator[Served]:
    """So many tickets, in a process of its own."""
    with server("benchmarks.page_server", str(rows)) as (url,):
        yield Served(url)
