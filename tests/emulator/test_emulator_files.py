"""Files of the emulator: large ones on disk, parts, names, and the store behind presigned addresses."""

from __future__ import annotations

import base64
import hashlib
import io
import json

import pytest

from halo_async.emulator.files.content import STEP, GeneratedFile, MemoryFile, digest

LARGE = bytes(range(256)) * 9000


def up(data: bytes, **fields) -> list[dict]:
    return [{"filename": "a.bin", **fields, "data_base64": base64.b64encode(data).decode()}]


@pytest.mark.parametrize("start", [0, 1, STEP - 1, STEP, STEP + 1, 2 * STEP + 5, 3 * STEP - 1])
def test_a_made_file_is_the_same_from_wherever_it_is_read(start):
    made = GeneratedFile(3, 3 * STEP - 1)
    whole = b"".join(made.pieces())
    assert len(whole) == made.size
    assert b"".join(made.pieces(start)) == whole[start:]
    assert digest(made) == digest(MemoryFile(whole))


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("prefix", ["", "data:application/pdf;base64,"])
async def test_a_large_file_goes_to_disk_and_comes_down_as_it_went_up(wire, indent, prefix):
    body = up(LARGE, note='say "data_base64" twice')
    body[0]["data_base64"] = prefix + body[0]["data_base64"]
    sent = io.BytesIO(json.dumps([*body, *up(LARGE[::-1])], indent=indent).encode())
    response = await wire.call("POST", "/Attachment", data=sent, headers={"Content-Type": "application/json"})
    first, second = response.json()
    assert (first["filesize"], first["note"]) == (len(LARGE), 'say "data_base64" twice')
    assert "data_base64" not in first
    assert (await wire.get(f"/Attachment/{first['id']}")).body == LARGE
    assert (await wire.get(f"/Attachment/{second['id']}")).body == LARGE[::-1]
    assert len(wire.emulator.requests("POST /Attachment")[0].body) < 1000


async def test_what_is_no_base64_is_refused(wire):
    response = await wire.post("/Attachment", [{"filename": "a", "data_base64": "!"}])
    assert response.status == 400


async def test_a_file_can_be_had_from_anywhere_to_its_end(wire):
    id = wire.emulator.attach(1000)
    whole = (await wire.get(f"/Attachment/{id}")).body
    part = await wire.call("GET", f"/Attachment/{id}", headers=await logged_in(wire, Range="bytes=900-"))
    assert (part.status, part.body) == (206, whole[900:])
    assert part.headers["Content-Range"] == "bytes 900-999/1000"
    beyond = await wire.call("GET", f"/Attachment/{id}", headers=await logged_in(wire, Range="bytes=1000-"))
    assert beyond.status == 416


async def logged_in(wire, **headers):
    return {"Authorization": f"Bearer {wire.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}


async def test_a_part_of_another_version_is_the_whole_and_without_ranges_so_is_every_part(wire):
    id = wire.emulator.attach(1000)
    other = await logged_in(wire, Range="bytes=900-", If_Range='"another"')
    assert (await wire.call("GET", f"/Attachment/{id}", headers=other)).status == 200
    wire.emulator.files.ranges = False
    response = await wire.call("GET", f"/Attachment/{id}", headers=await logged_in(wire, Range="bytes=900-"))
    assert (response.status, len(response.body)) == (200, 1000)
    assert "Accept-Ranges" not in response.headers


async def test_a_huge_file_is_made_while_it_is_sent(wire):
    id = wire.emulator.attach(30_000_000, filename="größe.bin")
    response = await wire.get(f"/Attachment/{id}")
    assert hashlib.sha256(response.body).hexdigest() == wire.emulator.file_digest(id)
    said = response.headers["Content-Disposition"]
    assert said == "attachment; filename=\"gr__e.bin\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.bin"


async def test_a_disposition_can_be_any_text_or_missing(wire):
    odd = wire.emulator.attach(5, disposition='inline; filename="../x"')
    none = wire.emulator.attach(5, disposition="")
    assert (await wire.get(f"/Attachment/{odd}")).headers["Content-Disposition"] == 'inline; filename="../x"'
    assert "Content-Disposition" not in (await wire.get(f"/Attachment/{none}")).headers


async def test_a_reset_forgets_what_was_sent(wire):
    id = wire.emulator.attach(5)
    wire.emulator.reset()
    assert (await wire.get(f"/Attachment/{id}")).status == 404


ASKED = {
    "filename": "a.bin",
    "filesize": 5,
    "_tempid": "8b2e0c52-0b8e-4a39-9a58-0e7c5a4d2f11",
    "ticket_id": 3,
}


async def test_without_a_store_no_address_is_given(wire):
    response = await wire.post("/Attachment/GetS3PresignedURL", [ASKED])
    assert "://" not in response.body.decode()


async def test_a_file_goes_by_the_store(start):
    wire = await start(presigned=True)
    url = (await wire.post("/Attachment/GetS3PresignedURL", [ASKED])).json()["url"]
    assert not url.startswith(wire.emulator.url)
    early = await wire.post("/Attachment/PresignedURLUploadComplete", [ASKED])
    assert (early.status, early.json()) == (400, "The file was not uploaded")
    url = (await wire.post("/Attachment/GetS3PresignedURL", [ASKED])).json()["url"]
    async with wire.session.put(url, data=b"12345") as response:
        assert response.status == 200
    row = (await wire.post("/Attachment/PresignedURLUploadComplete", [ASKED])).json()
    assert (row["filename"], row["filesize"], row["ticket_id"]) == ("a.bin", 5, 3)
    assert (await wire.get(f"/Attachment/{row['id']}")).body == b"12345"


async def test_the_store_wants_its_signature_and_no_login(start):
    wire = await start(presigned=True)
    url = (await wire.post("/Attachment/GetS3PresignedURL", [ASKED])).json()["url"]
    async with wire.session.put(url.partition("?")[0], data=b"12345") as response:
        assert response.status == 403
    async with wire.session.put(url, data=b"12345", headers={"Authorization": "Bearer x"}) as response:
        assert response.status == 400
    async with wire.session.get(url) as response:
        assert response.status == 403


async def test_a_file_of_another_size_than_asked_for_is_refused(start):
    wire = await start(presigned=True)
    url = (await wire.post("/Attachment/GetS3PresignedURL", [ASKED])).json()["url"]
    async with wire.session.put(url, data=b"123456") as response:
        assert response.status == 200
    assert (await wire.post("/Attachment/PresignedURLUploadComplete", [ASKED])).status == 400
