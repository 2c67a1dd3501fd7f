"""From a status to an error that says what to do."""

from __future__ import annotations

from collections.abc import Mapping

from halo_async.errors import (
    ApiError,
    BadRequestError,
    NotFoundError,
    PermissionDenied,
    RateLimited,
    ServerError,
    UnexpectedRedirectError,
)
from halo_async.transport.hints import hint
from halo_async.transport.values import Request, Response
from halo_async.transport.wording import one_line, wording

_REQUEST_IDS = ("X-Request-Id", "Request-Id", "X-Correlation-Id", "X-Ms-Request-Id", "Request-Context")


def api_error(
    request: Request,
    response: Response,
    *,
    retry_after: float | None = None,
    scope: str = "",
    doubt: str = "",
) -> ApiError:
    """The error that an answer stands for, in Halo's words and ours."""
    said = wording(response.body, response.charset)
    line = f"{request.method} {request.path}: {response.status}"
    if said.text:
        line += f" {said.text}"
    advice = hint(request, response, said.text, scope, doubt)
    return _class_of(response.status)(
        f"{line} ({advice})" if advice else line,
        status=response.status,
        method=request.method,
        path=request.path,
        message=said.text,
        fields=said.fields,
        request_id=request_id(response.headers),
        retry_after=retry_after,
    )


def hidden_error(request: Request, response: Response) -> BadRequestError:
    """The error that a response of 2xx holds."""
    said = wording(response.body, response.charset)
    text = said.text or "the response holds an error that says nothing"
    return BadRequestError(
        f"{request.method} {request.path}: {response.status} with an error: {text}",
        status=response.status,
        method=request.method,
        path=request.path,
        message=said.text,
        fields=said.fields,
        request_id=request_id(response.headers),
    )


def request_id(headers: Mapping[str, str]) -> str | None:
    """What the server calls this request, if it says so."""
    found = next((headers[name] for name in _REQUEST_IDS if headers.get(name)), None)
    return one_line(found, 100) if found else None


def _class_of(status: int) -> type[ApiError]:
    exact = {401: PermissionDenied, 403: PermissionDenied, 404: NotFoundError, 429: RateLimited}
    if status in exact:
        return exact[status]
    by_hundred = {3: UnexpectedRedirectError, 4: BadRequestError, 5: ServerError}
    return by_hundred.get(status // 100, ApiError)
