"""Exceptions of the client: one hierarchy under `HaloError`.

    HaloError
        SettingsError (also ValueError)
        InvalidRequestError (also ValueError)
        UnknownNameError (also KeyError)
            UnknownInstanceError
        AmbiguousNameError (also LookupError)
        AuthenticationError
            LoginUnavailableError
            DiscoveryError
        ConflictError
        BulkWriteError
        ClusterError
        TransportError
            ConnectionFailedError
                CertificateError
            AttemptTimeoutError
            DeadlineExceededError
            UnknownOutcomeError
            CoordinationError
        ApiError
            BadRequestError
            PermissionDeniedError
            NotFoundError
            RateLimitError
            ServerError
            UnexpectedRedirectError
        DecodeError
            ResponseTooLargeError
            UnexpectedContentTypeError
            ReportError
        PaginationError
            PaginationLoopError
            IncompleteError
            CursorNotFoundError
        WebhookError
            WebhookUnauthorizedError

Every class can be pickled. No message contains a secret, a query string or a header.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

__all__ = [
    "AmbiguousNameError",
    "ApiError",
    "Attempt",
    "AttemptTimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "BulkWriteError",
    "CertificateError",
    "ClusterError",
    "ConflictError",
    "ConnectionFailedError",
    "CoordinationError",
    "CursorNotFoundError",
    "DeadlineExceededError",
    "DecodeError",
    "DiscoveryError",
    "FieldError",
    "HaloError",
    "IncompleteError",
    "InvalidRequestError",
    "LoginUnavailableError",
    "NotFoundError",
    "PaginationError",
    "PaginationLoopError",
    "PermissionDeniedError",
    "RateLimitError",
    "ReportError",
    "ResponseTooLargeError",
    "ServerError",
    "SettingsError",
    "TransportError",
    "UnexpectedContentTypeError",
    "UnexpectedRedirectError",
    "UnknownInstanceError",
    "UnknownNameError",
    "UnknownOutcomeError",
    "WebhookError",
    "WebhookUnauthorizedError",
]


class FieldError(msgspec.Struct, frozen=True):
    """Halo's error for one field of a request."""

    index: int | None
    """Index of the element in the posted array, from 0; None if Halo does not give one."""
    field: str
    """Halo's name of the field or parameter; empty if the error is about the element itself."""
    messages: tuple[str, ...]


class Attempt(NamedTuple):
    """One attempt of a retried request."""

    number: int
    """Number of the attempt, from 1."""
    outcome: str
    """Outcome, such as `503` or `connection reset`."""
    seconds: float
    """Duration of the attempt."""
    waited: float = 0.0
    """Seconds to wait after it; 0 for the last one."""


class HaloError(Exception):
    """Base class of this package's exceptions about Halo."""

    def __init__(self, message: str, *, history: tuple[Attempt, ...] = ()) -> None:
        super().__init__(message)
        self.history = history
        """The attempts, oldest first; empty if there was only one."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(cls: type[HaloError], args: tuple[Any, ...], state: dict[str, Any]) -> HaloError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class SettingsError(HaloError, ValueError):
    """A setting is not valid; the message names the fix."""


class InvalidRequestError(HaloError, ValueError):
    """A request must not be sent as it is: a path, header or value would change its meaning."""


# Names -----------------------------------------------------------------------------------------


class UnknownNameError(HaloError, KeyError):
    """A name is unknown on the instance: of a status, a client, a custom field.

    The message lists the closest matches, or all names if there are few, and their number.
    """

    __str__ = Exception.__str__  # KeyError would show the message in quotation marks


class UnknownInstanceError(UnknownNameError):
    """A name is not in a fleet."""


class AmbiguousNameError(HaloError, LookupError):
    """A name is ambiguous; the message lists the matches with their ids and distinguishing fields."""


# Login -----------------------------------------------------------------------------------------


class AuthenticationError(HaloError):
    """The login was refused; the message says which of secret, tenant or URL is wrong."""


class LoginUnavailableError(AuthenticationError):
    """The login service is temporarily unavailable: it is down, busy or unreachable."""


class DiscoveryError(AuthenticationError):
    """The URL does not belong to a Halo instance, or its login URL could not be discovered."""


# Writing ---------------------------------------------------------------------------------------


class ConflictError(HaloError):
    """The record was changed by somebody else since it was read; nothing was sent."""

    def __init__(self, message: str, *, field: str = "", before: Any = None, now: Any = None) -> None:
        super().__init__(message)
        self.field = field
        """Halo's name of the first field that differs."""
        self.before = before
        """Its value when the record was read; None if the field was missing."""
        self.now = now
        """Its current value in Halo."""


