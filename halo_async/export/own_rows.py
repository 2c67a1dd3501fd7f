"""Whose a row is that was requested by the id of its parent: an instance can ignore the parameter."""

from __future__ import annotations

from collections.abc import Callable, Container

from halo_async.errors import IncompleteError
from halo_async.export.seen_ids import row_id

OwnRows = Callable[[int, list[bytes]], list[bytes]]
"""Returns which rows of a parent's response are its own."""


class StrayRowError(IncompleteError):
    """A row does not say whose it is, or is another parent's."""


def called(key: str | None) -> Callable[[bytes], str]:
    """Return a function from a row to its name, by its parent and its id; empty without an id.

    :param key: the field with the parent's id; None where rows have none.
    """

    def call(row: bytes) -> str:
        id = row_id(row)
        return f"{parent_of(row, key)}/{id}" if id else ""

    return call


def parent_of(row: bytes, key: str | None) -> int:
    """Return the id of a row's parent; 0 where it says none."""
    return _read_parent(row, key) if key else 0


def all_rows(parent: int, rows: list[bytes]) -> list[bytes]:
    """Return every row: they do not say whose they are."""
    return rows


def without_others(key: str | None, parents: Container[int]) -> OwnRows:
    """Leave out rows of other parents that are requested too: they come with those.

    :param key: the field with the parent's id; None where rows have none.
    """
    if key is None:
        return all_rows

    def own(parent: int, rows: list[bytes]) -> list[bytes]:
        return [row for row in rows if (of := _read_parent(row, key)) == parent or of not in parents]

    return own


def none_of_others(key: str | None, *, named: bool) -> OwnRows:
    """Refuse rows of other parents.

    :param named: whether each row must name its parent.
    """
    if key is None:
        return all_rows

    def own(parent: int, rows: list[bytes]) -> list[bytes]:
        for row in rows:
            of = _read_parent(row, key)
            if of != parent and (of or named):
                raise StrayRowError(
                    f"Received a row whose {key} is {of or 'not given'} when those of {parent} were requested, so rows "
                    "can be there twice. Export this list without a cluster."
                )
        return rows

    return own


def _read_parent(row: bytes, key: str) -> int:
    """Return the id of a row's parent; 0 where it has none."""
    of = row_id(row, key)
    return int(of) if isinstance(of, int | float) and of == of // 1 else 0
