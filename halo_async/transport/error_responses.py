"""Conversion of a status to an error with advice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from halo_async._utils.backoff import retry_after
from halo_async._utils.secret import Secret
from halo_async.auth.tokens import Token
from halo_async.errors import (
    ApiError,
    Attempt,
    BadRequestError,
    DecodeError,
    HaloError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ReportError,
    ServerError,
    UnexpectedRedirectError,
    UnknownOutcomeError,
)
from halo_async.transport.error_messages import ErrorSummary, one_line, summarise_error
from halo_async.transport.hidden_errors import HiddenError
from halo_async.transport.redaction import contains_secret, redact
from halo_async.transport.retry_policy import Failure, FailureKind, IdempotencyClass, failure_kind_of
from halo_async.transport.types import Request, Response

_REQUEST_IDS = ("X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Ms-Request-Id", "Request-Context")


def api_error(
    request: Request,
    response: Response,
    *,
    retry_after: float | None = None,
    scope: str = "",
    rejection_hint: str = "",
) -> ApiError:
    """Return the error for a response, with Halo's message and a hint."""
    said = summarise_error(response.body, response.charset)
    line = f"{request.method} {request.path}: {response.status}"
    if said.text:
        line += f" {said.text}"
    advice = hint_for(request, response, said.text, scope, rejection_hint)
    line = line if line.endswith((".", "!", "?", "…")) else f"{line}."
    line = f"{line} {advice}" if advice else line
    return _class_of(response.status)(
        line, retry_after=retry_after, **_describe_error(request, response, said)
    )


def hidden_error(request: Request, response: Response) -> BadRequestError:
    """The error that a response of 2xx holds."""
    said = summarise_error(response.body, response.charset)
    text = said.text or "The error gives no reason."
    return BadRequestError(
        f"{request.method} {request.path}: {response.status} with an error. {text}",
        **_describe_error(request, response, said),
    )


def _describe_error(request: Request, response: Response, said: ErrorSummary) -> dict[str, Any]:
    return {
        "status": response.status,
        "method": request.method,
        "path": request.path,
        "message": said.text,
        "fields": said.fields,
        "request_id": request_id(response.headers),
    }


def request_id(headers: Mapping[str, str]) -> str | None:
    """Return the server's id for this request, if there is one."""
    found = next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
    return one_line(found, 100) if found else None


