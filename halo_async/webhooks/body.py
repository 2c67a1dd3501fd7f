"""JSON of a delivery: exact numbers, in any supported charset."""

from __future__ import annotations

import codecs
from email.message import Message
from typing import Any

import msgspec

from halo_async._utils.json_depth import DEPTH_LIMIT, decode
from halo_async.errors import WebhookError

_CHARSETS = frozenset({"utf-8", "ascii", "iso8859-1", "cp1252", "utf-16", "utf-16-le", "utf-16-be"})
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_GZIP = b"\x1f\x8b"


def read_json(body: bytes, content_type: str | None) -> Any:
    """Return the value of a body; integers of any size stay exact, the last of repeated keys wins.

    :raises WebhookError: 400, with one sentence.
    """
    kind, charset = _announced(content_type)
    if kind and not (kind in ("application/json", "text/json") or kind.endswith("+json")):
        raise WebhookError("The content type is not JSON. Set the webhook's to application/json.")
    if body[:2] == _GZIP:
        raise WebhookError("The body is compressed. Let the server decompress it first.")
    try:
        return decode(_utf8(body, charset))
    except RecursionError:
        raise WebhookError(f"The body is nested deeper than {DEPTH_LIMIT} levels.") from None
    except (msgspec.DecodeError, ValueError):
        # Neither the body nor the cause, which quotes it: the sender may be anybody.
        raise WebhookError(f"The body ({len(body)} bytes) is not JSON.") from None


def _announced(content_type: str | None) -> tuple[str, str]:
    if not content_type:
        return "", "utf-8"
    message = Message()
    message["Content-Type"] = content_type
    return content_type.partition(";")[0].strip().lower(), _check_charset(
        message.get_content_charset() or "utf-8"
    )


def _check_charset(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        name = ""
    if name not in _CHARSETS:
        raise WebhookError("The charset of the body is unknown. Send UTF-8.")
    return name


def _utf8(body: bytes, charset: str) -> bytes:
    """Return the body in UTF-8 without its byte order mark, which overrides the declared charset."""
    for mark, marked in _MARKS:
        if body.startswith(mark):
            body, charset = body[len(mark) :], marked
            break
    return body if charset == "utf-8" else body.decode(charset).encode()
