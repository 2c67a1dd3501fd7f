"""In a dry run no write is sent, and what would have been is handed back: exact, and without secrets."""

from __future__ import annotations

import asyncio
import io
import logging
import pickle
from contextlib import suppress

import attrs
import pytest

from halo_async import Client, Halo, PreparedRequest
from halo_async._operations.resource import operations
from halo_async.api import Resources
from halo_async.auth.credentials import ApiKeyCredentials
from halo_async.emulator import Emulator
from halo_async.errors import ApiError
from halo_async.models import Ticket
from halo_async.records.record import changes
from tests.support.bulk_kit import all_of, creates, outcomes
from tests.support.operations_kit import call
from tests.support.writes_kit import client, posts

WRITES = [operation for operation in operations() if operation.method != "GET"]


def written(emulator: Emulator) -> list[str]:
    return [
        f"{entry.method} {entry.path}" for entry in emulator.requests if entry.api and entry.method != "GET"
    ]


async def test_no_operation_that_writes_sends_anything(emulator, halo):
    with halo.dry_run() as prepared:
        for operation in WRITES:
            before = len(prepared)
            await call(halo, operation)
            assert len(prepared) == before + 1, operation
            assert prepared[-1].method == operation.method, operation
    assert written(emulator) == []
    assert len(WRITES) > 550


