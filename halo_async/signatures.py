"""Telling a page that came before from a new one."""

from __future__ import annotations

from typing import Any

from halo_async.payload import encode

_FEW = 10


class Signatures:
    """The pages seen so far, one hash each.

    Rows are told by their ids where the page's ids are all different; a page of few rows, whose ids may
    be equal by chance where ids are not unique, by everything that is in it.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}

    def repeats(self, rows: list[Any], number: int) -> int | None:
        """The number of an earlier page with the same rows; else None, and the page is remembered."""
        if not rows:
            return None
        mark = _mark(rows)
        earlier = self._seen.setdefault(mark, number)
        return None if earlier == number else earlier


def _mark(rows: list[Any]) -> int:
    if len(rows) >= _FEW:
        ids = [row.get("id") for row in rows if type(row) is dict]
        if len(ids) == len(rows) and all(type(one) in (int, str) and one for one in ids):
            different = set(ids)
            if len(different) == len(ids):
                return hash(tuple(ids))
    return hash(encode(rows))
