"""Requests that fail beside others of their kind: an instance numbers its records as it creates them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from halo_async.emulator.faults.fault import Fault
from halo_async.emulator.journal import RecordedRequest
from halo_async.emulator.reply import Reply, json_reply

HELD = 0.05
"""Seconds for which a request is under way, if the option ``delay`` does not say otherwise."""
Beside = Callable[[Fault], Reply]
_NO_IDS = (None, 0, "")


class Creating:
    """Requests under way that create rows, by the list that they create them in."""

    def __init__(self) -> None:
        self._lists: Counter[str] = Counter()

    @contextmanager
    def entered(self, entry: RecordedRequest) -> Iterator[bool]:
        """Count a request for as long as it takes; give whether another created rows as it came."""
        if not _creates(entry):
            yield False
            return
        name = (entry.template or entry.path).lower()
        found = self._lists[name] > 0
        self._lists[name] += 1
        try:
            yield found
        finally:
            self._lists[name] -= 1


def _creates(entry: RecordedRequest) -> bool:
    """Return whether a request creates a row; updates have numbers already."""
    if entry.method != "POST":
        return False
    try:
        value = entry.json()
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    rows = value if isinstance(value, list) else [value]
    return any(isinstance(row, dict) and row.get("id") in _NO_IDS for row in rows)


def _same_number(fault: Fault) -> Reply:
    """Nothing of the request is done; the options ``reason`` and ``status`` are those of the refusal."""
    reason = str(fault.option("reason", "The number of the new record is already in use."))
    error = {"ClassName": "System.Exception", "Message": reason, "InnerException": None}
    return json_reply(error, int(fault.option("status", 400)))


FAULTS: dict[str, dict[str, Beside]] = {"F63": {"numbers": _same_number}}
