"""What this package needs of HTTP. The transport provides it; nothing here opens a socket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from halo_async._utils.secret import Secret
from halo_async.errors import AuthenticationError


class LoginResponse(Protocol):
    """An answer, read to its end."""

    @property
    def status(self) -> int:
        """Such as 200."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Case-insensitive."""
        ...

    @property
    def body(self) -> bytes:
        """Decompressed."""
        ...

    @property
    def content_type(self) -> str:
        """In lower case, without parameters."""
        ...


class HttpSender(Protocol):
    """Sends one anonymous request to an absolute URL and follows no redirect."""

    async def __call__(
        self, method: str, url: str, *, form: Mapping[str, str | Secret] | None = None
    ) -> LoginResponse:
        """Return the answer whatever its status.

        :raises TransportError: when none came.
        :raises DecodeError: when it cannot be read.
        """
        ...


class TemporarilyUnavailable(Exception):
    """No yes and no no: worth another try. Stays inside this package; `error` is what users see."""

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


def parse_json_object(answer: LoginResponse) -> dict[str, object] | None:
    """The JSON object in an answer; None if it is anything else."""
    import msgspec

    try:
        value = msgspec.json.decode(answer.body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def text_of(value: object, limit: int = 200) -> str:
    """A string out of a foreign answer, on one line and cut; empty for anything else."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:limit]
