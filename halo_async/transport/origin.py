"""Which addresses a request may go to, checked before any socket opens."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from halo_async.errors import InvalidRequestError, SettingsError
from halo_async.settings import Instance
from halo_async.transport.values import Request

_PLAIN = re.compile(r"[A-Za-z0-9_.~-]*").fullmatch
_FORBIDDEN = frozenset("\\?# \t")
_OURS = frozenset(
    {"authorization", "cookie", "host", "content-length", "transfer-encoding", "x-halo-api-key"}
)


def api_url(instance: Instance, request: Request) -> str:
    """The absolute URL of a call: always below the instance's own `/api`.

    :raises InvalidRequestError: for a path that would lead elsewhere or carry a query of its own.
    """
    check_path(request.path)
    url = instance.api_url + request.path
    if request.query:
        url += "?" + "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in request.query])
    return url


def _quoted(text: str) -> str:
    """Most names and values need no quoting, and asking costs a tenth of doing it."""
    return text if _PLAIN(text) else quote(text, safe="")


def check_path(path: str) -> None:
    """Refuse what is no plain path relative to `/api`.

    :raises InvalidRequestError: naming the reason, never the path's tail.
    """
    if not path.startswith("/") or path.startswith("//"):
        raise InvalidRequestError("a path begins with exactly one '/' and is relative to /api")
    if not path.isascii() or not path.isprintable() or not _FORBIDDEN.isdisjoint(path):
        raise InvalidRequestError("a path holds a character that must be quoted (or belongs into the query)")
    if "." in path or "%" in path:
        _check_segments(path)


def check_headers(headers: tuple[tuple[str, str], ...]) -> None:
    """Refuse headers that would become two, or replace the client's own.

    :raises InvalidRequestError: naming the header.
    """
    for name, value in headers:
        if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
            raise InvalidRequestError("a header's name may hold letters, digits, '-' and '_' only")
        if name.lower() in _OURS:
            raise InvalidRequestError(f"the header {name} is the client's own to set")
        if any(character in value for character in "\r\n\0"):
            raise InvalidRequestError(f"the header {name} holds a line break or a NUL")


def same_origin(url: str, instance: Instance) -> bool:
    """Whether a URL that an answer supplied leads to the instance itself, and nowhere else.

    Case of scheme and host and a spelled-out default port make no difference. A relative one does
    not count: join it first.
    """
    if "\\" in url or not url.isprintable() or any(character.isspace() for character in url):
        return False
    try:
        parts = urlsplit(url)
        target = Instance.parse(f"{parts.scheme}://{parts.netloc}")
    except (SettingsError, ValueError):
        return False
    return bool(parts.netloc) and target.origin == instance.origin


def _check_segments(path: str) -> None:
    for segment in path.split("/"):
        plain = unquote(unquote(segment))
        if plain in {".", ".."}:
            raise InvalidRequestError("a path must not hold '.' or '..' as a segment")
        if any(ord(character) < 32 for character in plain):
            raise InvalidRequestError("a path must not hold control characters, quoted or not")
