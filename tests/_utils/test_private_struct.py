"""Values on the way of a call show nothing private, however they are shown."""

from __future__ import annotations

import pytest
from rich.pretty import pretty_repr

from halo_async._operations.request_builder import CallOptions
from halo_async._utils.secret import Secret
from halo_async.transport.streaming.protocols import StreamedRequest
from halo_async.transport.types import HttpRequest, Request, Response

CANARY = "canary-private"
PAIRS = ((CANARY, CANARY),)
REQUEST = Request("GET", "/Tickets", PAIRS, CANARY.encode(), PAIRS, PAIRS)
TRANSFER = StreamedRequest.of(
    REQUEST,
    f"https://acme.halopsa.com/{CANARY}",
    authorization=Secret(CANARY),
    authorization_header="Authorization",
    total=None,
    upload=None,
    receiver=None,
)
VALUES = [
    (REQUEST, "Request(method='GET', path='/Tickets', timeout=None, retry='auto', reads=False)"),
    (HttpRequest("GET", CANARY, PAIRS, body=CANARY.encode(), login={CANARY: CANARY}), "HttpRequest()"),
    (TRANSFER, "StreamedRequest()"),
    (
        Response(200, {CANARY: CANARY}, CANARY.encode(), CANARY, CANARY),
        "Response(status=200, already_gone=False, swollen=False)",
    ),
    (CallOptions(PAIRS, 1.0, PAIRS), "CallOptions()"),
]


@pytest.mark.parametrize(("value", "shown"), VALUES, ids=lambda item: type(item).__name__)
def test_f49_the_repr_has_the_named_fields_alone(value: object, shown: str) -> None:
    assert repr(value) == shown


@pytest.mark.parametrize("value", [value for value, _ in VALUES], ids=lambda item: type(item).__name__)
def test_f49_rich_shows_no_more_than_the_repr(value: object) -> None:
    assert CANARY not in pretty_repr(value, expand_all=True)
    assert pretty_repr(value, max_width=1000) == repr(value)


@pytest.mark.parametrize("value", [value for value, _ in VALUES], ids=lambda item: type(item).__name__)
def test_nothing_changes_such_a_value(value: object) -> None:
    name = type(value).__struct_fields__[0]  # type: ignore[attr-defined]
    with pytest.raises(AttributeError):
        setattr(value, name, "other")