def _class_of(status: int) -> type[ApiError]:
    exact = {401: PermissionDeniedError, 403: PermissionDeniedError, 404: NotFoundError, 429: RateLimitError}
    if status in exact:
        return exact[status]
    by_hundred = {3: UnexpectedRedirectError, 4: BadRequestError, 5: ServerError}
    return by_hundred.get(status // 100, ApiError)


# Advice for responses that say little: Halo's 401, 403, 404 and 500 have empty bodies.

_SCOPES = {
    "tickets": "tickets actions tickettype status priority sla feedback ticketapproval workday",
    "customers": "client site users toplevel customer",
    "calendar": "appointment calendar",
    "crm": "crmnote",
    "contracts": "clientcontract suppliercontract contractschedule",
    "suppliers": "supplier",
    "items": "item itemstock stocktake",
    "projects": "projects",
    "sales": "opportunities",
    "quotes": "quotation",
    "sos": "salesorder",
    "pos": "purchaseorder",
    "invoices": "invoice recurringinvoice invoicepayment",
    "reporting": "report",
    "software": "assetsoftware",
    "softwarelicensing": "softwarelicence",
    "kb": "kbarticle faqlists",
    "assets": "asset assettype assetgroup",
    "timesheets": "timesheet timesheetevent",
}
_SCOPE_OF = {resource: scope for scope, resources in _SCOPES.items() for resource in resources.split()}


def hint_for(
    request: Request, response: Response, said: str, scope: str = "", rejection_hint: str = ""
) -> str:
    """Return a hint, or an empty string. `scope` is the login's granted scope; `rejection_hint`: see `Token`."""
    status = response.status
    if status in (401, 403):
        return _permission(request, said, scope, rejection_hint if status == 401 else "")
    if 300 <= status < 400:
        return _redirect(response)
    if status in (502, 504) and request.method == "POST":
        return "The write may have happened all the same. Read it back before repeating it."
    if said:
        return ""
    return _SILENT.get(status, "")


_SILENT = {
    400: "Halo gave no reason.",
    404: "There is no such record or path, or the agent may not see it.",
    415: "The body's content type is not accepted.",
    429: "The quota is used up.",
    500: "Halo gave no reason. A wrong type or a missing parameter can be one.",
    504: "The gateway timed out. Request less.",
}


def _permission(request: Request, said: str, granted: str, rejection_hint: str) -> str:
    wanted = probable_scope(request.method, request.path)
    missing = f"the scope {wanted}" if wanted else "a scope"
    have = f" (the login has: {granted})" if granted else ""
    fine = "" if rejection_hint else ", although the token is valid"
    silent = "" if said else f"The response is empty{fine}. "
    either = f"Either {rejection_hint + ', or ' if rejection_hint else ''}the API application lacks {missing}{have}"
    return f"{silent}{either}, or the role of its agent does not allow this."


def probable_scope(method: str, path: str) -> str:
    """Return the scope that a request most likely needs, such as `read:tickets`; empty if unknown."""
    resource = path.strip("/").split("/", 1)[0].lower()
    scope = _SCOPE_OF.get(resource)
    if scope is None:
        return ""
    return f"{'read' if method == 'GET' else 'edit'}:{scope}"


def _redirect(response: Response) -> str:
    host = urlsplit(response.headers.get("Location", "")).hostname
    to = f" to {host}" if host else ""
    return f"The redirect{to} was not followed. Halo redirects instead of 401 or 404, and old host names redirect."


# From unsuccessful responses to failures, and from failures to the error that is raised.

_GATEWAYS_OWN = frozenset({502, 504})
"""Statuses sent by a gateway in front of Halo when Halo's response was truncated or late."""


def is_refusal(request: Request, response: Response, *, now: float, token: Token) -> Failure:
    """Return the failure for an error response. `token` is the one that was sent."""
    if response.status == 206:
        error = DecodeError("Part of a document was received (206), and none was requested.")
        return Failure(FailureKind.UNDECODABLE, error, "206")
    asked = retry_after(response.headers, now)
    shown = redact(response, (token.access_token,))
    said = api_error(
        request, shown, retry_after=asked, scope=token.scope, rejection_hint=token.rejection_hint
    )
    condition = FailureKind.TOO_LARGE if response.swollen else failure_kind_of(response.status)
    return Failure(condition, said, str(response.status), asked)


def decode_error(
    request: Request,
    response: Response,
    error: DecodeError,
    decode: Callable[[Response], object],
    token: Secret,
) -> Failure:
    """A success whose body makes no sense, or is an error. A report's own error would be the same again."""
    if isinstance(error, HiddenError):
        said = hidden_error(request, redact(response, (token,)))
        return Failure(FailureKind.FINAL, said, f"{response.status}, an error")
    if contains_secret(response, token):
        error = _without_quoting(response, decode, token)
    same_again = response.swollen or isinstance(error, ReportError)
    condition = FailureKind.FINAL if same_again else FailureKind.UNDECODABLE
    return Failure(condition, error, f"{response.status}, undecodable")


def _without_quoting(response: Response, decode: Callable[[Response], object], token: Secret) -> DecodeError:
    """Return the decoding error without the token that its message quotes."""
    try:
        decode(redact(response, (token,)))
    except DecodeError as error:
        return error.with_traceback(None)
    return DecodeError("The response could not be decoded.")


def final_error(
    request: Request,
    failure: Failure,
    verb: IdempotencyClass,
    history: tuple[Attempt, ...],
    *,
    exhausted: bool = False,
) -> HaloError:
    """Return the error to raise, with the request's name, the history and the cause."""
    error = failure.error
    if verb is IdempotencyClass.WRITE and _may_have_happened(failure):
        error = UnknownOutcomeError(
            f"{_in_brief(request, failure)} The write may or may not have happened. "
            "Read it back before repeating it."
        )
        error.__cause__ = failure.error
    elif not isinstance(error, ApiError):
        error = _add_request(request, error)
    if len(history) > 1:
        error.history = history
    if exhausted:
        error.add_note("Not retried: retry budget exhausted.")
    return error


def _in_brief(request: Request, failure: Failure) -> str:
    """Return the error as a string with the request named once: an `ApiError` already names it."""
    error = failure.error
    return str(error) if isinstance(error, ApiError) else f"{request.method} {request.path}: {error}"


def _may_have_happened(failure: Failure) -> bool:
    """Return whether the request may have been executed: no response, an empty one, or a gateway's."""
    if failure.condition is FailureKind.NO_RESPONSE:
        return True
    if failure.condition in (FailureKind.UNDECODABLE, FailureKind.TOO_LARGE) and isinstance(
        failure.error, DecodeError
    ):
        return True
    return isinstance(failure.error, ApiError) and failure.error.status in _GATEWAYS_OWN


def _add_request(request: Request, error: HaloError) -> HaloError:
    """Return the same error with the request in its message, keeping its other attributes."""
    named = type(error).__new__(type(error))
    named.args = (f"{request.method} {request.path}: {error}", *error.args[1:])
    named.__dict__.update(error.__dict__)
    named.__cause__ = error.__cause__
    return named
