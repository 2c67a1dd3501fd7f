"""Everything the client raises on purpose: one hierarchy under `HaloError`.

Every class pickles. No message holds a secret, a query string or a header.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from attr import frozen  # attrs by the name that aiohttp has loaded already: `attrs` would load 2 ms more


@frozen
class FieldError:
    """What Halo says about one field of a request."""

    index: int | None
    """Which element of the posted array, from 0; None where Halo does not say."""
    field: str
    """Halo's name of the field or parameter; empty when the element itself is meant."""
    messages: tuple[str, ...]


class Attempt(NamedTuple):
    """One try of a call that was tried again."""

    number: int
    """From 1."""
    outcome: str
    """What came of it, such as `503` or `connection reset`."""
    seconds: float
    """How long it took."""
    waited: float = 0.0
    """Seconds of waiting decided on after it; 0 for the last one."""


class HaloError(Exception):
    """Anything that this package raises about Halo. Subclasses tell what went wrong."""

    def __init__(self, message: str, *, history: tuple[Attempt, ...] = ()) -> None:
        super().__init__(message)
        self.history = history
        """The tries that were made, oldest first; empty when there was only one."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.args, self.__dict__.copy())


def _rebuild(cls: type[HaloError], args: tuple[Any, ...], state: dict[str, Any]) -> HaloError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class SettingsError(HaloError, ValueError):
    """A setting that cannot work; the message names the fix."""


class InvalidRequestError(HaloError, ValueError):
    """A request that must not be sent as it stands: a path, header or value that would change its meaning."""


# Names -----------------------------------------------------------------------------------------


class UnknownNameError(HaloError, KeyError):
    """A name that means nothing on the instance: of a status, a client, a custom field.

    The message lists the nearest names, or all where they are few, and says how many there are.
    """

    __str__ = Exception.__str__  # KeyError would show the message in quotation marks


class UnknownInstanceError(UnknownNameError):
    """A name that is not in a fleet."""


class AmbiguousNameError(HaloError, LookupError):
    """A name that several things have; the message lists them with their ids and what tells them apart."""


# Login -----------------------------------------------------------------------------------------


class AuthenticationError(HaloError):
    """The login was refused; the message says which of secret, tenant or address is wrong."""


class LoginUnavailableError(AuthenticationError):
    """The login service cannot say yes or no just now: it is down, busy or out of reach."""


class DiscoveryError(AuthenticationError):
    """The address is no Halo instance, or its login address could not be learned."""


# Writing ---------------------------------------------------------------------------------------


class ConflictError(HaloError):
    """The record was changed by somebody else since it was read; nothing was sent."""

    def __init__(self, message: str, *, field: str = "", before: Any = None, now: Any = None) -> None:
        super().__init__(message)
        self.field = field
        """Halo's name of the first field that differs."""
        self.before = before
        """What it held when the record was read; None where it was not there."""
        self.now = now
        """What it holds at Halo now."""


class BulkWriteError(HaloError):
    """A bulk write ended before its input did; what came of every row that was sent has been given out before.

    Its cause is the error of the row that ended it.
    """

    def __init__(self, message: str, *, index: int = 0, written: int = 0) -> None:
        super().__init__(message)
        self.index = index
        """The row that ended it, counted from 0."""
        self.written = written
        """How many rows of this run were written."""


# The wire --------------------------------------------------------------------------------------


class TransportError(HaloError):
    """No usable answer came."""


class ConnectionFailedError(TransportError):
    """The instance could not be reached, or the connection broke."""


class CertificateError(ConnectionFailedError):
    """The host's certificate is not valid for it; never tried again."""


class AttemptTimeoutError(TransportError):
    """The instance did not answer in time."""


class DeadlineExceededError(TransportError):
    """The time allowed for the whole call was over before it could be sent (again)."""


class UnknownOutcomeError(TransportError):
    """A write was sent and no response says what became of it: it may or may not have happened.

    Not repeated on its own, since Halo would create a second record. Read the record back, or
    pass `retry="always"` where repeating does no harm (an update by id).
    """

    def __init__(
        self, message: str, *, records: tuple[Any, ...] = (), history: tuple[Attempt, ...] = ()
    ) -> None:
        super().__init__(message, history=history)
        self.records = records
        """Of an `upsert` of several rows: for each row the record that came back, None where the outcome is unknown."""


# What the API said -----------------------------------------------------------------------------


class ApiError(HaloError):
    """The instance answered, and the answer is no."""

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
        """Halo's own text, empty where it gave none."""
        self.fields = fields
        """What Halo said about single fields."""
        self.request_id = request_id
        self.retry_after = retry_after
        """Seconds that the instance asked to wait, where it did."""


class BadRequestError(ApiError):
    """400, 415 and other refusals of the request itself; also an error in a response that calls itself a success."""


class PermissionDeniedError(ApiError):
    """401 with a fresh token, or 403: the scope or the agent's role does not allow it."""


class NotFoundError(ApiError):
    """404."""


class RateLimitError(ApiError):
    """429, and waiting for the quota is not possible within the time allowed."""


class ServerError(ApiError):
    """5xx."""


class UnexpectedRedirectError(ApiError):
    """3xx: Halo redirects some calls instead of answering 401 or 404; never followed."""


# Answers that make no sense --------------------------------------------------------------------


class DecodeError(HaloError):
    """An answer that is not what it should be: cut, malformed or too large."""


class ResponseTooLargeError(DecodeError):
    """A response of more bytes, decompressed, than `max_bytes=` allows. It is not requested again."""


class UnexpectedContentTypeError(DecodeError):
    """Another kind of document than asked for, such as a login page instead of JSON."""


class ReportError(DecodeError):
    """A report that Halo could not run: an answer of 200 with a `load_error` inside."""


class PaginationError(HaloError):
    """A list that cannot be read to its end."""


class PaginationLoopError(PaginationError):
    """The instance gave the same page again."""


class IncompleteError(PaginationError):
    """Fewer rows came than the instance said there were."""


class CursorNotFoundError(PaginationError):
    """A full page came and nothing in it says how to ask for the next."""


# Webhooks --------------------------------------------------------------------------------------


class WebhookError(HaloError):
    """A webhook's delivery that is refused; the message is one sentence for the answer."""

    def __init__(self, text: str, *, status: int = 400) -> None:
        super().__init__(text)
        self.status = status
        """What to answer: 400, 401 or 413."""

    @property
    def headers(self) -> dict[str, str]:
        """What the answer needs besides."""
        return {}


class WebhookUnauthorizedError(WebhookError):
    """A delivery whose user name or password is wrong or missing."""

    def __init__(self, text: str) -> None:
        super().__init__(text, status=401)

    @property
    def headers(self) -> dict[str, str]:
        """The challenge that belongs to a 401."""
        return {"WWW-Authenticate": 'Basic realm="halo", charset="UTF-8"'}