class ClusterError(HaloError):
    """A Dask cluster does not respond, lost its workers, or was lost; what complete lanes have is kept."""


class BulkWriteError(HaloError):
    """A bulk write stopped before the end of its input; the result of every sent row was yielded before.

    Its cause is the error of the row that stopped it.
    """

    def __init__(self, message: str, *, index: int = 0, written: int = 0) -> None:
        super().__init__(message)
        self.index = index
        """Index of the row that stopped the bulk write, from 0."""
        self.written = written
        """Number of rows written in this run."""


# Transport ---------------------------------------------------------------------------------------


class TransportError(HaloError):
    """There is no usable response."""


class ConnectionFailedError(TransportError):
    """The instance could not be reached, or the connection was lost."""

    at_proxy: bool = False
    """True if it failed at a proxy, which could not be reached or refused: look at the proxy, not at the instance."""


class CertificateError(ConnectionFailedError):
    """The host's certificate is not valid for it; never retried."""


class AttemptTimeoutError(TransportError):
    """The instance did not respond in time."""


class DeadlineExceededError(TransportError):
    """The deadline of the call expired before the request could be sent (again)."""


class CoordinationError(TransportError):
    """The Redis server of `coordination=` has not responded for too long, or refuses the login; nothing was sent."""


class UnknownOutcomeError(TransportError):
    """A write was sent and no response says what became of it: it may or may not have happened.

    Not repeated on its own, since Halo would create a second record. Read the record back, or
    pass `retry="always"` where repeating does no harm (an update by id).
    """

    def __init__(
        self,
        message: str,
        *,
        records: tuple[Any, ...] = (),
        possible_ids: tuple[int | str, ...] = (),
        history: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(message, history=history)
        self.records = records
        """Of an `upsert` of several rows: for each row the record that came back, None where that is not known."""
        self.possible_ids = possible_ids
        """Ids in the response that may be those of rows without a record in `records`."""


# Error responses ---------------------------------------------------------------------------------


class ApiError(HaloError):
    """The instance responded with an error."""

    def __init__(
        self,
        text: str,
        *,
        status: int = 0,
        method: str = "",
        path: str = "",
        message: str = "",
        fields: tuple[FieldError, ...] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
        history: tuple[Attempt, ...] = (),
    ) -> None:
        super().__init__(text, history=history)
        self.status = status
        self.method = method
        self.path = path
        """The path of the request, without its query."""
        self.message = message
        """Halo's own text, empty if there is none."""
        self.fields = fields
        """Halo's errors for single fields."""
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds that the instance asked to wait, if it did."""


class BadRequestError(ApiError):
    """400, 415 and other refusals of the request itself; also an error in a response that calls itself a success."""


class PermissionDeniedError(ApiError):
    """401 with a fresh token, or 403: the scope or the agent's role does not allow the request."""


class NotFoundError(ApiError):
    """404."""


class RateLimitError(ApiError):
    """429, and the deadline does not allow waiting for the quota."""


class ServerError(ApiError):
    """5xx."""


class UnexpectedRedirectError(ApiError):
    """3xx: Halo redirects some requests instead of returning 401 or 404; never followed."""


# Invalid responses -------------------------------------------------------------------------------


class DecodeError(HaloError):
    """The response is not valid: truncated, malformed or too large."""


class ResponseTooLargeError(DecodeError):
    """A response is larger, decompressed, than `max_bytes=` allows. It is not requested again."""


class UnexpectedContentTypeError(DecodeError):
    """The response has another content type than requested, such as a login page instead of JSON."""


class ReportError(DecodeError):
    """Halo could not run a report: a 200 response contains a `load_error`."""


class PaginationError(HaloError):
    """A list cannot be read to its end."""


class PaginationLoopError(PaginationError):
    """The instance returned the same page again."""


class IncompleteError(PaginationError):
    """Fewer rows were received than the instance counted."""


class CursorNotFoundError(PaginationError):
    """A full page was received, and it does not say how to request the next."""


# Webhooks --------------------------------------------------------------------------------------


class WebhookError(HaloError):
    """A webhook delivery is rejected; the message is one sentence for the response."""

    def __init__(self, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.status = status
        """Status to respond with: 400, 401 or 413."""

    @property
    def headers(self) -> dict[str, str]:
        """Further headers of the response."""
        return {}


class WebhookUnauthorizedError(WebhookError):
    """The user name or password of a delivery is wrong or missing."""

    def __init__(self, text: str) -> None:
        super().__init__(text, status=401)

    @property
    def headers(self) -> dict[str, str]:
        """The challenge of a 401 response."""
        return {"WWW-Authenticate": 'Basic realm="halo", charset="UTF-8"'}
