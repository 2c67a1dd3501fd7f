"""Meaning of an error for the rows of the failed request.

Only some responses prove that nothing was written: the model binder's, which is sent before any row is
processed, and refusals of the request as such. A business rule stops at the row concerned, and rows before
that one may be written; after a 500 or a missing response the outcome is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from halo_async.errors import (
    ApiError,
    AuthenticationError,
    BadRequestError,
    CertificateError,
    FieldError,
    HaloError,
    InvalidRequestError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    TransportError,
    UnknownOutcomeError,
)
from halo_async.writing.rows import BulkRow

_BEFORE_ANY_ROW = frozenset({401, 403, 405, 411, 413, 414, 415, 429, 431})
_ABOUT_ROWS = frozenset({400, 404, 409, 413, 422, 500})


def is_binding(error: HaloError) -> bool:
    """Return whether the model binder refused some elements of the array."""
    return (
        isinstance(error, BadRequestError)
        and error.status == 400
        and any(item.index is not None for item in error.fields)
    )


def nothing_written(error: HaloError, *, repeated: bool) -> bool:
    """Return whether it is certain that no row of the request was written.

    :param repeated: an attempt before the last may have been executed.
    """
    if repeated:
        return False
    if isinstance(error, ApiError):
        return error.status in _BEFORE_ANY_ROW or is_binding(error)
    if isinstance(error, TransportError):
        return not isinstance(error, UnknownOutcomeError)
    return isinstance(error, AuthenticationError | InvalidRequestError)


def outcome_for_all(error: HaloError) -> bool:
    """Return whether every other batch would fail too: the login, the permission, the quota."""
    return isinstance(error, AuthenticationError | PermissionDeniedError | RateLimitError | CertificateError)


def is_outage(error: HaloError) -> bool:
    """Return whether the instance may be down."""
    return isinstance(error, TransportError | ServerError)


def worth_splitting(error: HaloError) -> bool:
    """Return whether one row may be to blame, so that others would be written without it.

    An error with a status below 300 stood in a response that calls itself a success.
    """
    return isinstance(error, ApiError) and (error.status in _ABOUT_ROWS or error.status < 300)


def blamed_rows(error: HaloError, rows: Sequence[BulkRow]) -> dict[int, HaloError]:
    """Return the error of each row that the model binder named, by position in the request."""
    if not is_binding(error) or not isinstance(error, ApiError):
        return {}
    by_place: dict[int, list[FieldError]] = {}
    for item in error.fields:
        if item.index is not None and item.index < len(rows):
            by_place.setdefault(item.index, []).append(item)
    return {place: _of_row(error, rows[place].index, items) for place, items in by_place.items()}


def _of_row(error: ApiError, index: int, items: Sequence[FieldError]) -> BadRequestError:
    said = "; ".join(f"{item.field}: {' '.join(item.messages)}" for item in items)
    return BadRequestError(
        f"{error.method} {error.path}: {error.status} row {index}, {said}",
        status=error.status,
        method=error.method,
        path=error.path,
        message=said,
        fields=tuple(msgspec.structs.replace(item, index=index) for item in items),
        request_id=error.request_id,
    )
