"""How many examples hypothesis tries: `HALO_EXAMPLES=10` is ten times as many as in every run."""

from __future__ import annotations

import os

FACTOR = float(os.environ.get("HALO_EXAMPLES", "1"))


def examples(usual: int) -> int:
    """The number of examples of a test that has so many in every run."""
    return max(1, round(usual * FACTOR))
