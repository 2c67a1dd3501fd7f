"""The "did you mean" of our error messages: slips of the fingers, and Halo's other words for a thing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_WORDS = Path(__file__).resolve().parent.parent / "api" / "words.json"
_ALIKE = 0.6
"""Minimum similarity of a known name and the typed one."""
_NEARLY = 0.85
"""Minimum similarity for a typing error, or for another word of the same meaning."""
_SHORT = 5
"""Length of names of which a good part is alike by chance (`get` and `agent`, `tasks` and `tags`)."""


def did_you_mean(name: str, known: Iterable[str], aliases: Mapping[str, str] | None = None) -> str:
    """Return `". Did you mean 'summary'?"` for the nearest known name, or an empty string.

    :param aliases: other names that may be meant, each with the known name to suggest.
    """
    others = aliases or {}
    near = closest_names(name, [*known, *others], 1)
    return f". Did you mean {others.get(near[0], near[0])!r}?" if near else ""


def closest_names(name: str, known: Iterable[str], count: int) -> list[str]:
    """At most so many known names that may be meant, the likeliest first; case does not count.

    Those with another of Halo's words in the place of one come first (`requesttype_id` for `tickettype_id`), and the
    id of a thing for the thing; then what is spelt alike.
    """
    normalise = {candidate.lower(): candidate for candidate in known}
    squeezed = {_squeeze_name(candidate): candidate for candidate in normalise.values()}
    wanted = _squeeze_name(name)
    first, dot, rest = wanted.partition(".")  # a resource, or an operation such as `companies.list`
    single = f"{first[:-3]}y{dot}{rest}" if first.endswith("ies") else wanted
    others = list(_in_other_words(single)) if wanted else []
    ids = [f"{other}id" for other in others]
    likely = {each: known_as for each, known_as in normalise.items() if _may_be(name.lower(), each)}
    found = [
        *[squeezed[each] for each in (wanted, f"{wanted}id", *others, *ids) if each in squeezed],
        *_alike([name.lower()], normalise, count, _NEARLY),
        *_alike(others, squeezed, count, _NEARLY),
        *_alike([name.lower()], likely, count, _ALIKE),
    ]
    return list(dict.fromkeys(found))[:count]


def _alike(names: list[str], known: dict[str, str], count: int, least: float) -> list[str]:
    """The known names that are most like one of these."""
    from difflib import SequenceMatcher, get_close_matches  # 5 ms to import, needed only for errors

    found: dict[str, float] = {}
    for name in names:
        for near in get_close_matches(name, known, n=count, cutoff=least):
            found[near] = max(found.get(near, 0.0), SequenceMatcher(None, near, name).ratio())
    return [known[near] for near in sorted(found, key=lambda near: -found[near])]


def _may_be(typed: str, known: str) -> bool:
    """Return whether a name is long enough to be judged by similarity, a part of the known one, or one slip from it."""
    parts = known.replace(".", "_").split("_")
    return len(typed) > _SHORT or known.startswith(typed) or typed in parts or _is_one_slip(typed, known)


def _is_one_slip(typed: str, known: str) -> bool:
    """Return whether one character is missing, superfluous or wrong, or two are the wrong way round."""
    start = _count_same(typed, known)
    left, right = typed[start:][::-1], known[start:][::-1]
    end = _count_same(left, right)
    left, right = left[end:], right[end:]
    return max(len(left), len(right)) <= 1 or (len(left) == 2 and left == right[::-1])


def _count_same(one: str, other: str) -> int:
    """Return the number of characters that both begin with."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _in_other_words(squeezed: str) -> Iterator[str]:
    """A name with one word in it replaced by each other word for the same thing; long words first."""
    pairs = [(word, other) for group in _load_words() for word in group for other in group if word != other]
    for word, other in sorted(pairs, key=lambda pair: -len(pair[0])):
        if word in squeezed:
            yield squeezed.replace(word, other, 1)


@cache
def _load_words() -> list[list[str]]:
    """Return the groups of words for the same thing, generated from the overlay: lower case, no underscores."""
    import json  # needed only for errors

    groups: list[list[str]] = json.loads(_WORDS.read_bytes())
    return groups


def _squeeze_name(name: str) -> str:
    return name.replace("_", "").lower()


# Which of several things a name means: exactly written names go first, then case and spaces do not count.

T = TypeVar("T")


def normalise(name: str) -> str:
    """Return a name without its usual variations: case, and spaces around and between words."""
    return " ".join(name.split()).casefold()


def match_names(name: str, things: Iterable[T], handles: Callable[[T], Iterable[str]]) -> list[T]:
    """Return the things that match a name by one of their handles; none, one, or several that are alike."""
    known = [(thing, list(handles(thing))) for thing in things]
    exact = [thing for thing, own in known if name in own]
    if exact:
        return exact
    wanted = normalise(name)
    return [thing for thing, own in known if any(normalise(handle) == wanted for handle in own)]
