"""Attachments up: base64 in a stream of exact length, once, or by an address at a store."""

from __future__ import annotations

import asyncio
import base64
import hashlib

import pytest

from halo_async._utils.secret import Secret
from halo_async.emulator import Fault
from halo_async.errors import (
    BadRequestError,
    ConnectionFailedError,
    InvalidRequestError,
    ServerError,
    TransportError,
    UnknownOutcomeError,
)
from halo_async.resources.attachments import sources as outgoing
from halo_async.resources.attachments import upload as uploading
from halo_async.settings import Timeouts
from halo_async.transport.streaming.presigned_put import put

BIG = 3_000_001


def posts(emulator):
    return emulator.requests("POST /Attachment")


@pytest.fixture
def big(tmp_path):
    path = tmp_path / "big plan.bin"
    path.write_bytes(bytes(range(251)) * (BIG // 251 + 1))
    with path.open("r+b") as file:
        file.truncate(BIG)
    return path


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    "size", [0, 1, 2, 3, 1000, uploading.SMALL, uploading.SMALL + 1, 2 * outgoing.STEP, BIG]
)
async def test_what_goes_up_comes_down_the_same(emulator, halo, size):
    data = bytes(range(253)) * (size // 253 + 1)
    made = await halo.attachment.upload(data[:size], ticket_id=3, filename="a.bin", note="A note")
    assert (made.filename, made.filesize, made.ticket_id, made.note) == ("a.bin", size, 3, "A note")
    assert await halo.attachment.get(made.id) == data[:size]


async def test_a_file_goes_up_under_its_own_name_with_an_exact_length(emulator, halo, big):
    made = await halo.attachment.upload(big, ticket_id=3, action_id=2)
    assert (made.filename, made.action_id) == ("big plan.bin", 2)
    (request,) = posts(emulator)
    before = len(b'[{"filename":"big plan.bin","ticket_id":3,"action_id":2,"data_base64":""}]')
    assert int(request.headers["content-length"]) == before + 4 * -(-BIG // 3)
    assert "transfer-encoding" not in request.headers
    assert request.headers["content-type"] == "application/json"
    assert emulator.file_digest(made.id) == digest(big.read_bytes())


async def test_the_body_is_one_json_array_of_one(emulator, halo):
    await halo.attachment.upload(bytearray(b"\x00\xff"), filename='quo"te.txt')
    assert posts(emulator)[0].json() == [{"filename": 'quo"te.txt', "data_base64": "AP8="}]


async def test_a_file_above_the_limit_is_refused_before_anything_is_sent(emulator, halo, big):
    with pytest.raises(InvalidRequestError, match=r"3000001 bytes and the limit is 1000. Raise max_bytes="):
        await halo.attachment.upload(big, max_bytes=1000)
    assert not posts(emulator)


@pytest.mark.parametrize(
    ("file", "options", "error", "said"),
    [
        ("nowhere.txt", {}, InvalidRequestError, "does not exist"),
        (".", {}, InvalidRequestError, "a folder"),
        (b"x", {}, InvalidRequestError, "filename="),
        (b"x", {"filename": "a", "ticketid": 3}, TypeError, "ticket_id"),
        (b"x", {"filename": "a", "id": 3}, InvalidRequestError, "creates"),
        (b"x", {"filename": "a", "data_base64": "eA=="}, InvalidRequestError, "itself"),
        (b"x", {"filename": "a", "route": "pigeon"}, InvalidRequestError, "presigned"),
        (b"x", {"filename": "a", "route": "presigned", "action_id": 2}, InvalidRequestError, "action_id"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_what_to_do(
    emulator, halo, tmp_path, monkeypatch, file, options, error, said
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=said):
        await halo.attachment.upload(file, **options)
    assert not posts(emulator)


async def test_a_response_that_never_comes_is_an_unknown_outcome_and_sent_once(emulator, halo, big):
    emulator.faults.add([Fault("F04", "POST /Attachment")])
    with pytest.raises(UnknownOutcomeError):
        await halo.attachment.upload(big)
    assert len(posts(emulator)) == 1


async def test_after_429_the_whole_body_goes_up_anew(emulator, halo, big):
    emulator.faults.add([Fault("F23", "POST /Attachment", times=2)])
    made = await halo.attachment.upload(big)
    assert [request.status for request in posts(emulator)] == [429, 429, 201]
    assert emulator.file_digest(made.id) == digest(big.read_bytes())


async def test_an_expired_token_is_renewed_and_the_body_sent_again(emulator, halo, big):
    emulator.revoke_tokens()
    made = await halo.attachment.upload(big)
    assert [request.status for request in posts(emulator)] == [401, 201]
    assert emulator.file_digest(made.id) == digest(big.read_bytes())


async def test_an_error_of_halo_is_not_repeated(emulator, halo, big):
    emulator.faults.add([Fault("F27", "POST /Attachment", "500")])
    with pytest.raises(ServerError):
        await halo.attachment.upload(big)
    assert len(posts(emulator)) == 1


@pytest.mark.parametrize("change", ["shorter", "longer", "other"])
async def test_a_file_that_changes_while_it_goes_up_is_an_error_and_nothing_is_stored(
    emulator, halo, big, monkeypatch, change
):
    read = outgoing._read_bytes

    def changing(fd, count):
        piece = read(fd, count)
        if change == "shorter":
            big.write_bytes(b"short")
        elif change == "longer":
            with big.open("ab") as file:
                file.write(b"more")
        else:
            big.write_bytes(b"y" * BIG)
        return piece

    monkeypatch.setattr(outgoing, "_read_bytes", changing)
    before = len(emulator.world.table("/Attachment"))
    with pytest.raises(InvalidRequestError, match="changed during the upload"):
        await halo.attachment.upload(big)
    assert len(emulator.world.table("/Attachment")) == before


async def test_a_cancelled_upload_leaves_the_client_in_order(emulator, halo):
    data = bytes(60_000_000)
    task = asyncio.create_task(halo.attachment.upload(data, filename="zeros", route="json"))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await halo.attachment.upload(b"x", filename="a")).filesize == 1


async def test_a_server_that_stops_reading_is_given_up(start, big):
    timeouts = Timeouts(read=0.2)
    reading, closing = asyncio.Event(), asyncio.Event()

    async def deaf(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        reading.set()
        await closing.wait()
        writer.transport.abort()

    _, halo = await start(client={"timeouts": timeouts})
    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=2**12)
    port = server.sockets[0].getsockname()[1]
    upload = outgoing.RawBody(outgoing.BytesFile(bytes(50_000_000)))
    with pytest.raises(TransportError):
        await put(halo.transport, Secret(f"http://127.0.0.1:{port}/x"), upload)
    assert reading.is_set()
    closing.set()
    server.close()
    await server.wait_closed()
    await asyncio.sleep(0.01)


@pytest.mark.parametrize("size", [5, BIG])
async def test_a_dry_run_gives_the_exact_body_and_sends_nothing(emulator, halo, size):
    data = bytes(size)
    async with halo.dry_run() as prepared:
        shown = await halo.attachment.upload(data, ticket_id=3, filename="a.bin")
    assert prepared == [shown]
    assert (shown.method, shown.url) == ("POST", f"{emulator.url}/api/Attachment")
    assert shown.json() == [
        {"ticket_id": 3, "filename": "a.bin", "data_base64": base64.b64encode(data).decode()}
    ]
    assert not posts(emulator)


async def test_a_dry_run_of_a_huge_file_says_its_length_and_holds_nothing(emulator, halo):
    async with halo.dry_run():
        shown = await halo.attachment.upload(bytes(60_000_000), filename="a.bin")
    assert shown.body is None
    assert int(shown.header("Content-Length")) == 80_000_000 + len('[{"filename":"a.bin","data_base64":""}]')
    assert not list(emulator.requests("POST /Attachment/GetS3PresignedURL"))


async def test_a_dry_run_of_the_other_way_shows_what_would_be_asked(emulator, halo):
    async with halo.dry_run():
        shown = await halo.attachment.upload(b"x", filename="a", route="presigned")
    assert shown.url.endswith("/api/Attachment/GetS3PresignedURL")
    assert not emulator.requests("POST /Attachment/GetS3PresignedURL")


# By an address at a store --------------------------------------------------------------------


@pytest.fixture
async def store(start):
    return await start(presigned=True)


def hosts(emulator) -> tuple[str, ...]:
    return (emulator.files.origin.removeprefix("http://"),)


def puts(emulator):
    return [request for request in emulator.requests if request.method == "PUT"]


async def test_a_file_goes_to_the_store_without_anything_of_the_login(store, big):
    emulator, halo = store
    made = await halo.attachment.upload(
        big, ticket_id=3, note="x", route="presigned", presigned_hosts=hosts(emulator)
    )
    assert (made.filename, made.filesize, made.ticket_id, made.note) == ("big plan.bin", BIG, 3, "x")
    assert emulator.file_digest(made.id) == digest(big.read_bytes())
    (request,) = puts(emulator)
    assert int(request.headers["content-length"]) == BIG
    sent = {"host", "accept", "accept-encoding", "user-agent", "content-length"}
    assert request.headers.keys() <= sent
    assert not posts(emulator)


async def test_a_large_file_takes_this_way_by_itself_where_the_instance_offers_it(store, monkeypatch, big):
    emulator, halo = store
    monkeypatch.setattr(uploading, "PRESIGNED_FROM", 1000)
    await halo.attachment.upload(big, presigned_hosts=hosts(emulator))
    assert len(puts(emulator)) == 1
    await halo.attachment.upload(b"small", filename="a", presigned_hosts=hosts(emulator))
    assert len(puts(emulator)) == 1


async def test_where_it_is_not_offered_a_large_file_goes_as_json_and_nobody_asks_again(
    emulator, halo, monkeypatch, big
):
    monkeypatch.setattr(uploading, "PRESIGNED_FROM", 1000)
    for _ in range(2):
        await halo.attachment.upload(big)
    assert len(emulator.requests("POST /Attachment/GetS3PresignedURL")) == 1
    assert len(posts(emulator)) == 2
    with pytest.raises(InvalidRequestError, match='route="json"'):
        await halo.attachment.upload(big, route="presigned")


async def test_a_host_that_nobody_named_gets_nothing(store, monkeypatch, big):
    emulator, halo = store
    with pytest.raises(InvalidRequestError, match="not trusted"):
        await halo.attachment.upload(big, route="presigned")
    monkeypatch.setattr(uploading, "PRESIGNED_FROM", 1000)
    await halo.attachment.upload(big)
    assert not puts(emulator)
    assert len(posts(emulator)) == 1


async def test_a_store_that_says_no_is_an_error_and_nothing_is_attached(store, big):
    emulator, halo = store
    before = len(emulator.world.table("/Attachment"))
    emulator.files.slots.clear()
    original = emulator.files.origin

    class Forgetful(dict):
        def get(self, key, default=None):
            return default

    emulator.files.slots = Forgetful()
    with pytest.raises(BadRequestError, match="403 for the file") as refusal:
        await halo.attachment.upload(big, route="presigned", presigned_hosts=hosts(emulator))
    assert "Signature" not in str(refusal.value)
    assert original is not None
    assert len(emulator.world.table("/Attachment")) == before


async def test_a_response_about_the_finished_upload_that_never_comes_is_an_unknown_outcome(store, big):
    emulator, halo = store
    emulator.faults.add([Fault("F04", "POST /Attachment/PresignedURLUploadComplete")])
    with pytest.raises(UnknownOutcomeError):
        await halo.attachment.upload(big, route="presigned", presigned_hosts=hosts(emulator))
    assert len(emulator.requests("POST /Attachment/PresignedURLUploadComplete")) == 1


async def test_a_store_out_of_reach_is_tried_again_and_then_an_error(store, big, unused_tcp_port):
    emulator, halo = store
    emulator.files.origin = f"http://127.0.0.1:{unused_tcp_port}"
    with pytest.raises(ConnectionFailedError):
        await halo.attachment.upload(
            big, route="presigned", presigned_hosts=(f"127.0.0.1:{unused_tcp_port}",)
        )
    assert halo.transport._shared.clock.slept > 0


async def test_a_proxy_of_the_environment_is_used_for_the_store_and_nothing_of_a_netrc(
    start, tmp_path, monkeypatch
):
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login canary password canary\n")
    netrc.chmod(0o600)
    emulator, halo = await start(presigned=True, client={"trust_env": True})
    upload = outgoing.RawBody(outgoing.BytesFile(b"x"))
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(BadRequestError, match="403 for the file"):
        await put(halo.transport, Secret(f"{emulator.files.origin}/bucket/x"), upload)
    (request,) = puts(emulator)
    assert "authorization" not in request.headers
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with pytest.raises(ConnectionFailedError):
        await put(halo.transport, Secret("http://store.example/x"), upload)
