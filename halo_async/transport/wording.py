"""Halo's own words out of an error's body, in every shape seen on the wire."""

from __future__ import annotations

import re
from typing import Any

import msgspec
from attrs import frozen

from halo_async.errors import FieldError

_LONGEST = 200
_LARGEST = 1_000_000
"""An error's body larger than this is not looked through."""
_ELEMENT = re.compile(r"^[A-Za-z_]*\[(\d+)\]\.?(.*)$", re.DOTALL)
_INVISIBLE = re.compile(r"<(script|style|head)\b.*?</\1\s*>|<!--.*?-->", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_MESSAGE_KEYS = (
    "error_description",
    "errorMessage",
    "Message",
    "message",
    "ExceptionMessage",
    "detail",
    "error",
    "title",
)
_NEVER_FIELDS = {"type", "title", "status", "traceid", "instance", "detail"}


@frozen
class Wording:
    """What an error's body says."""

    text: str = ""
    fields: tuple[FieldError, ...] = ()


def wording(body: bytes) -> Wording:
    """Read an error's body; nothing in it is a reason to fail."""
    if not body.strip() or len(body) > _LARGEST:
        return Wording()
    try:
        value = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        return Wording(plain_text(body))
    return _of_value(value)


def plain_text(body: bytes, limit: int = _LONGEST) -> str:
    """The first characters of the text of a document, its markup taken out."""
    text = body[:100_000].decode("utf-8", "replace").removeprefix("\ufeff")
    if text.lstrip().startswith("<"):
        text = _TAG.sub(" ", _INVISIBLE.sub(" ", text))
    return one_line(text, limit)


def one_line(text: str, limit: int = _LONGEST) -> str:
    """Text for a message: blanks joined, control characters out, cut at `limit`."""
    joined = " ".join("".join(c if c.isprintable() else " " for c in text[: limit * 20]).split())
    return joined if len(joined) <= limit else joined[: limit - 1] + "…"


def _of_value(value: Any) -> Wording:
    if isinstance(value, str):
        return Wording(one_line(value))
    if isinstance(value, dict):
        return _of_object(value)
    if isinstance(value, list):
        return Wording("; ".join(one_line(item) for item in value[:5] if isinstance(item, str)))
    return Wording()


def _of_object(value: dict[str, Any]) -> Wording:
    nested = next(
        (value[key] for key in ("ModelState", "modelState", "errors") if _is_model_state(value.get(key))),
        None,
    )
    state = nested if nested is not None else value if _is_model_state(value) else None
    if state is not None:
        fields = tuple(
            _field_error(name, said) for name, said in state.items() if name.lower() not in _NEVER_FIELDS
        )
        if fields:
            return Wording(_summary(fields), fields)
    return Wording(_message(value))


def _message(value: dict[str, Any]) -> str:
    for key in _MESSAGE_KEYS:
        said = value.get(key)
        if isinstance(said, str) and said.strip():
            return one_line(said)
        if isinstance(said, dict) and (inner := _message(said)):
            return inner
    return ""


def _is_model_state(value: Any) -> bool:
    """`{"field": ["what is wrong", …], …}`: every value a list of strings, and not empty."""
    return (
        isinstance(value, dict)
        and bool(value)
        and all(
            isinstance(said, list) and all(isinstance(item, str) for item in said) for said in value.values()
        )
    )


def _field_error(name: str, said: list[str]) -> FieldError:
    messages = tuple(one_line(item) for item in said)
    element = _ELEMENT.match(name)
    if element is None:
        return FieldError(None, one_line(name), messages)
    return FieldError(int(element[1][:9]), one_line(element[2]), messages)


def _summary(fields: tuple[FieldError, ...]) -> str:
    parts = [f"{_place(item)}{' '.join(item.messages)}" for item in fields[:5]]
    more = f"; and {len(fields) - 5} more" if len(fields) > 5 else ""
    return one_line("; ".join(parts), 600) + more


def _place(item: FieldError) -> str:
    where = f"element {item.index}" if item.index is not None else ""
    name = ", ".join(part for part in (where, item.field) if part)
    return f"{name}: " if name else ""
