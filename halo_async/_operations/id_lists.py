"""Several values in one filter, as the one text that Halo reads: `client_ids=1,2`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any, TypeGuard

from halo_async._operations.serialization import query_text
from halo_async.errors import InvalidRequestError
from halo_async.records.mismatch import Misfit
from halo_async.records.scalar_checks import check_int, check_str

_TEXT_OR_LIST = "a str or a list"
_GIVE_LIST = "Give a list, a tuple or a set of values."
NOTHING = "would filter nothing. Leave the filter out if all rows are meant, else send no request."


def are_several(value: Any) -> TypeGuard[Iterable[Any]]:
    """Return whether a value is a list, a tuple or a set. A mapping and a text are one value."""
    return isinstance(value, list | tuple | AbstractSet)


def check_text(value: Any) -> Any:
    """A text, or several values as one text; mappings, which become JSON, as they are."""
    if not are_several(value):
        return value if isinstance(value, Mapping) else _check_text(value)
    if any(isinstance(item, Mapping) for item in value):
        return value  # `advanced_search` and similar ones are one JSON string
    return _join(value, _one_text)


def check_texts(value: Any) -> Any:
    """Texts, or one text of them."""
    return check_text(_not_blank(value))


def check_ids(value: Any) -> Any:
    """Whole numbers, or one text of them."""
    if isinstance(value, Mapping):
        raise Misfit(_TEXT_OR_LIST, value, _GIVE_LIST)
    return _join(value, _one_id) if are_several(value) else check_text(_not_blank(value))


def joined(name: str, values: Iterable[Any]) -> str:
    """Several values of a parameter that no document knows.

    :raises InvalidRequestError: there are none, or one would read as several.
    :raises TypeError: one has no form in a query.
    """
    return _join(values, lambda item: _separable(query_text(name, item)))


def _join(values: Iterable[Any], one: Callable[[Any], str]) -> str:
    texts = [_encode_at(place, one, item) for place, item in enumerate(values)]
    if not texts:
        raise InvalidRequestError(f"An empty list {NOTHING}")
    return ",".join(sorted(texts, key=_order) if isinstance(values, AbstractSet) else texts)


def in_order(values: Iterable[Any]) -> list[Any]:
    """Several values as a list; a set always in the same order."""
    return (
        sorted(values, key=lambda item: _order(str(item)))
        if isinstance(values, AbstractSet)
        else list(values)
    )


def _encode_at(place: int, one: Callable[[Any], str], item: Any) -> str:
    try:
        return one(item)
    except Misfit as misfit:
        raise misfit.at(f"[{place}]") from None


def _order(text: str) -> tuple[bool, int, str]:
    """Numbers by their value, then texts: a set is always sent in the same order."""
    number = _is_whole(text)
    return not number, int(text) if number else 0, text


def _is_whole(text: str) -> bool:
    digits = text.strip().removeprefix("-")
    return digits.isascii() and digits.isdecimal() and len(digits) < 40


def _one_id(item: Any) -> str:
    if isinstance(item, str) and not isinstance(item, Enum) and _is_whole(item):
        return item.strip()
    return query_text("", check_int(item))


def _one_text(item: Any) -> str:
    # `activeinactive` takes two booleans
    return _separable(query_text("", item if isinstance(item, bool) else _check_text(item)))


def _check_text(value: Any) -> Any:
    """One value that stands for itself: a text, an int, a date."""
    try:
        return check_str(value)
    except Misfit as misfit:
        try:
            return check_int(value)
        except Misfit:
            if isinstance(value, Iterable) and not isinstance(value, bytes | bytearray):
                raise Misfit(_TEXT_OR_LIST, value, _GIVE_LIST) from None
            raise misfit from None


def _separable(text: str) -> str:
    if text.strip() and "," not in text:
        return text
    what = "contains a comma, by which Halo separates values" if "," in text else "is empty"
    raise InvalidRequestError(f"A value of the list {what}. Request that value by itself.")


def _not_blank(value: Any) -> Any:
    if isinstance(value, str) and not value.strip(" ,"):
        raise InvalidRequestError(f"An empty string {NOTHING}")
    return value
