"""One call from the queue to its decoded response, with all its attempts."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from halo_async.auth.tokens import Token
from halo_async.errors import Attempt, DeadlineExceededError, DecodeError
from halo_async.transport.context import CallContext
from halo_async.transport.retry_policy import Failure, FailureKind, IdempotencyClass, idempotency_of
from halo_async.transport.types import AT_ONCE, HttpRequest, Request, Response
from halo_async.transport.urls import api_url, check_headers

if TYPE_CHECKING:
    from halo_async.transport.retrying import RetryState

T = TypeVar("T")
U = TypeVar("U")
_DECODING = Lock()
"""Held by the one thread that decodes: several would take turns with each other more often than with the event loop."""
_IN_ANY_TURN = 2**14
"""Bytes of a body that takes about as long to decode as a turn of the event loop takes."""
logger = logging.getLogger("halo_async.transport")
_call_ids = count(1)


class Call(Generic[T]):
    """Made for one `Transport.send`, used once."""

    def __init__(self, shared: CallContext, request: Request, decode: Callable[[Response], T]) -> None:
        check_headers(request.headers)
        self._shared = shared
        self._request = request
        self._decode = decode
        self._url = api_url(shared.instance, request)
        self._id = next(_call_ids)
        self._number = 0
        self._history: list[Attempt] = []
        self._token: Token | None = None
        self._trouble: RetryState | None = None
        self._deadline = self._after(request.timeout)

    @property
    def _verb(self) -> IdempotencyClass:
        return idempotency_of(self._request.method, self._request.retry)

    async def run(self) -> T:
        """Run attempts until there is a response or a final error.

        :raises HaloError: the error of the last attempt.
        """
        while True:
            outcome = await self._attempt()
            if isinstance(outcome, Response) and self._is_success(outcome):
                if len(outcome.body) <= AT_ONCE:
                    if len(outcome.body) > _IN_ANY_TURN:
                        await self._shared.decoding.turn()
                    result = self._decode_response(outcome)
                else:
                    result = await self._in_thread(outcome)
                if not isinstance(result, Failure):
                    self._came_through()
                    return result
                outcome = result
            await self._after_trouble(outcome)

    # Outcome of an attempt --------------------------------------------------------------------

    def _is_success(self, response: Response) -> bool:
        """Return True for 2xx; not for 206, since no part of a document was requested."""
        return 200 <= response.status < 300 and response.status != 206

    def _came_through(self) -> None:
        shared = self._shared
        shared.limiter.succeeded()
        shared.budget.give_back(self._trouble.paid or 1 if self._trouble else 1)
        shared.denied.discard(self._request.method, self._request.path)

    def _decode_response(self, response: Response) -> T | Failure:
        try:
            return self._decode(response)
        except DecodeError as error:
            wrong = error.with_traceback(None)
        from halo_async.transport.error_responses import decode_error

        assert self._token is not None
        return decode_error(self._request, response, wrong, self._decode, self._token.access_token)

    async def _in_thread(self, response: Response) -> T | Failure:
        from halo_async._utils.threads import run_in_thread

        return await run_in_thread(self._decoded_in_turn, response)

    def _decoded_in_turn(self, response: Response) -> T | Failure:
        with _DECODING:
            return self._decode_response(response)

    async def _after_trouble(self, outcome: Response | Failure) -> None:
        trouble = self._trouble = self._trouble or self._new_trouble()
        if isinstance(outcome, Response):
            assert self._token is not None
            if (
                outcome.status == 401
                and not outcome.swollen
                and await self._in_time(trouble.refresh_token(self._token))
            ):
                return
            outcome = self._explain_refusal(outcome, self._token)
        await trouble.wait_for_next_attempt(outcome, self._deadline)

    def _new_trouble(self) -> RetryState:
        from halo_async.transport.retrying import RetryState  # not loaded before it is needed

        return RetryState(self._shared, self._request, self._verb, self._history, self._id)

    def _explain_refusal(self, response: Response, token: Token) -> Failure:
        from halo_async.transport.error_responses import is_refusal

        return is_refusal(self._request, response, now=self._shared.clock.time(), token=token)

    # One attempt ------------------------------------------------------------------------------

    async def _attempt(self) -> Response | Failure:
        shared = self._shared
        await self._enter()
        if self._deadline is None:
            self._deadline = self._after(shared.deadline)
        counted = False
        try:
            token = shared.tokens.cached()
            if token is None:
                token = await self._in_time(shared.tokens.get())
            self._token = token
            if self._request.before_send is not None:
                await self._request.before_send()
            self._number += 1
            shared.counters.requests += 1
            shared.counters.retries += self._number > 1
            counted = True
            began = shared.clock.monotonic()
            outcome = await shared.send(self._outgoing(token, self._total(began)))
            counted = not (isinstance(outcome, Failure) and outcome.condition is FailureKind.NOT_SENT)
        finally:
            shared.limiter.release(counted=counted)
        if shared.remaining_header is not None and isinstance(outcome, Response):
            self._heed(outcome.headers.get(shared.remaining_header, ""))
        self._note_attempt(outcome, shared.clock.monotonic() - began)
        if isinstance(outcome, Response) and outcome.status == 404 and self._was_deleted():
            return Response(204, outcome.headers, b"", already_gone=True)
        return outcome

    def _heed(self, remaining: str) -> None:
        if remaining.isascii() and remaining.isdigit() and len(remaining) < 10:
            self._shared.limiter.told_remaining(int(remaining))

    async def _enter(self) -> None:
        """Take a turn. In a shared window a login needs slots too: no call may hold one while it waits for it."""
        limiter, tokens = self._shared.limiter, self._shared.tokens
        while True:
            if limiter.shared and tokens.cached() is None:
                await (self._in_time(tokens.get()) if self._deadline else self._shared.logged_in())
            if self._number or not limiter.try_acquire():
                await self._admitted()
            if not limiter.shared or tokens.cached() is not None:
                return
            limiter.release(counted=False)

    def _was_deleted(self) -> bool:
        """Return whether an earlier attempt of this DELETE may have succeeded, so that nothing is left."""
        return (
            self._trouble is not None and self._trouble.maybe_done and self._verb is IdempotencyClass.DELETE
        )

    def _outgoing(self, token: Token, total: float | None) -> HttpRequest:
        request = self._request
        return HttpRequest(
            request.method,
            self._url,
            headers=request.headers,
            authorization=token.access_token,
            authorization_header=token.header,
            body=request.body,
            form=request.form,
            total=total,
        )

    async def _admitted(self) -> None:
        limiter = self._shared.limiter
        try:
            waited = await limiter.acquire(repeat=self._number > 0, deadline=self._deadline)
        except DeadlineExceededError as error:
            if self._trouble is not None and self._trouble.failed:
                self._trouble.fail()
            raise DeadlineExceededError(f"{self._request.method} {self._request.path}: {error}") from None
        self._shared.counters.waited += waited

    async def _in_time(self, login: Coroutine[Any, Any, U]) -> U:
        """Return the result of a login. It continues for others if this call's deadline has expired."""
        if self._deadline is None:
            return await login
        try:
            async with asyncio.timeout(max(0.0, self._deadline - self._shared.clock.monotonic())):
                return await login
        except TimeoutError:
            message = f"{self._request.method} {self._request.path}: The login took all of the call's time."
            raise DeadlineExceededError(message + self._shared.told_trouble()) from None

    def _after(self, seconds: float | None) -> float | None:
        return None if seconds is None else self._shared.clock.monotonic() + seconds

    def _total(self, now: float) -> float | None:
        """Return the attempt's own limit, if the call's deadline is before the usual one or replaces it."""
        if self._deadline is None:
            return None
        left = self._deadline - now
        return left if self._request.timeout is not None or left < self._shared.timeouts.attempt else None

    def _note_attempt(self, outcome: Response | Failure, seconds: float) -> None:
        said = outcome.outcome if isinstance(outcome, Failure) else str(outcome.status)
        self._history.append(Attempt(self._number, said, seconds))
        if self._request.on_attempt is not None:
            self._request.on_attempt(self._history[-1])
        if logger.isEnabledFor(logging.DEBUG):
            self._log(outcome, said, seconds)

    def _log(self, outcome: Response | Failure, said: str, seconds: float) -> None:
        from halo_async.transport.error_responses import request_id
        from halo_async.transport.redaction import redact

        assert self._token is not None
        response = redact(outcome, (self._token.access_token,)) if isinstance(outcome, Response) else None
        theirs = request_id(response.headers) if response else None
        logger.debug(
            "#%d %s %s: %s in %.0f ms (attempt %d%s)",
            *(self._id, self._request.method, self._request.path, said, seconds * 1000, self._number),
            f", request id {theirs}" if theirs else "",
        )
