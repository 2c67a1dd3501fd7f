"""Row keys: `id`, or the fields named by the overlay where `id` is not unique."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from functools import cache
from operator import attrgetter, itemgetter
from typing import Any

from halo_async.pagination.lines import Lines

Identities = list[Hashable | None]
"""Keys of the rows of a page; None for a row without one, which then equals no other."""
Identify = Callable[[Sequence[Any]], Identities]

_IDENTIFYING = frozenset({int, str})


@cache  # a list's calls share one
def key_by_fields(names: tuple[str, ...]) -> Identify:
    """Return the key function for these fields together."""
    if len(names) == 1:
        return _by_name(names[0])

    def together(row: Any) -> Hashable | None:
        values = tuple([_identify_value(_get_field(row, name)) for name in names])
        return None if None in values else values

    return lambda rows: list(map(together, _decode_keys(rows, names)))


def _by_name(name: str) -> Identify:
    item, attribute = itemgetter(name), attrgetter(name)

    def identities(rows: Sequence[Any]) -> Identities:
        if isinstance(rows, Lines):
            if name == "id" and rows.ids is not None:
                return list(rows.ids)
            rows = rows.with_fields((name,))
        get = item if not rows or type(rows[0]) is dict else attribute  # see `struct_rows`
        try:
            values = list(map(get, rows))  # no Python step per row
        except (KeyError, TypeError, AttributeError):
            values = [_get_field(row, name) for row in rows]
        return values if _IDENTIFYING.issuperset(map(type, values)) else list(map(_identify_value, values))

    return identities


def key_by_version(names: tuple[str, ...], stamp: str | None) -> Identify:
    """Return the key function for one state of a row: its own key, and when it was changed.

    A row with neither is identified by its whole content.
    """
    identify = key_by_fields(names)

    def state(row: Any, own: Hashable | None) -> Hashable:
        changed = _identify_value(row.get(stamp)) if stamp and own is not None else None
        return (own, changed) if changed is not None else _digest_row(row)

    def states(rows: Sequence[Any]) -> Identities:
        rows = rows.decoded() if isinstance(rows, Lines) else rows
        return list(map(state, rows, identify(rows)))

    return states


def _decode_keys(rows: Sequence[Any], names: tuple[str, ...]) -> Sequence[Any]:
    return rows.with_fields(names) if isinstance(rows, Lines) else rows


def _get_field(row: Any, name: str) -> Any:
    return row.get(name) if type(row) is dict else getattr(row, name, None)


def _identify_value(value: Any) -> int | str | None:
    return value if type(value) in _IDENTIFYING else None


def _digest_row(row: Any) -> bytes:
    from hashlib import blake2b

    from halo_async._operations.serialization import encode_json

    return blake2b(encode_json(row), digest_size=16).digest()
