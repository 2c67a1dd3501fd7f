"""Decoding of JSON responses: exact numbers, one kind of error."""

from __future__ import annotations

from typing import Any

import msgspec

from halo_async._utils.byte_order_mark import strip_bom
from halo_async._utils.json_depth import DEPTH_LIMIT, decode
from halo_async.errors import DecodeError, UnexpectedContentTypeError
from halo_async.transport.types import Response


def decode_json(response: Response) -> Any:
    """Return the JSON value of a response; None for an empty one.

    Integers of any size stay exact, the last of repeated keys wins, NaN and infinity are refused, and so are more
    than 500 levels of arrays and objects.

    :raises UnexpectedContentTypeError: for a web page or another document.
    :raises DecodeError: for anything that is not one whole JSON value in UTF-8.
    """
    body = strip_bom(response.body)
    if not body:
        return None
    try:
        return decode(body)
    except RecursionError:
        raise too_deep(len(body)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise _explained(response, error) from _cause(error)


def too_deep(size: int) -> DecodeError:
    """Return the error for a body of so many bytes that has more levels than any Python is asked to decode."""
    return DecodeError(f"The response ({size} bytes) is nested deeper than {DEPTH_LIMIT} levels.")


def _cause(error: Exception) -> Exception | None:
    """Return the cause that gives the position of the error; causes that hold the response are left out."""
    return error.with_traceback(None) if isinstance(error, msgspec.DecodeError) else None


def _explained(response: Response, error: Exception) -> DecodeError:
    from halo_async.transport.error_messages import plain_text  # only on errors

    if not response.content_type.endswith("json") and _is_markup(response.body):
        shown = plain_text(response.body, charset=response.charset)
        return UnexpectedContentTypeError(
            f"Expected JSON, got {response.content_type or 'an untyped document'}: {shown!r}."
        )
    if _is_markup(response.body):
        return UnexpectedContentTypeError(
            f"Expected JSON as declared, got a web page: {plain_text(response.body, charset=response.charset)!r}."
        )
    return DecodeError(f"The response ({len(response.body)} bytes) is not valid JSON: {error}.")


def _is_markup(body: bytes) -> bool:
    return body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<"
