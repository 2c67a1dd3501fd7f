"""From the text of an annotation to the check of a value that is to be sent; each text is read once.

Annotations are never evaluated (see `kinds`). What is not understood is not checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from halo_async.records.converters import DATES, find_record_class, is_record
from halo_async.records.mismatch import Misfit
from halo_async.records.scalar_checks import check_bool, check_float, check_int, check_moment, check_str

Check = Callable[[Any], Any]
"""Takes a value that is not None and gives the one to send. :raises Misfit: it has the wrong type."""

_SCALARS: dict[str, Check] = {
    "int": check_int,
    "float": check_float,
    "bool": check_bool,
    "str": check_str,
    "date": check_moment,
    **dict.fromkeys(DATES, check_moment),
}
_LISTS = frozenset({"Sequence", "list", "List", "tuple", "Tuple", "Iterable"})
_MAPPINGS = frozenset({"Mapping", "dict", "Dict", "MutableMapping"})
_UNCHECKED = frozenset({"Any", "object", "None", "bytes", ""})


@cache
def check_of(text: str, owner: type | None) -> Check | None:
    """The check of a field or a body; None where anything goes.

    :param owner: the class whose module names the records; None where there can be none.
    """
    kind = bare(text)
    if kind in _SCALARS:
        return _SCALARS[kind]
    head, bracket, rest = kind.partition("[")
    name = head.rpartition(".")[2]
    if not bracket:
        known = owner is not None and name.isidentifier() and name not in _UNCHECKED
        return _record_check(name, owner) if known else None  # type: ignore[arg-type]
    arguments = rest.removesuffix("]").removesuffix(", ...")
    if name in _LISTS:
        return list_check(check_of(arguments, owner))
    return _check_mapping if name in _MAPPINGS else None


def bare(text: str) -> str:
    """An annotation's text without what says that it may be None."""
    text = text.strip().removesuffix("| None").removeprefix("None |").strip()
    optional = text.partition("Optional[")[2]
    return optional.removesuffix("]") if optional else text


def list_check(item: Check | None) -> Check:
    """The check of a list with items of one kind."""

    def check(value: Any) -> Any:
        if (
            not isinstance(value, Iterable)
            or isinstance(value, str | bytes | bytearray | Mapping)
            or is_record(value)
        ):
            raise Misfit("a list", value, "Put it in [ ].")
        items = value if isinstance(value, list | tuple) else list(value)
        if item is None:
            return items
        checked = [_check_at(place, item, each) for place, each in enumerate(items)]
        same = all(one is other for one, other in zip(checked, items, strict=True))
        return items if same else checked

    return check


def _check_at(place: int, check: Check, value: Any) -> Any:
    try:
        return None if value is None else check(value)
    except Misfit as misfit:
        raise misfit.at(f"[{place}]") from None


def _check_mapping(value: Any) -> Any:
    if isinstance(value, Mapping) or is_record(value):
        return value
    raise Misfit("a mapping", value, "Give names and values in { }.")


def _record_check(name: str, owner: type) -> Check:
    def check(value: Any) -> Any:
        if is_record(value):  # its fields were looked at when they were set
            return value
        if not isinstance(value, Mapping):
            raise Misfit(f"a {name} or a mapping", value, "Give its fields in { }.")
        from halo_async.records.field_checks import check_fields

        return check_fields(find_record_class(owner, name), value)

    return check
