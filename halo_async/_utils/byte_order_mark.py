"""The byte order mark that some servers and editors put before UTF-8."""

from __future__ import annotations

BOM = b"\xef\xbb\xbf"


def strip_bom(body: bytes) -> bytes:
    """Return ``body`` without its leading byte order mark, if it has one."""
    return body.removeprefix(BOM)
