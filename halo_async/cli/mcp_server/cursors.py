"""Cursors of results that were cut: all that is needed to continue is in them, and nothing is kept."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import attrs

from halo_async.cli.mcp_server.refusals import RefusedError

_LARGEST = 400


@attrs.frozen
class ResultCursor:
    """A place in a result."""

    call: str
    """Digest of the call that it belongs to."""
    skip: int
    """Rows, or characters, that were given out."""
    page_size: int = 0
    """Rows of a full page, as the instance sends them; 0 if it is not read by pages."""
    last: str = ""
    """Digest of the last row given out, which shows if the list moved meanwhile."""

    def text(self) -> str:
        """Return the cursor as an opaque text."""
        data = json.dumps([self.call, self.skip, self.page_size, self.last], separators=(",", ":"))
        return base64.urlsafe_b64encode(data.encode()).decode().rstrip("=")


def digest_of(*parts: Any) -> str:
    """Return a digest of JSON values, the same for the same values in whatever order of names."""
    data = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def read_cursor(text: str | None, call: str) -> ResultCursor:
    """Return the place that a cursor stands for; the beginning without one.

    :raises RefusedError: it is not a cursor, or belongs to another call.
    """
    if not text:
        return ResultCursor(call, 0)
    found = _parse_cursor(text)
    if found is None:
        raise RefusedError(
            "The cursor is not one of this server. Pass the `cursor` of the last result unchanged."
        )
    if found.call != call:
        raise RefusedError(
            "The cursor belongs to a call with other arguments. Repeat them unchanged, or leave the cursor out."
        )
    return found


def _parse_cursor(text: str) -> ResultCursor | None:
    if len(text) > _LARGEST:
        return None
    try:
        call, skip, size, last = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        return None
    numbers = all(type(number) is int and 0 <= number < 10**12 for number in (skip, size))
    texts = isinstance(call, str) and isinstance(last, str)
    return ResultCursor(call, skip, size, last) if texts and numbers else None
