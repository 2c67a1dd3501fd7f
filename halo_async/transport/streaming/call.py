"""Call with a streamed body or response: the same queue, login and policy, with a different clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from halo_async.auth.tokens import Token
from halo_async.transport.call import Call
from halo_async.transport.context import CallContext
from halo_async.transport.retry_policy import Failure
from halo_async.transport.streaming.protocols import StreamedRequest, StreamReceiver, StreamUpload
from halo_async.transport.types import HttpRequest, Request, Response

T = TypeVar("T")


class StreamedCall(Call[T]):
    """Call that excludes the duration of attempts from the deadline: a large file may take long.

    Stalled transfers are stopped by the timeouts of their chunks; `timeout=` still limits the whole call.
    """

    def __init__(
        self,
        shared: CallContext,
        request: Request,
        decode: Callable[[Response], T],
        *,
        upload: StreamUpload | None,
        receiver: StreamReceiver | None,
    ) -> None:
        super().__init__(shared, request, decode)
        self._upload = upload
        self._receiver = receiver

    def _outgoing(self, token: Token, total: float | None) -> HttpRequest:
        return StreamedRequest.of(
            self._request,
            self._url,
            authorization=token.access_token,
            authorization_header=token.header,
            total=total,
            upload=self._upload,
            receiver=self._receiver,
        )

    def _total(self, now: float) -> float | None:
        if self._request.timeout is None or self._deadline is None:
            return None
        return self._deadline - now

    def _note_attempt(self, outcome: Response | Failure, seconds: float) -> None:
        super()._note_attempt(outcome, seconds)
        if self._request.timeout is None and self._deadline is not None:
            self._deadline += seconds
