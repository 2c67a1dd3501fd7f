"""Distinction of misspelt names from fields of newer instances."""

from __future__ import annotations

from collections.abc import Iterable


def slip_of(name: str, known: Iterable[str]) -> str | None:
    """The known name that a name is a slip of the keyboard from, or that it leaves the end of off.

    Stricter than `nearest`: names that differ in a digit or in a word are different names.
    """
    from difflib import SequenceMatcher

    wanted = _letters(name)
    names = {_letters(other): other for other in known}
    for meant in (wanted, f"{wanted}id", f"{wanted}s") if len(wanted) >= _SHORT else (wanted,):
        if meant in names:
            return names[meant]
    if len(wanted) < _SHORT:
        return None
    swapped = (
        f"{wanted[:at]}{wanted[at + 1]}{wanted[at]}{wanted[at + 2 :]}" for at in range(len(wanted) - 1)
    )
    for meant in swapped:  # in short names too few letters are left to be alike by
        if meant in names and not any(letter.isdigit() for letter in wanted):
            return names[meant]
    digits = [letter for letter in wanted if letter.isdigit()]
    best, found = _ALIKE, None
    matcher = SequenceMatcher(b=wanted, autojunk=False)
    for letters, other in names.items():
        length = len(letters) + len(wanted)
        if abs(len(letters) - len(wanted)) > _SLIPS or digits != [each for each in letters if each.isdigit()]:
            continue
        if _with_a_word_more(name, other):
            continue
        matcher.set_seq1(letters)
        if matcher.quick_ratio() < best:
            continue
        ratio = matcher.ratio()
        if ratio >= best and length * (1 - ratio) <= _SLIPS + 0.5:
            best, found = ratio, other
    return found


def _with_a_word_more(name: str, other: str) -> bool:
    """Return whether names differ by whole words only, as `team` and `team_id` do."""
    words, others = set(name.lower().split("_")), set(other.lower().split("_"))
    return words != others and (words <= others or words >= others)


_SHORT = 4
"""Letters below which names are alike by chance."""
_ALIKE = 0.8
_SLIPS = 3
"""Letters that only one of two names has: a missing one is one, two that changed places are two."""


def _letters(name: str) -> str:
    return name.lower().replace("_", "")
