"""A body is sent as what the document says it is: text as text, bytes as bytes, a form as a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from halo_async import ClientCredentials, Halo, InvalidRequestError
from halo_async import decorators as op
from halo_async._operations.resource import Resource
from halo_async.emulator import Emulator


class Notes(Resource):
    @op.call("/Notify/text", body="text/plain")
    async def text(self, body: str | bytes) -> Any: ...

    @op.call("/Notify/any", body="*/*")
    async def anything(self, body: str | bytes) -> Any: ...

    @op.call("/Notify/bytes", body="application/octet-stream")
    async def bytes_(self, body: str | bytes) -> Any: ...

    @op.call("/Notify/form", body="application/x-www-form-urlencoded")
    async def form(self, body: Mapping[str, Any]) -> Any: ...

    @op.call("/Notify/patch", method="PATCH", body="application/merge-patch+json")
    async def patch(self, body: Mapping[str, Any]) -> Any: ...


SENT = [
    ("text", "Grüße", "text/plain; charset=utf-8", "Grüße".encode()),
    ("text", b"raw", "text/plain", b"raw"),
    ("anything", "a text", "text/plain; charset=utf-8", b"a text"),
    ("anything", b"\x00\x01", "application/octet-stream", b"\x00\x01"),
    ("bytes_", bytearray(b"\x00"), "application/octet-stream", b"\x00"),
    (
        "form",
        {"a b": "x&y", "n": [1, 2], "on": True},
        "application/x-www-form-urlencoded",
        b"a+b=x%26y&n=1&n=2&on=true",
    ),
    ("patch", {"a": None}, "application/merge-patch+json", b'{"a":null}'),
]


@pytest.mark.parametrize(("method", "body", "kind", "content"), SENT)
async def test_the_wire_carries_the_type_and_the_bytes_that_were_meant(method, body, kind, content):
    async with Emulator(tickets=1, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, dry_run=True) as halo:
            shown = await getattr(Notes(halo.sender), method)(body)
            assert dict(shown.headers)["Content-Type"] == kind
            assert shown.body == content
        async with Halo(emulator.url, credentials) as halo:
            with pytest.raises(Exception, match="Notify"):
                await getattr(Notes(halo.sender), method)(body)
        sent = next(entry for entry in reversed(list(emulator.requests)) if "Notify" in entry.path)
        headers = {name.lower(): value for name, value in sent.headers.items()}
        assert headers["content-type"] == kind
        assert sent.body == content


@pytest.mark.parametrize(
    ("method", "body", "error"),
    [
        ("text", {"a": 1}, TypeError),
        ("form", "a=1", TypeError),
        ("text", "\ud800", InvalidRequestError),
    ],
)
async def test_what_cannot_be_sent_so_is_refused_before_anything_is_sent(method, body, error):
    async with Emulator(tickets=1, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials) as halo:
            with pytest.raises(error):
                await getattr(Notes(halo.sender), method)(body)
        assert not [entry for entry in emulator.requests if "Notify" in entry.path]


async def test_the_callers_own_content_type_wins():
    async with Emulator(tickets=1, rate_limit=None) as emulator:
        credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
        async with Halo(emulator.url, credentials, dry_run=True) as halo:
            notes = Notes(halo.sender).with_options(headers={"content-type": "application/xml"})
            shown = await notes.anything("<a/>")
    named = [value for name, value in shown.headers if name.lower() == "content-type"]
    assert named[-1] == "application/xml"
