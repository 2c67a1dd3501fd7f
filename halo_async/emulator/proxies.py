"""IntegrationData calls: Halo forwarding a third party's response.

No public source shows a successful page, so the shape of a page is a configurable guess: the number of rows
of the third party, and the key of the cursor in its response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from halo_async.emulator.call import EmulatorCall
from halo_async.emulator.config_fields import text, whole
from halo_async.emulator.data.seeded_random import SeededRandom, guid
from halo_async.emulator.data.words import PLACES, THINGS
from halo_async.emulator.errors import sentence
from halo_async.emulator.reply import Reply, json_reply, text_reply
from halo_async.emulator.state import EmulatorState

# A proxy that has one of these requires it (measured).
_CHOOSERS = {
    "datatype": "Invalid Data Type",
    "resource": "Invalid Resource",
    "endpoint": "Invalid endpoint",
    "objecttype": "Invalid Resource",
}
_SAML = "urn:oasis:names:tc:SAML:2.0:metadata"
_XML = f'<?xml version="1.0"?><EntityDescriptor xmlns="{_SAML}" entityID="emulator"/>'
# Spellings used by third parties, as dotted paths into their responses.
SPELLINGS = (
    "nextLink",
    "@odata.nextLink",
    "next_url",
    "nextPageToken",
    "continuationToken",
    "paging.next.after",
    "meta.next",
    "bookmark",
)
_DOTTED = frozenset({"paging.next.after", "meta.next"})


@attrs.frozen
class Behind:
    """The third party behind a proxy.

    :param rows: total number of rows; ``page``: rows per page.
    :param under: location of the cursor: ``request`` (under the request's own name), ``none``, or one of
        ``SPELLINGS``.
    :param key: the list's name in the response, or None for a bare array (which has no room for a cursor).
    """

    rows: int = whole(25, 0)
    page: int = whole(10, 1)
    under: str = text("request", allowed=("request", "none", *SPELLINGS))
    key: str | None = text("data", none=True)


@attrs.frozen
class Position:
    """Position in its rows at which a third party is requested to start."""

    kind: str
    parameter: str
    start: int


def respond(world: EmulatorState, sources: Mapping[str, Behind], call: EmulatorCall) -> Reply:
    """Return one page of the third party's rows, as the proxy's parameters request.

    :param sources: third party per proxy, by the last part of its path or ``*`` for all others.
    """
    odd = _odd(call)
    if odd is not None:
        return odd
    names = call.operation.query_names()
    for name, message in _CHOOSERS.items():
        if name in names and not call.text(name):
            return sentence(message)
    behind = sources.get(call.operation.path.rsplit("/", 1)[1], sources.get("*", Behind()))
    position = _position(call, behind.page)
    stop = min(position.start + behind.page, behind.rows) if position.kind else behind.rows
    rows = [_make_row(world, call, index) for index in range(position.start, stop)]
    return json_reply(_build_page(rows, stop, behind, position))


def _odd(call: EmulatorCall) -> Reply | None:
    path = call.operation.path.lower()
    if path.endswith("/saml/sp/metadata"):
        return text_reply(_XML, content_type="application/xml")
    if path.endswith(("/shopifyverify", "/bigpanda/getdevicelist")):
        return Reply(302, headers={"Location": "/portal/login"})
    if "/search/" in path and not call.text("search"):
        return json_reply("")
    return None


def _position(call: EmulatorCall, size: int) -> Position:
    hints = call.operation.hints
    kind = str(hints.get("cursor", ""))
    parameter = str(hints.get("parameter", ""))
    second = str(hints.get("secondary_parameter", ""))
    value = call.text(parameter) or call.text(second)
    match kind:
        case "page":
            start = (_parse_number(value, 1) - 1) * size
        case "offset":
            start = _parse_number(value, 0)
        case _:
            start = _parse_number(value.rpartition("-")[2], 0)
    return Position(kind, parameter, max(0, start))


def _parse_number(text: str, default: int) -> int:
    try:
        return int(text)
    except ValueError:
        return default


def _make_row(world: EmulatorState, call: EmulatorCall, index: int) -> dict[str, Any]:
    bits = SeededRandom(world.desk.seed, call.operation.path)(index)
    return {
        "id": index + 1,
        "name": f"{PLACES[bits % len(PLACES)]} {THINGS[(bits >> 9) % len(THINGS)]}",
        "externalId": guid(bits),
        "active": bool(bits & 3),
    }


def _build_page(rows: list[dict[str, Any]], next: int, behind: Behind, position: Position) -> Any:
    if behind.key is None or not position.kind:
        return rows
    page: dict[str, Any] = {behind.key: rows}
    if position.kind != "token" or next >= behind.rows or behind.under == "none":
        return page
    under = position.parameter if behind.under == "request" else behind.under
    return page | _nested(under, f"t-{next}")


def _nested(under: str, token: str) -> dict[str, Any]:
    # Only known paths are split: "@odata.nextLink" is one name with a dot in it.
    if under not in _DOTTED:
        return {under: token}
    value: Any = token
    for name in reversed(under.split(".")):
        value = {name: value}
    return dict(value)
