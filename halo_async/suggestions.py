"""The "did you mean" of our error messages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`": did you mean 'summary'?"` for the nearest known name, or nothing."""
    from difflib import get_close_matches  # 5 ms to import, and only a mistake needs it

    folded = {candidate.lower(): candidate for candidate in known}
    near = get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    return f": did you mean {folded[near[0]]!r}?" if near else ""
