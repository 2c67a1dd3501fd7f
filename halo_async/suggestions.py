"""The "did you mean" of our error messages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`": did you mean 'summary'?"` for the nearest known name, or nothing."""
    near = nearest(name, known, 1)
    return f": did you mean {near[0]!r}?" if near else ""


def nearest(name: str, known: Iterable[str], count: int) -> list[str]:
    """At most so many known names that are alike, the most alike first; case does not count."""
    from difflib import get_close_matches  # 5 ms to import, and only a mistake needs it

    folded = {candidate.lower(): candidate for candidate in known}
    return [folded[near] for near in get_close_matches(name.lower(), folded, n=count, cutoff=0.6)]
