"""An attempt that was no success, as a value: raising is the caller's business.

An exception that travels through frames which hold a token shows it in every traceback with
locals. So the frames that hold one return this, and the error is raised where none is in sight.
"""

from __future__ import annotations

from typing import NamedTuple

from halo_async.errors import HaloError
from halo_async.transport.retry import Condition


class Failure(NamedTuple):
    """What went wrong, and how it counts for the retry policy."""

    condition: Condition
    error: HaloError
    """Ready to be raised, its cause set and free of secrets."""
    outcome: str
    """In a few words, for the history."""
    asked: float | None = None
    """Seconds that a Retry-After asked for."""
