"""Bodies that are never held whole: streamed uploads, and receivers of streamed downloads."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from halo_async.errors import HaloError
from halo_async.transport.types import HttpRequest, Request

if TYPE_CHECKING:
    from halo_async._utils.secret import Secret

T = TypeVar("T")


class StreamUpload(Protocol):
    """Body of known length that can be sent again."""

    content_type: str | None
    """None omits the header."""

    @property
    def size(self) -> int:
        """Exact size in bytes."""
        ...

    def open(self) -> AsyncGenerator[bytes]:
        """Iterate over the chunks from the beginning, anew for each attempt."""
        ...


class StreamReceiver(Protocol):
    """Receiver of a successful response body. An exception in its methods stops the call and is raised."""

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Headers that request the missing part, per attempt."""
        ...

    def wants(self, status: int, headers: Mapping[str, str]) -> bool:
        """Return whether this response is the file; any other is read normally."""
        ...

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """Begin the file.

        :raises DecodeError: it is not the requested file; the call may be retried.
        """
        ...

    def add(self, chunk: bytes) -> None:
        """Add the next chunk, decompressed; called in a thread.

        :raises ResponseTooLargeError: the file is larger than allowed.
        """
        ...

    async def end(self) -> None:
        """Finish after the whole body was received."""
        ...

    async def refused(self, headers: Mapping[str, str]) -> bool:
        """Return whether the file is complete, so that the requested part does not exist (412, 416)."""
        ...


class StreamStoppedError(HaloError):
    """Local failure of a transfer: the disk, or a file that changed. Never leaves this package."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class StreamedRequest(HttpRequest, frozen=True, eq=False):
    """Request with a streamed body or a streamed response."""

    upload: StreamUpload | None = None
    receiver: StreamReceiver | None = None

    @classmethod
    def of(
        cls,
        request: Request,
        url: str,
        *,
        authorization: Secret,
        authorization_header: str,
        total: float | None,
        upload: StreamUpload | None,
        receiver: StreamReceiver | None,
    ) -> Self:
        """Return the request to send for one of the API; what receives its response may add headers."""
        return cls(
            request.method,
            url,
            headers=request.headers + (receiver.headers() if receiver else ()),
            authorization=authorization,
            authorization_header=authorization_header,
            total=total,
            upload=upload,
            receiver=receiver,
        )
