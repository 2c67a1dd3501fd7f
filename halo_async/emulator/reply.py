"""Responses: what a handler returns and the server sends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import attrs
import msgspec

JSON = "application/json; charset=utf-8"
_encode = msgspec.json.Encoder().encode


@attrs.define(eq=False)
class Reply:
    """A complete response. An empty ``content_type`` sends none, as real empty responses do."""

    status: int
    body: bytes = b""
    content_type: str = ""
    headers: dict[str, str] = attrs.field(factory=dict)
    # In place of the body, if that is too large to hold; ``length`` is its size.
    stream: Callable[[], Iterator[bytes]] | None = None
    length: int = 0


def json_reply(value: Any, status: int = 200) -> Reply:
    """Return a JSON response."""
    return Reply(status, _encode(value), JSON)


def empty(status: int) -> Reply:
    """Return a response without a body: 401, 403, 404 and 500 look like this (measured)."""
    return Reply(status)


def text_reply(text: str, status: int = 200, content_type: str = "text/plain; charset=utf-8") -> Reply:
    """Return a response that is not JSON."""
    return Reply(status, text.encode(), content_type)
