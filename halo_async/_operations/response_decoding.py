"""Decoding of responses to an operation's result type."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from halo_async.errors import DecodeError, UnexpectedContentTypeError
from halo_async.transport.decode import decode_json
from halo_async.transport.types import Response

if TYPE_CHECKING:
    from halo_async.records.record import Record

_SCALARS = {"int": (int,), "float": (int, float), "bool": (bool,)}


def decoder(result: str, module: str) -> Callable[[Response], Any]:
    """Return the function that decodes a response to the type that an annotation's text names.

    :param module: the module of the stub; its `models` package is the one beside its `api` package.
    """
    optional = result.endswith("| None")
    text = result.removesuffix("| None").strip()
    if text in _SPECIAL:
        return _SPECIAL[text]
    if text in _SCALARS:
        return _scalar(text, optional)
    if text.startswith("Sequence["):
        return _sequence(text[9:-1], module)
    return _decode_one(text, module, optional) if "[" not in text else decode_json


def row_class(result: str, module: str) -> Callable[[], type[Record]] | None:
    """Return a loader of the record class that `Pages[...]` names; None if rows stay unchanged."""
    text = _name_item(result)
    return cache(lambda: decode_as(text, module)) if text.startswith("models.") else None


def _name_item(result: str) -> str:
    return result[result.find("[") + 1 : -1]


def row_maker(result: str, module: str) -> Callable[[list[Any]], list[Any]]:
    """Return the function that converts the rows of a page to the type that `Pages[...]` names.

    :raises DecodeError: (by that function) a row is not an object although records are expected.
    """
    cls = row_class(result, module)
    return list if cls is None else partial(_decode_records, cls, result)


def _decode_records(cls: Callable[[], type[Record]], result: str, rows: list[Any]) -> list[Any]:
    from halo_async.records.record import from_json_list

    try:
        return from_json_list(cls(), rows)
    except TypeError:
        wrong = next(row for row in rows if type(row) is not dict)
        raise DecodeError(f"Expected {_name_item(result)} as a row, got {_name_kind(wrong)}.") from None


def decode_as(text: str, module: str) -> type[Record]:
    """Return the record class that `models.Ticket` refers to in a module of an `api` package."""
    models = vars(sys.modules[module]).get("models") or import_module(_models_of(module))
    found: type[Record] = getattr(models, text.rpartition(".")[2])
    return found


def _models_of(module: str) -> str:
    before, _, _ = f"{module}.".rpartition(".api.")
    return f"{before}.models"


def decode_any(response: Response) -> Any:
    """Decode JSON to plain Python, other text to `str`, the rest to `bytes`, an empty body to None."""
    if not response.body:
        return None
    kind = response.content_type
    if kind.endswith("json") or not kind:
        return decode_json(response)
    is_text = kind.startswith("text/") or kind.endswith("xml")
    return _decode_text(response) if is_text else response.body


def successful(decode: Callable[[Response], Any]) -> Callable[[Response], Any]:
    """`decode`, and a look whether what it gives is an error that calls itself a success.

    :raises HiddenError: (that function) it is.
    """

    def read(response: Response) -> Any:
        value = decode(response)
        if isinstance(value, dict | list):
            from halo_async.transport.hidden_errors import check

            check(value)
        return value

    return read


def _decode_text(response: Response) -> str:
    try:
        return response.body.decode(response.charset or "utf-8-sig")
    except (LookupError, UnicodeDecodeError) as error:
        # Not chained: a UnicodeDecodeError contains and shows the whole body.
        raise DecodeError(f"The response's text cannot be decoded ({type(error).__name__}).") from None


def _string(response: Response) -> str:
    value = decode_any(response)
    if isinstance(value, str):
        return value
    return "" if value is None else _decode_text(response)


def _raw(response: Response) -> bytes:
    """Return a file. A web page must be declared as an attachment; otherwise it is a login page."""
    if response.content_type == "text/html" and "Content-Disposition" not in response.headers:
        raise UnexpectedContentTypeError("Expected a file in the response, got a web page.")
    return response.body


_SPECIAL: dict[str, Callable[[Response], Any]] = {
    "Any": decode_any,
    "object": decode_any,
    "bytes": _raw,
    "str": _string,
    "None": lambda response: None,
}


def _scalar(text: str, optional: bool) -> Callable[[Response], Any]:
    def read(response: Response) -> Any:
        value = decode_json(response)
        if isinstance(value, _SCALARS[text]) or (value is None and optional):
            return value
        raise DecodeError(f"Expected {text} in the response, got {_name_kind(value)}.")

    return read


def _decode_one(text: str, module: str, optional: bool) -> Callable[[Response], Any]:
    def read(response: Response) -> Any:
        value = decode_json(response)
        if type(value) is list and len(value) == 1:
            value = value[0]  # some responses wrap the requested object
        if value and type(value) in (dict, list):  # also with an id: an exception may name one, and 0 is none
            from halo_async.transport.hidden_errors import check

            check(value)
        if type(value) is not dict:
            return _none(value, text, optional)
        from halo_async.records.record import from_json

        return from_json(decode_as(text, module), value)

    return read


def _none(value: Any, text: str, optional: bool) -> None:
    if optional and value in (None, "", []):
        return
    raise DecodeError(f"Expected {text} in the response, got {_name_kind(value)}.")


def _sequence(item: str, module: str) -> Callable[[Response], Any]:
    rows = row_maker(f"[{item}]", module)

    def read(response: Response) -> Any:
        value = decode_json(response)
        if type(value) is dict:
            value = [value]  # a POST of a single object may return that object without its array
        if type(value) is list or value is None:  # an empty response to a write is not a failure
            return rows(value or [])
        raise DecodeError(f"Expected a list in the response, got {_name_kind(value)}.")

    return read


def _name_kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", type(None): "nothing", bool: "a boolean"}
    return names.get(type(value), "a number")
