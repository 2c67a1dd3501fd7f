"""Telling a page that came before from a new one."""

from __future__ import annotations

from typing import Any

from halo_async.identity import Identities
from halo_async.payload import encode

_FEW = 10


class Signatures:
    """The pages seen so far, one hash each, whatever the order of their rows.

    Rows are told by their identities where those of a page are all different; a page of few rows, whose
    identities may be equal by chance where they are not unique, by everything that is in it.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def repeats(self, rows: list[Any], identities: Identities, number: int) -> int | None:
        """The number of an earlier page with the same rows; else None, and the page is remembered."""
        if not rows:
            return None
        earlier = self._seen.setdefault(_mark(rows, identities), number)
        return None if earlier == number else earlier


def _mark(rows: list[Any], identities: Identities) -> int:
    if len(rows) >= _FEW:
        different = frozenset(identities)
        if len(different) == len(rows) and None not in different:
            return hash(different)
    return hash((len(rows), frozenset([encode(_object(row)) for row in rows])))


def _object(row: Any) -> Any:
    return row.__halo_object__() if hasattr(row, "__halo_object__") else row
