"""Error message from Halo's error body, in every shape seen on the wire."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import Any

import attrs
import msgspec

from halo_async._utils.json_depth import decode
from halo_async.errors import FieldError

_LONGEST = 200
_LARGEST = 1_000_000
"""Error bodies larger than this are not parsed."""
_DEEPEST = 5
_ELEMENT = re.compile(r"^\$?[A-Za-z_]*\[(\d+)\]\.?(.*)$", re.DOTALL)
_MESSAGE_KEYS = (
    "errordescription",
    "errormessage",
    "exceptionmessage",
    "message",
    "detail",
    "error",
    "errors",
    "title",
    "msg",
    "reason",
    "description",
)
"""Keys of error messages, in lower case and without underscores; the most specific comes first."""
_NEVER_FIELDS = {"type", "title", "status", "traceid", "instance", "detail", "errors"}
_CHARSETS = {"iso8859-1": "cp1252", "cp1252": "cp1252", "utf-16": "utf-16", "utf-16-le": "utf-16-le"}
"""Supported charsets besides UTF-8; Latin 1 is read as its superset, as browsers do."""


@attrs.frozen
class ErrorSummary:
    """Content of an error body."""

    text: str = ""
    fields: tuple[FieldError, ...] = ()


def summarise_error(body: bytes, charset: str | None = None) -> ErrorSummary:
    """Parse an error body; invalid content never raises."""
    if not body.strip() or len(body) > _LARGEST:
        return ErrorSummary()
    text = _decode_text(body, charset)
    try:
        return _of_value(decode(text))
    except (msgspec.DecodeError, UnicodeError, RecursionError, ValueError):
        return ErrorSummary(_read_plain(text, _LONGEST))


def plain_text(body: bytes, limit: int = _LONGEST, charset: str | None = None) -> str:
    """Return the first characters of a document's text, without markup."""
    return _read_plain(_decode_text(body[:100_000], charset), limit)


def _decode_text(body: bytes, charset: str | None) -> str:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        charset = "utf-16"
    try:
        known = _CHARSETS.get(codecs.lookup(charset).name, "utf-8") if charset else "utf-8"
    except (LookupError, ValueError):
        known = "utf-8"
    return body.decode(known, "replace").removeprefix("\ufeff")


def _read_plain(text: str, limit: int) -> str:
    text = text[:100_000]
    return one_line(visible_text(text) if text.lstrip().startswith("<") else text, limit)


def one_line(text: str, limit: int = _LONGEST) -> str:
    """Return a string for a message: whitespace joined, control characters removed, cut at `limit`."""
    joined = " ".join("".join(c if c.isprintable() else " " for c in text[: limit * 20]).split())
    return joined if len(joined) <= limit else joined[: limit - 1] + "…"


def message(value: Any) -> str:
    """The words of a decoded error, in one line."""
    return _of_value(value).text


def _of_value(value: Any) -> ErrorSummary:
    return _of_object(value) if isinstance(value, dict) else ErrorSummary(_message(value))


def _of_object(value: dict[str, Any]) -> ErrorSummary:
    nested = next(
        (value[key] for key in ("ModelState", "modelState", "errors") if isinstance(value.get(key), dict)),
        value,
    )
    fields = tuple(
        _field_error(name, [said] if isinstance(said, str) else said)
        for name, said in nested.items()
        if name.lower() not in _NEVER_FIELDS
    ) if _is_model_state(nested, texts=nested is not value) else ()  # fmt: skip
    return ErrorSummary(_summary(fields), fields) if fields else ErrorSummary(_message(value))


def _message(value: Any, depth: int = 0) -> str:
    """Return the message in a value: a string itself, or the values under the usual keys."""
    if isinstance(value, str):
        return one_line(value)
    if depth < _DEEPEST and isinstance(value, list):
        return "; ".join(filter(None, (_message(item, depth + 1) for item in value[:5])))
    if depth < _DEEPEST and isinstance(value, dict):
        folded = {name.lower().replace("_", ""): said for name, said in value.items()}
        words = (_message(folded[key], depth + 1) for key in _MESSAGE_KEYS if key in folded)
        return next(filter(None, words), "")
    return ""


def _is_model_state(value: dict[str, Any], *, texts: bool) -> bool:
    """Match `{"field": ["what is wrong", …], …}`: lists of strings (or one, with `texts`), not empty."""
    return bool(value) and all(
        isinstance(said, list) and all(isinstance(item, str) for item in said)
        if not (texts and isinstance(said, str))
        else True
        for said in value.values()
    )


def _field_error(name: str, said: list[str]) -> FieldError:
    messages = tuple(one_line(item) for item in said)
    element = _ELEMENT.match(name)
    if element is None:
        return FieldError(None, one_line(name.removeprefix("$.")), messages)
    return FieldError(int(element[1][:9]), one_line(element[2]), messages)


def _summary(fields: tuple[FieldError, ...]) -> str:
    parts = [f"{_name_place(item)}{' '.join(item.messages)}" for item in fields[:5]]
    more = f"; and {len(fields) - 5} more" if len(fields) > 5 else ""
    return one_line("; ".join(parts), 600) + more


def _name_place(item: FieldError) -> str:
    where = f"element {item.index}" if item.index is not None else ""
    name = ", ".join(part for part in (where, item.field) if part)
    return f"{name}: " if name else ""


# The text of a web page, in one pass: a page made to be slow to read must not hold everybody else up.

_HIDDEN = {"<!--": "-->", "<script": "</script", "<style": "</style", "<head": "</head"}
"""Opening and closing markers of invisible parts."""


def visible_text(page: str) -> str:
    """Return the text between the tags, without scripts, styles, comments and the head."""
    return " ".join(_texts(page))


def _texts(page: str) -> Iterator[str]:
    lowered = page.lower()
    if len(lowered) != len(page):  # some letters become two when lowered
        page = lowered
    unclosed: set[str] = set()
    at = 0
    while (tag := page.find("<", at)) >= 0:
        yield page[at:tag]
        at = _behind(lowered, tag, unclosed)
        if at == 0:  # not a tag after all
            at = tag
            break
    yield page[at:]


def _behind(page: str, tag: int, unclosed: set[str]) -> int:
    """Return the position after the tag; 0 if the tag is not closed."""
    begins = next((begins for begins in _HIDDEN if _begins(page, tag, begins)), None)
    if begins is not None and begins not in unclosed:
        end = page.find(_HIDDEN[begins], tag + len(begins))
        if end >= 0:
            tag = end
        else:
            unclosed.add(begins)  # so that it is searched for only once
    return page.find(">", tag) + 1


def _begins(page: str, at: int, with_: str) -> bool:
    if not page.startswith(with_, at):
        return False
    return (
        with_ == "<!--" or not page[at + len(with_) : at + len(with_) + 1].isalnum()
    )  # <header> is not <head>
