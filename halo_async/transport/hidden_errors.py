"""Errors in responses that call themselves a success: Halo and what stands before it send some with a 200."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from halo_async.errors import DecodeError

_DETAILS = frozenset({"messagedetail", "exceptionmessage", "exceptiontype", "stacktrace"})
"""Fields of an ASP.NET error without a class name, next to its message."""
_MARKS = re.compile(rb"\n(?:classname|resultcode|message|error(?:s|message)?)\n")
"""Fields of which every error has one. To look for them in all names at once takes a tenth of the time."""


class HiddenError(DecodeError):
    """A response of 2xx that holds an error; the transport raises what the error stands for."""


def check(value: Any) -> None:
    """Look at a decoded response.

    :raises HiddenError: it is an error, or a list of errors.
    """
    items = value if isinstance(value, list) and value else [value]
    if all(is_error(item) for item in items):
        raise HiddenError(message_of(value) or "The response contains an error.")


def is_error(value: Any) -> bool:
    """Return whether a value is an error, not a record: a serialised exception, a result code, `error`."""
    if not isinstance(value, Mapping):
        return False
    names = "\n".join(("", *value, "")).encode(errors="surrogatepass")
    if not _MARKS.search(names.lower().translate(None, b"_")):
        return False
    fields = {name.lower().replace("_", ""): item for name, item in value.items()}
    if isinstance(fields.get("classname"), str) and "message" in fields:
        return True
    if "resultcode" in fields and _says(fields.get("errormessage")):
        return True
    if fields.get("id"):
        return False  # the record's own: an action or a queued email says by `error` what became of itself
    stated = any(_says(fields.get(name)) for name in ("error", "errors", "errormessage"))
    flagged = fields.get("error") is True and _says(fields.get("message"))
    return stated or flagged or (_says(fields.get("message")) and bool(fields.keys() & _DETAILS))


def _says(value: Any) -> bool:
    return isinstance(value, str | dict | list) and bool(value.strip() if isinstance(value, str) else value)


def message_of(value: Any) -> str:
    """Return what an error says, in one line."""
    from halo_async.transport.error_messages import message  # only on errors

    return message(value)
