"""One streamed HTTP exchange. Loaded on first use, when aiohttp is already imported."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from halo_async._utils.background import stop
from halo_async._utils.threads import run_in_thread
from halo_async.errors import AttemptTimeoutError, DecodeError, ResponseTooLargeError
from halo_async.settings import Timeouts
from halo_async.transport.connection_failures import failure_of
from halo_async.transport.decompression import decompressor
from halo_async.transport.retry_policy import Failure, FailureKind
from halo_async.transport.streaming.protocols import (
    StreamedRequest,
    StreamReceiver,
    StreamStoppedError,
    StreamUpload,
)
from halo_async.transport.types import Response

if TYPE_CHECKING:
    from halo_async.transport.session import Session

T = TypeVar("T")
_STEP = 2**20
"""Bytes collected before a thread writes them; the memory that a transfer needs."""
_PART_REFUSED = frozenset({412, 416})


async def exchange(session: Session, outgoing: StreamedRequest) -> Response | Failure:
    """Send one request and read its response into the receiver. Only cancellation is raised.

    Equivalent of `Session.exchange` with streams.
    """
    body = StreamedBody(outgoing.upload, session.timeouts) if outgoing.upload is not None else None
    proxy = session.proxy(outgoing.url)
    timeout = stream_timeout(session.timeouts, outgoing.total)
    try:
        response = await session.request(outgoing, proxy, timeout, body=body, headers=_wished(outgoing))
        return await _read_response(session, outgoing, response)
    except _Ours as stop:
        return stopped(stop.error)
    except (aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
        if body is not None and body.trouble is not None:
            return stopped(body.trouble)
        return failure_of(error, urlsplit(outgoing.url).netloc)
    except BaseException as error:
        if body is not None:
            await body.stop()
        raise error.with_traceback(None)  # noqa: B904 - cancellation: aiohttp's frames hold the headers


def _wished(outgoing: StreamedRequest) -> dict[str, str]:
    """Return headers for an uncompressed file: ranges of a compressed response cannot be requested."""
    return {} if outgoing.receiver is None else {"Accept": "*/*", "Accept-Encoding": "identity"}


def stream_timeout(timeouts: Timeouts, total: float | None) -> aiohttp.ClientTimeout:
    """Return the timeouts of a transfer, which may take long while its bytes keep coming."""
    return aiohttp.ClientTimeout(
        total=None if total is None else max(0.001, total),
        sock_connect=timeouts.connect,
        sock_read=timeouts.read,
    )


async def _read_response(
    session: Session, outgoing: StreamedRequest, response: aiohttp.ClientResponse
) -> Response | Failure:
    receiver = outgoing.receiver
    if receiver is not None and response.status in _PART_REFUSED and "Range" in dict(outgoing.headers):
        response.release()
        if await _our(receiver.refused(response.headers)):
            return Response(200, response.headers, b"")
        error = DecodeError("The rest of the file is not available, since the file has changed.")
        return Failure(FailureKind.UNDECODABLE, error, str(response.status))
    if receiver is None or not receiver.wants(response.status, response.headers):
        return await session.read(response)
    try:
        await _our(receiver.begin(response.status, response.headers))
        await _received(session, response, receiver)
        await _our(receiver.end())
    except ResponseTooLargeError as error:
        return Failure(FailureKind.TOO_LARGE, error.with_traceback(None), "too large")
    except DecodeError as error:
        return Failure(FailureKind.UNDECODABLE, error.with_traceback(None), f"{response.status}, garbled")
    except AttemptTimeoutError as error:
        return Failure(FailureKind.NO_RESPONSE, error.with_traceback(None), "too slow")
    finally:
        response.release()  # unread data closes its connection
    return Response(200, response.headers, b"")


async def _received(session: Session, response: aiohttp.ClientResponse, receiver: StreamReceiver) -> None:
    take = decompressor(response.headers.get("Content-Encoding", ""), receiver)
    pace = ThroughputGuard(session.timeouts, session.now())
    pieces: list[bytes] = []
    held = 0
    try:
        while piece := await response.content.readany():
            pieces.append(piece)
            held += len(piece)
            if held >= _STEP:
                await _fed(take, pieces)
                held = 0
            pace.moved(len(piece), session.now())
    finally:
        if pieces:  # data received before a disconnect is stored too: the next attempt resumes after it
            await _fed(take, pieces)
    take.end()


async def _fed(take: Any, pieces: list[bytes]) -> None:
    whole = b"".join(pieces)
    pieces.clear()
    await _our(run_in_thread(take.feed, whole))


class ThroughputGuard:
    """Transfer rate of a body: slower than `Timeouts.slow_rate` is aborted."""

    def __init__(self, timeouts: Timeouts, began: float) -> None:
        self._timeouts = timeouts
        self._began = began
        self._moved = 0

    def moved(self, count: int, now: float) -> None:
        """Record so many bytes more. :raises AttemptTimeoutError: the rate is now too low."""
        self._moved += count
        elapsed = now - self._began
        if elapsed > self._timeouts.slow_after and self._moved < elapsed * self._timeouts.slow_rate:
            raise AttemptTimeoutError(
                f"The file was transferred at {self._moved / elapsed:.0f} bytes per second, which is too slow."
            )


class StreamedBody(aiohttp.Payload):
    """Upload body for aiohttp: written in chunks, waiting for the connection to accept each."""

    def __init__(self, upload: StreamUpload, timeouts: Timeouts) -> None:
        super().__init__(upload, content_type=upload.content_type)
        self._size = upload.size
        self._upload = upload
        self._timeouts = timeouts
        self._writing: asyncio.Task[Any] | None = None
        self.trouble: Exception | None = None
        """Error that kept the local side from supplying the next chunk."""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Unsupported: the body is never held whole."""
        raise TypeError("A streamed body has no text.")

    async def write(self, writer: AbstractStreamWriter) -> None:
        """See `aiohttp.Payload`."""
        await self.write_with_length(writer, None)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        """See `aiohttp.Payload`. aiohttp's timeouts begin after the body, so each chunk has its own."""
        self._writing = asyncio.current_task()
        try:
            await self._write_all(writer)
        except BaseException:
            _abort(writer)
            raise

    async def stop(self) -> None:
        """Wait for the task of aiohttp that writes: it cancels it only, while a thread reads the next chunk."""
        if self._writing is not None and self._writing is not asyncio.current_task():
            await stop(self._writing)

    async def _write_all(self, writer: AbstractStreamWriter) -> None:
        now = asyncio.get_running_loop().time
        pace = ThroughputGuard(self._timeouts, now())
        async with aclosing(self._upload.open()) as pieces:
            while piece := await self._take_piece(pieces):
                async with asyncio.timeout(self._timeouts.read):
                    await writer.write(piece)
                pace.moved(len(piece), now())

    async def _take_piece(self, pieces: AsyncGenerator[bytes]) -> bytes:
        try:
            return await anext(pieces, b"")
        except Exception as error:
            self.trouble = error
            raise


def _abort(writer: AbstractStreamWriter) -> None:
    """Discard the unsent data: closing would wait for a server that may never read it."""
    transport = getattr(writer, "transport", None)
    if transport is not None:
        transport.abort()


class _Ours(Exception):
    """Error of the receiver, not of the network."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


async def _our(work: Awaitable[T]) -> T:
    try:
        return await work
    except DecodeError:
        raise  # caused by the response
    except Exception as error:
        raise _Ours(error) from error


def stopped(error: Exception) -> Failure:
    """Return the failure for an error on the local side, which is never retried."""
    return Failure(FailureKind.FINAL, StreamStoppedError(error), "stopped here")