CALLS = {
    "create": lambda halo: halo.tickets.create(Ticket(summary="Grüße", client_id=3)),
    "update": lambda halo: halo.tickets.update(3, summary="x"),
    "delete": lambda halo: halo.tickets.delete(3, reason="no longer & never"),
    "options": lambda halo: halo.tickets.with_options(params={"a": "b c", "b": [1, 2]}).upsert([{}]),
    "headers": lambda halo: halo.tickets.with_options(headers={"X-Trace": "7"}).upsert([{"id": 3}]),
    "no body": lambda halo: halo.request("POST", "/Control/clearcache"),
    "request": lambda halo: halo.request("POST", "/Tickets", json=[{"summary": "raw"}], params={"x": True}),
    "large": lambda halo: halo.tickets.create({"details": "x" * 700_000}),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
async def test_the_prepared_request_is_what_would_have_arrived(emulator, halo, name):
    with halo.dry_run() as noted:
        prepared = await CALLS[name](halo)
    assert noted == [prepared]
    assert written(emulator) == []
    with suppress(ApiError):  # it arrived, whatever became of it
        await CALLS[name](halo)
    arrived = emulator.requests[-1]
    sent = {name.lower(): value for name, value in prepared.headers}
    login = {"authorization": sent["authorization"]}
    assert sent == {**arrived.headers, **login}
    assert login == {"authorization": "***"}
    assert [name.lower() for name, _ in prepared.headers] == [name.lower() for name in arrived.headers]
    assert (prepared.method, prepared.body or b"") == (arrived.method, arrived.body)
    path, _, query = prepared.url.removeprefix(f"{emulator.url}/api").partition("?")
    assert path == arrived.path
    assert len(query.split("&") if query else []) == len(arrived.query)


async def test_a_form_is_prepared_with_its_bytes(emulator, halo):
    operation = next(operation for operation in WRITES if operation.body == "multipart")
    with halo.dry_run() as prepared:
        await halo.request("POST", "/x", json={"a": 1})
        found = halo
        for part in operation.name.split("."):
            found = getattr(found, part)
        await found({"file": ("a.csv", io.BytesIO(b"id;name"), "text/csv"), "id": 7})
    form = prepared[1]
    assert b'name="file"; filename="a.csv"' in form.body
    assert b"id;name" in form.body
    boundary = form.header("Content-Type").partition("boundary=")[2].strip('"')
    assert boundary.encode() in form.body
    assert form.header("content-length") == str(len(form.body))
    assert prepared[0].json() == {"a": 1}


async def test_every_way_of_writing_hands_it_back(emulator, halo):
    ticket = await halo.tickets.get(3)
    ticket.summary = "x"
    async with halo.dry_run() as noted:
        got = [
            await halo.tickets.create({"summary": "x"}),
            await halo.tickets.update(3, summary="x", if_unchanged=ticket),
            await halo.tickets.save(ticket),
            await halo.tickets.upsert([{"id": 4, "summary": "y"}, {"summary": "z"}]),
            await halo.tickets.delete(3),
            await halo.request("DELETE", "/Tickets/4"),
        ]
        assert all(isinstance(item, PreparedRequest) for item in got)
        assert noted == got
        assert (await halo.tickets.get(3)).id == 3  # reads are sent as always
    assert changes(ticket) == {"summary": "x"}  # it was not saved
    assert [item.json() for item in got[:4]] == [
        [{"summary": "x"}],
        [{"id": 3, "summary": "x"}],
        [{"id": 3, "summary": "x"}],
        [{"id": 4, "summary": "y"}, {"summary": "z"}],
    ]
    assert posts(emulator) == []


async def test_a_bulk_write_prepares_one_request_a_batch_and_touches_no_file(emulator, halo, tmp_path):
    rows = [*creates(12), {"id": 0}]
    with halo.dry_run() as noted:
        results, error = await all_of(
            halo.tickets.bulk_upsert(
                rows, batch_size=5, journal=tmp_path / "j", errors=tmp_path / "e", on_error="continue"
            )
        )
    assert (outcomes(results), error) == (["prepared"] * 12 + ["refused"], None)
    assert [len(item.json()) for item in noted] == [5, 5, 2]
    assert [result.prepared for result in results[:12]] == [noted[index // 5] for index in range(12)]
    assert list(tmp_path.iterdir()) == []
    assert posts(emulator) == []


async def test_a_block_holds_for_its_task_and_those_it_starts(emulator, halo):
    entered, leave = asyncio.Event(), asyncio.Event()

    async def dry() -> list[PreparedRequest]:
        with halo.dry_run() as prepared:
            entered.set()
            async with asyncio.TaskGroup() as group:
                group.create_task(halo.tickets.create({"summary": "dry"}))
            await leave.wait()
        await halo.tickets.create({"summary": "after"})
        return prepared

    task = asyncio.create_task(dry())
    await entered.wait()
    await halo.tickets.create({"summary": "outside"})
    leave.set()
    assert [item.json() for item in await task] == [[{"summary": "dry"}]]
    assert [body for _, body in posts(emulator)] == [[{"summary": "outside"}], [{"summary": "after"}]]


async def test_blocks_nest_and_other_clients_are_free(emulator, halo):
    async with client(emulator) as other:
        with halo.dry_run() as outer:
            with halo.dry_run() as inner:
                await halo.tickets.delete(1)
                await other.tickets.delete(2)
            await halo.client.delete(1)
    assert [item.url.rpartition("/api")[2] for item in inner] == ["/Tickets/1"]
    assert [item.url.rpartition("/api")[2] for item in outer] == ["/Client/1"]
    assert written(emulator) == ["DELETE /Tickets/2"]


@pytest.mark.parametrize(
    "kind", [Halo, type("Own", (Client, Resources), {})], ids=["Halo", "a package's own"]
)
async def test_a_client_can_be_dry_for_its_whole_life(emulator, kind):
    from halo_async import ClientCredentials

    credentials = ClientCredentials(emulator.client_id, emulator.client_secret)
    async with kind(emulator.url, credentials, dry_run=True) as halo:
        prepared = await halo.tickets.with_options(timeout=5).create({"summary": "x"})
        assert isinstance(prepared, PreparedRequest)
        with halo.dry_run() as noted:
            await halo.tickets.delete(5)
        assert len(noted) == 1
        assert await halo.tickets.list().first()
    assert written(emulator) == []


async def test_it_needs_no_login_and_no_network():
    from halo_async import ClientCredentials

    halo = Halo("acme.halopsa.com", ClientCredentials("id", "canary-secret"), dry_run=True)
    prepared = await halo.tickets.create({"summary": "x"})
    assert prepared.url == "https://acme.halopsa.com/api/Tickets"
    assert prepared.header("host") == "acme.halopsa.com"
    await halo.aclose()


@pytest.mark.parametrize("key", [None, "canary-api-key"])
async def test_no_secret_is_in_it_or_in_a_log(emulator, caplog, key):
    caplog.set_level(logging.DEBUG)
    async with client(emulator) as halo:
        if key is not None:
            halo = Halo(emulator.url, ApiKeyCredentials(key), rate_limit=None)
        else:
            await halo.tickets.list().first()
        token = halo.transport._tokens.cached()
        headers = {
            "X-Gateway-Token": "canary-header",
            "Ocp-Apim-Subscription-Key": "canary-key",
            "X-Plain": "shown",
        }
        with halo.dry_run() as noted:
            prepared = await halo.tickets.with_options(
                headers=headers, params={"token": "canary-param", "n": 1}
            ).create({"summary": "canary-body"})
        if key is not None:
            await halo.aclose()
    everything = "".join(
        [
            repr(prepared), str(prepared), repr(noted), str(attrs.asdict(prepared)),
            repr(pickle.loads(pickle.dumps(prepared)).headers), prepared.url, caplog.text,
        ]
    )  # fmt: skip
    secrets = [
        token.access_token.reveal(),
        emulator.client_secret,
        "canary-header",
        "canary-key",
        "canary-param",
    ]
    assert not [secret for secret in secrets if secret in everything]
    assert "canary-body" not in repr(prepared) + caplog.text
    assert prepared.header("X-Plain") == "shown"
    assert prepared.url.endswith("token=***&n=1")
    assert prepared.header("X-Halo-Api-Key" if key else "Authorization") == "***"
