"""Why an attempt was no success: one shape for broken connections and for answers that say no."""

from __future__ import annotations

from attrs import frozen

from halo_async.errors import ApiError, Attempt, DecodeError, HaloError, ReportError, UnknownOutcomeError
from halo_async.transport.failure import Failure
from halo_async.transport.retry import Condition, Verb, condition_of
from halo_async.transport.status import api_error
from halo_async.transport.values import Request, Response
from halo_async.waiting import retry_after


@frozen
class Problem:
    """What came of an attempt that was no success."""

    condition: Condition
    error: HaloError
    outcome: str
    asked: float | None = None
    """Seconds that a Retry-After asked for."""


def from_failure(failure: Failure) -> Problem:
    """No whole answer came."""
    return Problem(failure.condition, failure.error, failure.outcome)


def from_answer(request: Request, response: Response, *, now: float, scope: str) -> Problem:
    """An answer came, and it is no success."""
    if response.status == 206:
        error = DecodeError("part of a document came (206), and none was asked for")
        return Problem(Condition.GARBLED, error, "206")
    asked = retry_after(response.headers, now)
    said = api_error(request, response, retry_after=asked, scope=scope)
    return Problem(condition_of(response.status), said, str(response.status), asked)


def from_decoding(response: Response, error: DecodeError) -> Problem:
    """A success whose body makes no sense. A report's own error would be the same again."""
    condition = Condition.FINAL if isinstance(error, ReportError) else Condition.GARBLED
    return Problem(condition, error, f"{response.status}, undecodable")


def final_error(
    request: Request, problem: Problem, verb: Verb, history: tuple[Attempt, ...], *, exhausted: bool = False
) -> HaloError:
    """The error to raise: with the call's name, the history, and the cause."""
    error = problem.error
    if problem.condition is Condition.LOST and verb is Verb.WRITE:
        error = UnknownOutcomeError(
            f"{request.method} {request.path}: {problem.error}; the write may or may not have happened: "
            "read it back before repeating it"
        )
        error.__cause__ = problem.error
    elif not isinstance(error, ApiError):
        error = type(problem.error)(f"{request.method} {request.path}: {problem.error}")
        error.__cause__ = problem.error.__cause__
    if len(history) > 1:
        error.history = history
    if exhausted:
        error.add_note("not tried again: too many calls of this client failed lately (retry budget)")
    return error
