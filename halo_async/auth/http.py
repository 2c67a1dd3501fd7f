"""HTTP interface that this package needs. The transport provides it; nothing here opens a socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from halo_async._utils.byte_order_mark import strip_bom
from halo_async._utils.secret import Secret
from halo_async.errors import AuthenticationError


class LoginResponse(Protocol):
    """A response, read completely."""

    @property
    def status(self) -> int:
        """Status code, such as 200."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, case-insensitive."""
        ...

    @property
    def body(self) -> bytes:
        """Body, decompressed."""
        ...

    @property
    def content_type(self) -> str:
        """Media type in lower case, without parameters."""
        ...


class HttpSender(Protocol):
    """Sender of a single anonymous request to an absolute URL; follows no redirects."""

    async def __call__(
        self, method: str, url: str, *, form: Mapping[str, str | Secret] | None = None
    ) -> LoginResponse:
        """Return the response regardless of its status.

        :raises TransportError: no response was received.
        :raises DecodeError: it cannot be read.
        """
        ...


class TemporarilyUnavailable(Exception):
    """Neither success nor refusal: may be retried. Internal to the package; users see `error`."""

    def __init__(
        self,
        error: AuthenticationError,
        *,
        headers: Mapping[str, str] | None = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(str(error))
        self.error = error
        self.error.__cause__ = cause
        self.headers = headers or {}


def parse_json_object(response: LoginResponse) -> dict[str, object] | None:
    """Return the JSON object in a response; None if it is anything else."""
    import msgspec

    from halo_async._utils.json_depth import decode

    try:
        value = decode(strip_bom(response.body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def text_of(value: object, limit: int = 200) -> str:
    """Return a string from an untrusted response on one line and truncated; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:limit]
