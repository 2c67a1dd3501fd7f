"""Values in the place of an id: what is one, what creates a record, and what only looks like one."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from operator import index
from typing import Any

from halo_async.errors import InvalidRequestError
from halo_async.records.mismatch import Misfit, told
from halo_async.records.scalar_checks import check_int


def identity(value: Any, name: str = "id") -> int | str:
    """Return a valid record id.

    :raises InvalidRequestError: it is not valid: Halo would create another record.
    :raises TypeError: it has the wrong type, such as a float.
    """
    if value is not None and not isinstance(value, str):
        value = _check_whole(value, name)
    if value is None or _creates(value):
        raise InvalidRequestError(
            f"{shown(value)} is not a valid id, and Halo would create another record. Give the id of the record."
        )
    found: int | str = value
    return found


def _check_whole(value: Any, name: str) -> Any:
    try:
        whole = check_int(value)
    except Misfit as misfit:
        raise told("The record", name, misfit) from None
    return index(whole.value if isinstance(whole, Enum) else whole)


def _creates(value: int | str) -> bool:
    """Return whether Halo treats it as a missing id: 0 or less, also as a string, or a blank string."""
    if isinstance(value, int):
        return value <= 0
    try:
        return not float(value) > 0
    except ValueError:
        return not value.strip()


def shown(value: Any) -> str:
    """Return an id as messages show it."""
    return repr(value) if isinstance(value, int | float | None | bool) else f"{str(value)[:40]!r}"


def check_row_id(value: Any) -> None:
    """Refuse a value that only counts as a number: "leave it out" would make a duplicate of its record."""
    if value is not None and not isinstance(value, str):
        whole = _check_whole(value, "id")
        if not isinstance(value, int):
            raise told("The record", "id", Misfit("an int", value, f"Give {whole}."))


def own_id(fields: Mapping[str, Any]) -> int | str | None:
    """The id by which these fields are one record; None where they have none."""
    id = fields.get("id")
    return None if is_no_id(id) else id


def is_no_id(value: Any) -> bool:
    """Return whether Halo creates a record for this value of `id`."""
    return isinstance(value, bool) or not isinstance(value, int | str) or _creates(value)
