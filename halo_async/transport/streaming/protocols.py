"""Bodies that are never held whole: what goes up piece by piece, and what takes a file as it comes down."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import TYPE_CHECKING, Protocol, TypeVar

from halo_async.errors import HaloError
from halo_async.transport.types import HttpRequest, Request, Response

if TYPE_CHECKING:
    from halo_async._utils.secret import Secret

T = TypeVar("T")


class StreamUpload(Protocol):
    """A body of known length that can be sent again."""

    content_type: str | None
    """None sends no such header."""

    @property
    def size(self) -> int:
        """Bytes, exactly."""
        ...

    def open(self) -> AsyncGenerator[bytes]:
        """The pieces from the beginning, for each attempt anew."""
        ...


class StreamReceiver(Protocol):
    """Takes the body of a success. What its methods raise stops the call and is raised by it."""

    def headers(self) -> tuple[tuple[str, str], ...]:
        """What an attempt asks with: the part that is wanted."""
        ...

    def wants(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether this answer is the file; any other is read as any answer is."""
        ...

    async def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The file begins.

        :raises DecodeError: it is not the one that was asked for; the call may be tried again.
        """
        ...

    def add(self, chunk: bytes) -> None:
        """The next piece, decompressed; called in a thread.

        :raises ResponseTooLargeError: it is more than is wanted.
        """
        ...

    async def end(self) -> None:
        """The whole body came."""
        ...

    async def refused(self, headers: Mapping[str, str]) -> bool:
        """The part that was asked for is not to be had (412, 416): whether that is because all is there."""
        ...


class StreamingCall(Protocol):
    """What sends and receives streams: the transport."""

    @property
    def data_of(self) -> str:
        """Where it sends to."""
        ...

    async def stream(
        self,
        request: Request,
        decode: Callable[[Response], T],
        *,
        upload: StreamUpload | None = None,
        receiver: StreamReceiver | None = None,
    ) -> T:
        """As `Transport.stream`."""
        ...


class StreamStoppedError(HaloError):
    """Our own side of a transfer failed: the disk, or a file that changed. Stays inside this package."""

    def __init__(self, reason: Exception) -> None:
        super().__init__(str(reason))
        self.reason = reason


class StreamedRequest(HttpRequest):
    """A request with a body that is a stream, or whose answer goes into one."""

    __slots__ = ("receiver", "upload")

    def __init__(
        self,
        request: Request,
        url: str,
        *,
        authorization: Secret,
        authorization_header: str,
        total: float | None,
        upload: StreamUpload | None,
        receiver: StreamReceiver | None,
    ) -> None:
        super().__init__(
            request.method,
            url,
            headers=request.headers + (receiver.headers() if receiver else ()),
            authorization=authorization,
            authorization_header=authorization_header,
            total=total,
        )
        self.upload = upload
        self.receiver = receiver
