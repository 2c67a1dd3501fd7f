"""Third parties behind `/IntegrationData`: which respond, and under which key their cursor is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from halo_async._operations.operation import Operation
from halo_async.errors import ApiError, DecodeError
from halo_async.measurements import KEYS
from halo_async.pagination.cursor_response import CursorResponse, cursor_key, proxy_reader
from halo_async.probing.question import NotMeasurable, Question
from halo_async.probing.requests import ProbeRequests

_TOKENS = (
    "microsoft_csp",
    "intune",
    "hub_spot",
    "salesforce",
    "autotask",
    "google_workplace",
    "exchange_calendars",
    "auvik",
    "barracuda",
    "snow",
    "arrow_sphere",
)
"""Those whose next page is requested by a value of the last response: without its key, rows are lost."""
_NUMBERS = ("ninja_rmm", "connect_wise", "atera", "kaseya_vsa", "pax8", "syncro", "liongard", "freshdesk")
_CHOICES = {
    "datatype": "customers",
    "resource": "customers",
    "endpoint": "customers",
    "objecttype": "companies",
}
"""A proxy refuses requests without a kind of data. These are guesses; no document lists the words."""


class Proxies(Question):
    """Request a first page of each, and the next one where the key is none that this client follows by itself."""

    name = "proxies"
    subjects = tuple(f"integration_data.{name}" for name in (*_TOKENS, *_NUMBERS))

    def assumed(self, subject: str) -> str:
        """See `Question`."""
        return "own name" if subject.rpartition(".")[2] in _TOKENS else "rows"

    async def measure(self, requests: ProbeRequests, subject: str) -> str:
        """See `Question`."""
        operation = requests.operation(subject, "get")
        page = await _fetch_page(requests, operation)
        if not page.rows:
            raise NotMeasurable("no rows")
        how = operation.cursor
        assert how is not None
        if how.kind != "token":
            return "rows"
        own = tuple(name for name in (how.parameter, how.secondary_parameter) if name)
        key = cursor_key(page.whole, own)
        if key is not None:
            return "own name" if key.of_request else key.spelling
        for spelling, value in _uncommon(page.whole):
            following = await _fetch_page(requests, operation, value)
            if following.rows and following.rows[0] not in page.rows:
                return spelling
        raise NotMeasurable("no cursor: it may be the only page")


async def _fetch_page(
    requests: ProbeRequests, operation: Operation, token: str | None = None
) -> CursorResponse:
    """Return a page.

    :raises NotMeasurable: the third party is not configured, or has no such data.
    """
    how = operation.cursor
    assert how is not None
    query = [
        (operation.api_name(name), value) for name in operation.keywords for value in _choice(operation, name)
    ]
    query += [(how.paging_flag, "true")] if how.paging_flag else []
    query += [(how.parameter, token)] if token is not None else []
    try:
        page = await requests.send(operation.path, query, proxy_reader(None, how.rows), retry="never")
    except (ApiError, DecodeError):
        raise NotMeasurable("not configured, or no such data") from None
    if page.single:
        raise NotMeasurable("not a list")
    return page


def _choice(operation: Operation, name: str) -> Iterator[str]:
    value = _CHOICES.get(operation.api_name(name).lower())
    if value is not None:
        yield value


def _uncommon(whole: Any) -> Iterator[tuple[str, str]]:
    """Yield what may be a cursor under a key that could as well be something else, at most two."""
    if type(whole) is not dict:
        return
    found = [
        (folded, str(value))
        for name, value in whole.items()
        if (folded := "".join(filter(str.isalnum, name.lower()))) in KEYS
        and type(value) in (str, int)
        and value != ""
    ]
    yield from found[:2]
