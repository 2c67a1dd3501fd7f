"""Checks of the arguments of a call: Halo ignores what it cannot read, and returns everything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from halo_async._operations.date_ranges import check_end, check_start
from halo_async._operations.id_lists import NOTHING, are_several, check_ids, check_text, check_texts, in_order
from halo_async.errors import InvalidRequestError
from halo_async.records.converters import DATES
from halo_async.records.mismatch import Misfit, told
from halo_async.records.scalar_checks import check_bool, check_float, check_int, check_str
from halo_async.records.type_checks import Check, bare, check_of, list_check

if TYPE_CHECKING:
    from halo_async._operations.operation import Operation

_QUERY: dict[str, Check] = {
    "int": check_int,
    "float": check_float,
    "bool": check_bool,
    "str": check_text,
    "Many[int]": check_ids,
    "Many[str]": check_texts,
    "Moment": check_start,
    "RangeStart": check_start,
    "RangeEnd": check_end,
    **dict.fromkeys(DATES, check_start),
}
_PASSES: Mapping[Check, type] = {check_int: int, check_bool: bool}
"""The type, not a subclass of it, whose values pass a check unchanged: that of most arguments."""


def check_arguments(operation: Operation, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as they are to be sent.

    :raises TypeError: one has the wrong type.
    :raises InvalidRequestError: a list is empty, or one of its values would read as several.
    """
    return {name: check_argument(operation, name, value) for name, value in arguments.items()}


def check_argument(operation: Operation, name: str, value: Any) -> Any:
    """One argument as it is to be sent; see `check_arguments`."""
    check = None if value is None else operation.checks.get(name)
    if check is None or type(value) is _PASSES.get(check):
        return value
    try:
        return check(value)
    except Misfit as misfit:
        raise told(f"{operation.name}()", name, misfit) from None
    except InvalidRequestError as error:
        raise InvalidRequestError(f"{name} of {operation.name}() is not valid. {error}") from None


def checks_of_arguments(operation: Operation) -> dict[str, Check]:
    """The check of each argument that has one, by its name."""
    texts = operation.stub.__annotations__
    found: dict[str, Check | None] = {}
    for name in (*operation.positional, *operation.keywords):
        if name in operation.client_options:
            continue
        text = bare(str(texts.get(name, "Any")))
        if name in operation.path_params:
            found[name] = _path_check(text)
        elif name != operation.body_name:
            found[name] = query_check(text)
        elif operation.body == "json" and operation.kind != "upsert":
            found[name] = _body_check(text, operation.stub.__module__)
    return {name: check for name, check in found.items() if check is not None}


@cache
def query_check(text: str) -> Check | None:
    """The check of a query parameter, by its annotation."""
    if text in _QUERY:
        return _QUERY[text]
    if text.startswith("Literal["):
        return check_text  # an instance may know other words
    if text.startswith("Sequence["):
        return _repeated(_QUERY.get(text[9:-1]))
    return None


def _repeated(item: Check | None) -> Check:
    """The document has a list, which goes by repeating the name."""
    check_items = list_check(item)

    def check(value: Any) -> Any:
        if item is not None and not are_several(value) and not isinstance(value, str):
            return item(value)
        if are_several(value) and not (value := in_order(value)):
            raise InvalidRequestError(f"An empty list {NOTHING}")
        return check_items(value)

    return check


def _path_check(text: str) -> Check | None:
    if text == "str":
        return _check_place
    return {"int": check_int, "float": check_float, "bool": check_bool}.get(text)


def _check_place(value: Any) -> Any:
    """A part of a path that is a text: an id may be given as a number too."""
    try:
        return check_str(value)
    except Misfit as misfit:
        if isinstance(value, date):
            return value
        try:
            return check_int(value)
        except Misfit:
            raise misfit from None


def _body_check(text: str, module: str) -> Check | None:
    """The check of a body such as `models.Ticket | Mapping[str, Any]`, or of a list of them."""
    text = text.partition(" | Mapping")[0]
    head, bracket, rest = text.partition("[")
    if bracket and head in ("Iterable", "Sequence"):
        item = rest.removesuffix("]").partition(" | Mapping")[0]
        return list_check(_model_check(item, module) if item.startswith("models.") else check_of(item, None))
    return _model_check(text, module) if text.startswith("models.") else check_of(text, None)


def _model_check(text: str, module: str) -> Check:
    def check(value: Any) -> Any:
        from halo_async._operations.response_decoding import decode_as
        from halo_async.records.converters import is_record
        from halo_async.records.field_checks import check_fields

        if isinstance(value, str | bytes | int | float):
            raise Misfit(f"a {text.rpartition('.')[2]} or a mapping", value, "Give its fields in { }.")
        if is_record(value) or not isinstance(value, Mapping):
            return value
        return check_fields(decode_as(text, module), value)

    return check
