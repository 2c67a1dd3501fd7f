"""Which of several things a name means: exactly written names go first, then case and spaces do not count."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


def folded(name: str) -> str:
    """A name without what people write differently: case, and spaces around and between words."""
    return " ".join(name.split()).casefold()


def meant(name: str, things: Iterable[T], handles: Callable[[T], Iterable[str]]) -> list[T]:
    """The things that a name may mean, each having some handles; none, one, or several that are alike."""
    known = [(thing, list(handles(thing))) for thing in things]
    exact = [thing for thing, own in known if name in own]
    if exact:
        return exact
    wanted = folded(name)
    return [thing for thing, own in known if any(folded(handle) == wanted for handle in own)]
