"""From answers that are no success to failures, and from failures to the error that is raised."""

from __future__ import annotations

from collections.abc import Callable

from halo_async.auth.tokens import Token
from halo_async.errors import ApiError, Attempt, DecodeError, HaloError, ReportError, UnknownOutcomeError
from halo_async.secret import Secret
from halo_async.transport.echo import quotes, without
from halo_async.transport.failure import Failure
from halo_async.transport.hidden_errors import HiddenError
from halo_async.transport.retry import Condition, Verb, condition_of
from halo_async.transport.status import api_error, hidden_error
from halo_async.transport.values import Request, Response
from halo_async.waiting import retry_after

_GATEWAYS_OWN = frozenset({502, 504})
"""Sent by what stands before Halo, when Halo's answer was cut or did not come in time."""


def refused(request: Request, response: Response, *, now: float, token: Token) -> Failure:
    """An answer came, and it is no success. The token is the one that was sent."""
    if response.status == 206:
        error = DecodeError("part of a document came (206), and none was asked for")
        return Failure(Condition.GARBLED, error, "206")
    asked = retry_after(response.headers, now)
    shown = without(response, (token.access_token,))
    said = api_error(request, shown, retry_after=asked, scope=token.scope, doubt=token.doubt)
    condition = Condition.TOO_LARGE if response.swollen else condition_of(response.status)
    return Failure(condition, said, str(response.status), asked)


def undecodable(
    request: Request,
    response: Response,
    error: DecodeError,
    decode: Callable[[Response], object],
    token: Secret,
) -> Failure:
    """A success whose body makes no sense, or is an error. A report's own error would be the same again."""
    if isinstance(error, HiddenError):
        said = hidden_error(request, without(response, (token,)))
        return Failure(Condition.FINAL, said, f"{response.status}, an error")
    if quotes(response, token):
        error = _without_quoting(response, decode, token)
    same_again = response.swollen or isinstance(error, ReportError)
    condition = Condition.FINAL if same_again else Condition.GARBLED
    return Failure(condition, error, f"{response.status}, undecodable")


def _without_quoting(response: Response, decode: Callable[[Response], object], token: Secret) -> DecodeError:
    """What is wrong with it, told without the token that it quotes."""
    try:
        decode(without(response, (token,)))
    except DecodeError as error:
        return error.with_traceback(None)
    return DecodeError("the answer makes no sense")


def final_error(
    request: Request, failure: Failure, verb: Verb, history: tuple[Attempt, ...], *, exhausted: bool = False
) -> HaloError:
    """The error to raise: with the call's name, the history, and the cause."""
    error = failure.error
    if verb is Verb.WRITE and _may_have_happened(failure):
        error = UnknownOutcomeError(
            f"{_in_brief(request, failure)}; the write may or may not have happened: "
            "read it back before repeating it"
        )
        error.__cause__ = failure.error
    elif not isinstance(error, ApiError):
        error = _named(request, error)
    if len(history) > 1:
        error.history = history
    if exhausted:
        error.add_note("not tried again: too many calls of this client failed lately (retry budget)")
    return error


def _in_brief(request: Request, failure: Failure) -> str:
    """What an API's error says already names the call."""
    error = failure.error
    return str(error) if isinstance(error, ApiError) else f"{request.method} {request.path}: {error}"


def _may_have_happened(failure: Failure) -> bool:
    """Whether the request may have been done: no answer came, or one that says nothing, or a gateway's."""
    if failure.condition is Condition.LOST:
        return True
    if failure.condition in (Condition.GARBLED, Condition.TOO_LARGE) and isinstance(
        failure.error, DecodeError
    ):
        return True
    return isinstance(failure.error, ApiError) and failure.error.status in _GATEWAYS_OWN


def _named(request: Request, error: HaloError) -> HaloError:
    """The same error with the call in its message, and whatever else it carries."""
    named = type(error).__new__(type(error))
    named.args = (f"{request.method} {request.path}: {error}", *error.args[1:])
    named.__dict__.update(error.__dict__)
    named.__cause__ = error.__cause__
    return named
